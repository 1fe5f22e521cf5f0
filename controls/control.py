"""Control: a deterministic check of the records, what it tolerates, and the page that its docstring makes.

A control is a function from `Known` to findings in knowledge time: a finding holds exactly while the records known then show it. Its
docstring is its documentation: a first line that a person reads on the worklist, then one paragraph each of `SECTIONS`.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import polars as pl
from polars.selectors import by_name

from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import coalesced
from records.known import ENTER, LEAVE, Facts, Known
from records.tables import TABLES

Severity = Literal["blocker", "error", "warning", "notice"]
"""blocker: the client's own rules have it sent back, so it must not go out. error: wrong by the firm's own records, and money or trust is
lost. warning: allowed, but likely to be asked about. notice: nothing is wrong yet; a limit or a gap comes near."""
LEVEL: Final[Mapping[Severity, int]] = MappingProxyType({"notice": 1, "warning": 2, "error": 3, "blocker": 4})
"""Severity as a number, the graver the higher, for what counts findings."""

Family = Literal["rates", "head", "amounts", "time", "text", "expenses", "milestones", "retainers", "revenue", "billing"]
Unit = Literal["rate", "money", "date", "minutes", "days", "count", "text"]
"""What `expected` and `found` are, so that a page can write them in the reader's way."""
OwnerRole = Literal["billing_reviewer", "delivery_lead", "collector"]

SECTIONS: Final = ("Fires", "Silent", "Rests on", "Clears")
COLUMNS: Final[Mapping[str, pl.DataType]] = MappingProxyType(
    {
        ENTER: pl.Int64(),
        LEAVE: pl.Int64(),
        "client_id": pl.String(),
        "contract_id": pl.String(),
        "amendment_id": pl.String(),
        "project_id": pl.String(),
        "invoice_id": pl.String(),
        "line_id": pl.String(),
        "entry_id": pl.String(),
        "expense_id": pl.String(),
        "milestone_id": pl.String(),
        "schedule_id": pl.String(),
        "period": pl.String(),
        "expected": pl.String(),
        "found": pl.String(),
        "difference": pl.Int64(),
        "currency": pl.String(),
        "rests_on_table": pl.String(),
        "rests_on_id": pl.String(),
    }
)
"""What a finding says; a control gives those that it knows. `difference` is the money at stake in engine units, never negative, in
`currency`; `period` tells apart findings of one entity that come again, such as a retainer's months; `expected` and `found` are plain
(`95.00`, `2025-03-10`), of the control's `unit`."""

_TOLD: Final = by_name(*COLUMNS, require_all=False)
_NOTHING: Final = pl.DataFrame(schema=dict(COLUMNS))


@dataclass(frozen=True)
class Control:
    """One deterministic check. `says`, `fires`, `silent`, `rests_on_says` and `clears` are sentences that people read."""

    name: str
    entity: str
    """The table whose row a finding is about."""
    severity: Severity
    family: Family
    unit: Unit
    owner_role: OwnerRole
    rests_on: str
    """The table of the clause, card or record that a finding rests on, where its rows do not say."""
    tolerances: tuple[Tolerance, ...]
    says: str
    fires: str
    silent: str
    rests_on_says: str
    clears: str
    find: Callable[[Known, Terms], Facts]

    @property
    def key(self) -> str:
        """The column that names the entity of a finding."""
        return TABLES[self.entity].key[0]

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    def findings(self, known: Known) -> Facts:
        """What it finds in these records, with every column of `COLUMNS`; one finding for an entity and period at most at any instant."""
        return Facts(self.name, self.found(known).lazy())

    def found(self, known: Known) -> pl.DataFrame:
        """As `findings`, in memory."""
        said = self.find(known, Terms.of(known, self.name, self.tolerances)).frame
        # Asked for by a selector, since to ask a plan for its columns is to make it twice.
        told = said.select(_TOLD).collect()
        given = set(told.columns)
        if missing := {ENTER, LEAVE, "client_id", self.key} - given:
            raise ValueError(f"{self.name} does not say {', '.join(sorted(missing))} of what it found")
        if told.is_empty():
            return _NOTHING
        shown = [(pl.col(name) if name in given else pl.lit(None)).cast(dtype).alias(name) for name, dtype in COLUMNS.items()]
        table = pl.coalesce("rests_on_table", pl.lit(self.rests_on)).alias("rests_on_table")
        whole = told.lazy().select(shown).with_columns(table, pl.col("difference").fill_null(0).abs())
        merged = coalesced(Facts(self.name, whole), by=[self.key, "period"])
        return merged.frame.select(list(COLUMNS)).collect()


def control(
    *,
    entity: str,
    severity: Severity,
    family: Family,
    unit: Unit,
    rests_on: str,
    owner_role: OwnerRole = "billing_reviewer",
    tolerances: tuple[Tolerance, ...] = (),
) -> Callable[[Callable[[Known, Terms], Facts]], Control]:
    """Declare the function below as a control. Raises ValueError when a section of its docstring is missing or empty."""
    if TABLES[entity].key[0] not in COLUMNS or rests_on not in TABLES:
        raise ValueError(f"a finding cannot be about {entity}, or rest on {rests_on}")

    def declare(find: Callable[[Known, Terms], Facts]) -> Control:
        says, sections = described(find.__name__, inspect.getdoc(find) or "")
        fires, silent, rests_on_says, clears = (sections[name] for name in SECTIONS)
        return Control(
            *(find.__name__, entity, severity, family, unit, owner_role, rests_on, tolerances),
            *(says, fires, silent, rests_on_says, clears, find),
        )

    return declare


def described(name: str, text: str) -> tuple[str, dict[str, str]]:
    """The sentence and the sections of a control's docstring, each on one line."""
    head, *paragraphs = re.split(rf"^({'|'.join(SECTIONS)}):", text, flags=re.MULTILINE)
    sections = dict(zip(paragraphs[::2], (" ".join(body.split()) for body in paragraphs[1::2]), strict=True))
    says = " ".join(head.split())
    if not says.endswith("."):
        raise ValueError(f"{name}: its docstring begins with a sentence that a person reads on the worklist")
    if missing := [section for section in SECTIONS if not sections.get(section)]:
        raise ValueError(f"{name}: its docstring lacks {', '.join(f'{section}:' for section in missing)}")
    return says, sections
