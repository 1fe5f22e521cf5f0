"""A draft's likelihood over its lines: the parts make the whole, and what is amiss is said of the line it stands on."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.line_signals import SIGNALS
from models.dispute import DISPUTE, FLAWS
from models.estimators.line_blame import LineBlame
from models.finding import Reason
from models.line_split import LineSplit, as_evidence
from models.reasons import put_to_parts
from models.scoring import score
from tests.ledger import Ledger, Row, moment

NOW: Final = moment("2025-03-06")
DRAFTED: Final = "2025-03-05T09:00"
ASKED: Final = pl.Series(["i1"])
LEARNED: Final = replace(LineBlame.of_money(SIGNALS), weights=tuple(3.0 if name == "over_card" else 0.0 for name in SIGNALS))


def told() -> Ledger:
    """Two lines of ana: the first, of most of the money, at the card; the second 12 % over it."""
    firm = Ledger().client("c1").contract("k1", "c1").person("ana")
    firm.row("rate_card_line", "2025-01-01", {"rate_id": "r1", "contract_id": "k1", "bill_rate": 100, "effective_on": "2025-01-01"})
    firm.invoice("i1", "c1", issued=None, due=None, amount=5560, recorded=DRAFTED, contract_id="k1", project_id="j1")
    for number, hours, price in ((1, 50, 100), (2, 5, 112)):
        line: Row = {"line_id": f"i1-{number}", "invoice_id": "i1", "line_no": number, "net_amount": hours * price, "quantity": hours}
        words: Row = {"unit": "HUR", "unit_price": price, "person_id": "ana", "role": "consultant", "description": f"Task {number}"}
        firm.row("invoice_line", DRAFTED, {**line, **words, "period_start_on": "2025-02-03", "period_end_on": "2025-02-20"})
    return firm


def test_the_parts_of_a_finding_add_up_to_its_likelihood(tmp_path: Path) -> None:
    [found] = score(told().known(tmp_path), DISPUTE, None, as_of=NOW).findings
    assert len(found.lines) == 2
    assert sum(part.share for part in found.lines) == pytest.approx(1)
    if found.probability is not None:
        assert sum(part.probability or 0 for part in found.lines) == pytest.approx(found.probability)


def test_without_anything_learned_the_shares_are_those_of_the_money(tmp_path: Path) -> None:
    parts = LineSplit(told().known(tmp_path), None, as_of=NOW, invoices=ASKED).parts("i1", 0.5)
    assert [(part.line_no, round(part.share, 4)) for part in parts] == [(1, round(5000 / 5560, 4)), (2, round(560 / 5560, 4))]
    assert [part.why for part in parts] == ["", "12% over the card of 2025-01-01"]


def test_what_was_learned_moves_the_share_to_the_line_that_is_amiss(tmp_path: Path) -> None:
    parts = LineSplit(told().known(tmp_path), LEARNED, as_of=NOW, invoices=ASKED).parts("i1", 0.5)
    assert parts[0].line_no == 2
    assert sum(part.probability or 0 for part in parts) == pytest.approx(0.5)


def test_a_reason_that_speaks_of_a_line_names_it(tmp_path: Path) -> None:
    split = LineSplit(told().known(tmp_path), LEARNED, as_of=NOW, invoices=ASKED)
    price = Reason("price", "A line's price lies 12% over the card.", raises=True, effect=1.0, seen="12%", usual="0%")
    size = Reason("size", "The invoice is large.", raises=True, effect=0.5, seen="", usual="")
    against = replace(price, raises=False)
    assert [one.text for one in split.placed([price, size, against], "i1")] == [
        "Line 2: 12% over the card of 2025-01-01.",
        size.text,
        against.text,
    ]


def test_only_the_lines_of_what_is_asked_for_are_split(tmp_path: Path) -> None:
    split = LineSplit(told().known(tmp_path), LEARNED, as_of=NOW, invoices=pl.Series(["other"]))
    assert split.parts("i1", 0.5) == ()


def test_an_invoice_without_lines_has_no_parts(tmp_path: Path) -> None:
    firm = Ledger().client("c1").invoice("i1", "c1", issued=None, due=None, recorded=DRAFTED)
    parts = LineSplit(firm.known(tmp_path), LEARNED, as_of=NOW, invoices=ASKED).parts("i1", 0.5)
    assert parts == ()
    assert as_evidence(parts, currency="EUR", source="") is None


def test_evidence_tells_the_lines_beyond_a_dozen_in_one_row(tmp_path: Path) -> None:
    firm = told()
    for number in range(3, 20):
        firm.line("i1", "j1", net=10, recorded=DRAFTED, number=number)
    parts = LineSplit(firm.known(tmp_path), LEARNED, as_of=NOW, invoices=ASKED).parts("i1", None)
    table = as_evidence(parts, currency="EUR", source="")
    assert table is not None
    assert len(table.rows) == 13
    assert table.rows[-1][1] == "7 more lines"
    assert all(part.probability is None for part in parts)


lines = st.lists(st.tuples(st.integers(0, 4), st.floats(-5, 15), st.lists(st.booleans(), min_size=3, max_size=3)), min_size=1, max_size=40)


@given(lines, st.lists(st.floats(0, 5), min_size=3, max_size=3))
def test_shares_of_every_invoice_add_up_to_one(drawn: list[tuple[int, float, list[bool]]], weights: list[float]) -> None:
    invoice = np.array([one[0] for one in drawn])
    money, values = np.array([one[1] for one in drawn]), np.array([one[2] for one in drawn], dtype=np.float64)
    shares = LineBlame(("a", "b", "c"), tuple(weights)).shares(values, money, invoice)
    assert (shares >= 0).all()
    assert np.bincount(invoice, weights=shares)[np.unique(invoice)] == pytest.approx(1)


def test_what_only_counts_others_is_told_by_those_that_are_there() -> None:
    places = {one.name: place for place, one in enumerate(DISPUTE.features)}
    values, moved = np.zeros((2, len(places))), np.zeros((2, len(places)))
    counted, first, second = places["draft_flaws"], places[FLAWS[0].name], places[FLAWS[3].name]
    moved[:, counted], moved[0, first] = 0.8, 0.1
    values[0, [first, second]] = 0.12, 1
    found = put_to_parts(DISPUTE, values, moved)
    assert found[0, [counted, first, second]] == pytest.approx([0.0, 0.5, 0.4])
    assert found[1, counted] == pytest.approx(0.8)
    assert found.sum(axis=1) == pytest.approx(moved.sum(axis=1))
