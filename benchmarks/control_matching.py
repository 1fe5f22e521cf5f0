"""Findings of controls beside the errors that the simulator injected, and beside what else it put there that they are right to tell of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from benchmarks.control_traces import TRACES, Rows
from controls.catalog import CONTROLS, findings
from controls.facts.bills import charged
from records.known import ENTER, Known
from simulation.cycle import SECOND_PART

EXPRESSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "stale_rate": ("rate_above_card", "rate_of_wrong_date", "rate_below_card"),
        "wrong_grade": ("role_not_as_assigned",),
        "duplicate": ("duplicate_line", "near_duplicate_line"),
        "out_of_period": ("line_outside_period", "period_already_billed"),
        "over_cap": ("cap_exceeded",),
        "missing_po": ("po_missing",),
        "unapproved_expense": ("expense_not_approved",),
        "vague_text": ("vague_line",),
        "wrong_entity": ("legal_entity_mismatch",),
        "milestone_unsigned": ("milestone_before_acceptance",),
        "rounding": ("line_arithmetic",),
        "split": ("split_bill",),
    }
)
"""Kind of injected error -> the controls that say it; `wrong_contact` leaves no trace in the records."""
ON_THE_BILL: Final = ("milestone_unsigned", "over_cap")
"""Kinds that are told of the bill: the truth draws one of its milestones, and names the line that was left out of it."""
COPY: Final = "-D"
"""Ends the id of a line that the firm billed twice; the truth names the first."""
TOP_ROLE: Final = "partner"
"""The grade that no other stands above."""
_OF: Final = ("client_id", "contract_id", "project_id", "invoice_id", "line_id", "entry_id", "expense_id", "milestone_id", "schedule_id")
_WHOSE: Final = (*_OF, "amendment_id", "period")


def in_records(known: Known, faults: pl.DataFrame) -> pl.DataFrame:
    """The errors that are on a bill that was ever made, with its `contract_id`, and whether each has changed something (`told`).

    Three have not: a higher grade of a partner, above whom there is none; a split of a draft of one line, which has no second part; and a
    write-down to the cap that was left out where the fees of all bills that stand are within it, since another bill was cancelled.
    """
    drafted = known.derived(charged).frame.select("invoice_id", "contract_id").unique("invoice_id").collect()
    held = faults.unique(["invoice_id", "line_id", "kind"]).join(drafted, on="invoice_id")
    lines = (
        known.versions("invoice_line").frame.unique("line_id").select("line_id", "person_id", "invoice_id", "kind", "net_amount").collect()
    )
    people = known.versions("person").frame.unique("person_id").select("person_id", "role").collect()
    roles = lines.join(people, on="person_id").select("line_id", grade="role")
    count = lines.group_by("invoice_id").agg(lines=pl.len())
    told = held.join(roles, on="line_id", how="left").join(count, on="invoice_id", how="left")
    told = told.join(_within_cap(known, lines.join(drafted, on="invoice_id")), on="contract_id", how="left")
    number = pl.col("invoice_id").str.split("-").list
    part = pl.concat_str(number.first(), (number.last().cast(pl.Int64) % SECOND_PART).cast(pl.String), pl.col("kind"), separator=" ")
    alone = (pl.col("kind") == "split") & (pl.col("lines") == 1) & (pl.len().over(part) == 1)
    nothing = (
        alone | ((pl.col("kind") == "wrong_grade") & (pl.col("grade") == TOP_ROLE)) | ((pl.col("kind") == "over_cap") & pl.col("within"))
    )
    return told.with_columns(told=~nothing.fill_null(value=False)).drop("grade", "lines", "within")


def _within_cap(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """contract_id, and whether the fees of its bills that were not cancelled are `within` its highest cap."""
    cancelled = known.versions("invoice").frame.filter(pl.col("cancelled_at").is_not_null()).collect()
    fees = lines.filter(pl.col("kind").is_in(["time", "adjustment"])).join(cancelled, on="invoice_id", how="anti")
    caps = known.versions("contract").frame.group_by("contract_id").agg(pl.col("cap_amount").max()).collect()
    billed = fees.group_by("contract_id").agg(pl.col("net_amount").sum()).join(caps, on="contract_id")
    return billed.select("contract_id", within=pl.col("net_amount") <= pl.col("cap_amount"))


def judged(known: Known, faults: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of each kind of error: how many are in the records, and were ever found. Of each control: what it found, and why.

    An error is found when a control that expresses it speaks of its line, or of its invoice where it sits on the head. A finding of two
    lines that are alike, or of two bills of one period, speaks of both.
    """
    if unknown := {name for names in EXPRESSES.values() for name in names} - {one.name for one in CONTROLS}:
        raise SystemExit(f"no control is called {', '.join(sorted(unknown))}")
    found = known.derived(findings).frame.group_by("control", *_WHOSE, maintain_order=True)
    every = found.agg(pl.col(ENTER).min(), pl.col("rests_on_id", "rests_on_table").first()).with_row_index("row").collect()
    rows = Rows(known, in_records(known, faults))
    kinds = []
    for kind, controls in EXPRESSES.items():
        own = rows.held.filter(pl.col("kind") == kind).with_row_index("error")
        hit = matched(own.filter("told"), every.filter(pl.col("control").is_in(controls)), whole_bill=kind in ON_THE_BILL)[
            "error"
        ].n_unique()
        expected = own["told"].sum()
        kinds.append(
            {
                "error": kind,
                "injected": own.height,
                "changed nothing": own.height - expected,
                "found": hit,
                "recall": hit / expected if expected else None,
            }
        )
    return pl.DataFrame(kinds), pl.DataFrame([_explained(control.name, every, rows) for control in CONTROLS])


