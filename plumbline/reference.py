"""The pages of docs/ that are made from the declarations: `make docs` writes them, `make check` refuses old ones."""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from controls.catalog import CONTROLS
from controls.control import Control
from features.feature import Feature
from models.catalog import RISKS
from models.reasons import as_text
from models.risk import Direction, Risk, Target
from models.segment import Segment
from records.table import Column, Table
from records.tables import TABLES
from service.app import create_app
from service.settings import Settings

MADE: Final = "<!-- Made by `make docs` from the declarations: change those. -->"

DOES: Final[Mapping[Direction, str]] = MappingProxyType({1: "raises", 0: "either way", -1: "lowers"})
ABSENT: Final = MappingProxyType({"zero": "nothing happened", "unknown": "not known"})


def risks_page() -> str:
    """Every risk: what is scored and when, against which outcome and rule, from which signals; and what each signal is."""
    signals = {one.name: one for risk in RISKS for one in (*risk.features, *risk.rules)}
    parts = [MADE, "", "# Risks", "", "What is scored, and from what. The words are those of the [glossary](glossary.md)."]
    for risk in RISKS:
        parts += ["", *_risk(risk)]
    parts += ["", "## Signals", "", "Every signal is worked out from what was known at the instant of scoring, and from nothing later.", ""]
    parts += _table(("signal", "what it is", "unit", "empty means"), (_signal(one) for _, one in sorted(signals.items())))
    return "\n".join(parts) + "\n"


def _risk(risk: Risk) -> list[str]:
    declared_in = inspect.getdoc(import_module(f"models.{risk.name}")) or ""
    examples = [f"- {line}" for line in declared_in.splitlines() if line.startswith(("Fires:", "Silent:"))]
    days = ", ".join(str(age) for age in risk.ages_days)
    return [
        f"## `{risk.name}`",
        "",
        f"{risk.says}. Shown to the {risk.owner_role.replace('_', ' ')}.",
        f"Scored for each {risk.entity}; learned from it as it stood {days} days after it first came to be at risk.",
        "",
        *examples,
        "",
        *_table(("outcome", "it will be", "simple rule that the model is held against"), (_target(target) for target in risk.targets)),
        "",
        *_table(("a model is judged apart by", "signal", "from"), (_segment(one) for one in risk.segments)),
        "",
        *_table(("signal", "more of it"), ((f"`{use.feature.name}`", DOES[use.direction]) for use in risk.uses)),
    ]


def _target(target: Target) -> tuple[str, str, str]:
    return f"`{target.name}`", target.says, f"{target.rule_says} (`{target.rule.name}`)"


def _segment(one: Segment) -> tuple[str, str, str]:
    borders = [as_text(one.feature.unit, border, "") for border in one.borders]
    return one.name, f"`{one.feature.name}`", "yes or no" if one.feature.unit == "yes_no" else ", ".join(borders) or "thirds of the rows"


def _signal(one: Feature) -> tuple[str, str, str, str]:
    return f"`{one.name}`", one.says, one.unit.replace("_", " or "), ABSENT[one.missing]


def controls_page() -> str:
    """Every control: what it says, when it fires and when it is silent, what it rests on, what clears it and what it tolerates."""
    parts = [MADE, "", "# Controls", "", "Checks that are certain: each fires by the firm's own records, and says what it rests on."]
    parts += ["A tolerance may be set otherwise for a client by a `billing_guideline` whose `rule` is the control's name"]
    parts += ["([clients' guidelines](guidelines.md)).", ""]
    parts += _table(
        ("control", "what it says", "severity", "about"),
        ((f"[`{one.name}`](#{one.name})", one.says, one.severity, f"`{one.entity}`") for one in CONTROLS),
    )
    for control in CONTROLS:
        parts += ["", *_control(control)]
    return "\n".join(parts) + "\n"


def _control(one: Control) -> list[str]:
    said = (("Fires", one.fires), ("Silent", one.silent), ("Rests on", one.rests_on_says), ("Clears", one.clears))
    tolerances = ((f"`{each.name}`", f"{each.default}", each.unit, each.reason) for each in one.tolerances)
    told = ["", *_table(("tolerance", "usual", "unit", "why that much"), tolerances)] if one.tolerances else []
    return [f"## `{one.name}`", "", one.says, "", *(f"- {section}: {text}" for section, text in said), *told]


def tables_page() -> str:
    """Every canonical table and its columns, as an import may bring them."""
    parts = [
        MADE,
        "",
        "# Tables",
        "",
        "Every source is mapped onto these. Any subset may be imported, as `<table>.csv` or `<table>.parquet`.",
    ]
    parts += ["Every table also has `source`, `recorded_at` (the instant from which the firm's systems held this version) and `deleted`."]
    parts += [
        "Where a row has no `recorded_at`, its first filled ◆ column tells since when it was known, and of what is planned the ◇ column"
    ]
    parts += ["([when a row was known](import.md#when-a-row-was-known))."]
    for table in TABLES.values():
        parts += ["", *_canonical(table)]
    return "\n".join(parts) + "\n"


def _canonical(table: Table) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    columns = _table(("column", "kind", "filled", "notes"), (_column(column) for column in table.columns))
    return [f"## `{table.name}`", "", f"Key: {key}. Of record in: {table.of_record}.", "", *columns]


def _column(column: Column) -> tuple[str, str, str, str]:
    notes = (
        f"of `{column.references}`" if column.references else "",
        "an event: empty until it has happened" if column.event else "",
        f"gives {', '.join(f'`{name}`' for name in column.gives)}" if column.gives else "",
        "◇ planned: without `recorded_at` the row is known since the start of its year" if column.planned else "",
        "◆ stands in for a missing `recorded_at`" if column.known and not column.planned else "",
    )
    kind = ", ".join(column.values) or column.kind
    return f"`{column.name}`", kind, "always" if column.required else "may be empty", "; ".join(note for note in notes if note)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def openapi_page() -> str:
    """The API's own description, so that a change of it is seen where it is made."""
    with TemporaryDirectory() as home:
        document = create_app(Settings(home=Path(home))).openapi()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {"risks.md": risks_page, "controls.md": controls_page, "tables.md": tables_page, "openapi.json": openapi_page}
)
"""File below docs/ -> what it must hold."""


if __name__ == "__main__":
    for name, page in PAGES.items():
        Path("docs", name).write_text(page(), encoding="utf-8")
