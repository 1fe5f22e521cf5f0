"""The fingerprint of a risk's features: what their code means, not how it is written. Tried on modules of the test's own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from features.feature import Feature, fingerprint
from models.catalog import RISKS
from models.risk import Risk

SOURCE = '''"""What an invoice weighs."""

from features.feature import feature
from features.histories import issued
from features.signal import Signal, count

DAYS = 90


@feature(unit="count", group="size", phrase="invoices: {seen}", missing="zero")
def weight(known: object) -> Signal:
    """How many there were."""
    return count(known.derived(issued), by="client_id", days=DAYS)
'''
SAME = (
    ("a comment", lambda text: text.replace("DAYS = 90", "# A quarter.\nDAYS = 90  # days")),
    ("the module's docstring", lambda text: text.replace("What an invoice weighs.", "Weights.")),
    ("a function's docstring", lambda text: text.replace("How many there were.", "The number of them.")),
    ("layout", lambda text: text.replace("days=DAYS)", "\n        days=DAYS,\n    )").replace("\n\n\n", "\n\n\n\n")),
    ("quotes", lambda text: text.replace('"size"', "'size'")),
)
OTHER = (
    ("a constant", lambda text: text.replace("DAYS = 90", "DAYS = 91")),
    ("the arithmetic", lambda text: text.replace("days=DAYS)", "days=DAYS) + 1.0")),
    ("the key", lambda text: text.replace('by="client_id"', "by=None")),
    ("the unit", lambda text: text.replace('unit="count"', 'unit="share"')),
    ("the rule for what is missing", lambda text: text.replace(', missing="zero"', "")),
)
Change = Callable[[str], str]


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[str], Feature]]:
    """Makes a module of a text and gives its feature."""
    names: list[str] = []

    def write(text: str) -> Feature:
        path = tmp_path / f"written_{len(names)}.py"
        path.write_text(text, encoding="utf-8")
        names.append("written")
        found = importlib.util.spec_from_file_location("written", path)
        assert found is not None
        assert found.loader is not None
        module: ModuleType = importlib.util.module_from_spec(found)
        sys.modules["written"] = module
        found.loader.exec_module(module)
        feature = module.weight
        assert isinstance(feature, Feature)
        return feature

    yield write
    sys.modules.pop("written", None)


@pytest.mark.parametrize("change", [change for _, change in SAME], ids=[what for what, _ in SAME])
def test_what_does_not_change_the_meaning_does_not_change_it(change: Change, written: Callable[[str], Feature]) -> None:
    assert change(SOURCE) != SOURCE
    assert fingerprint([written(SOURCE)]) == fingerprint([written(change(SOURCE))])


@pytest.mark.parametrize("change", [change for _, change in OTHER], ids=[what for what, _ in OTHER])
def test_a_change_of_the_meaning_changes_it(change: Change, written: Callable[[str], Feature]) -> None:
    assert change(SOURCE) != SOURCE
    assert fingerprint([written(SOURCE)]) != fingerprint([written(change(SOURCE))])


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)
def test_the_order_of_columns_is_part_of_it(risk: Risk) -> None:
    assert fingerprint(risk.features) == fingerprint(list(risk.features))
    assert fingerprint(risk.features) != fingerprint(risk.features[::-1])
    assert fingerprint(risk.features) != fingerprint(risk.features[1:])