def matched(errors: pl.DataFrame, said: pl.DataFrame, *, whole_bill: bool = False) -> pl.DataFrame:
    """Each error (`error`) with each finding (`row`) that speaks of it."""
    pairs = []
    for at, of in (("line_id", "invoice_line"), ("invoice_id", "invoice")):
        placed = errors if at == "line_id" or whole_bill else errors.filter(pl.col("line_id").is_null())
        spoken = said if at == "line_id" or whole_bill else said.filter(pl.col("line_id").is_null())
        twin = spoken.filter(pl.col("rests_on_table") == of).select("row", at=pl.col("rests_on_id"))
        both = pl.concat([spoken.select("row", at=pl.col(at)), twin]).drop_nulls().unique()
        pairs.append(placed.select("error", at=pl.col(at)).drop_nulls().join(both, on="at").select("error", "row"))
    return pl.concat(pairs).unique()


def _explained(control: str, found: pl.DataFrame, rows: Rows) -> dict[str, str | int | float | None]:
    """What one control found: an error of its own kind, what the firm's rows bear out, another error of its line or head, or nothing."""
    said = found.filter(pl.col("control") == control)
    kinds = [kind for kind, names in EXPRESSES.items() if control in names]
    copies = rows.held.filter(pl.col("kind") == "duplicate").with_columns(pl.col("line_id") + COPY)
    placed = pl.concat([rows.held, copies])
    own, other = (placed.filter(pl.col("kind").is_in(kinds) == of).with_row_index("error") for of in (True, False))
    bill = any(kind in ON_THE_BILL for kind in kinds)
    rest, counted = said, {}
    for name, explained in (
        ("its error", matched(own, said, whole_bill=bill)),
        ("the firm", TRACES[control][1](rows, said) if control in TRACES and not said.is_empty() else said.clear()),
        ("another", matched(other, said)),
    ):
        kept = rest.join(explained, on="row", how="anti")
        counted[name] = rest.height - kept.height
        rest = kept
    precision = 1 - rest.height / said.height if said.height else None
    return {"control": control, "found": said.height, **counted, "unexplained": rest.height, "precision": precision}
