"""What the simulated firm holds beside its injected errors that a control is right to tell of, recounted from the rows without the control.

Work goes on after its planned end, cards are recorded weeks after their amendment, time comes in late: a finding of that is true, though no
error of its kind was injected. Each trace is one plain question of the exported rows as they stand at the end, or as they stood when the
finding began where what came later would change the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

import polars as pl

from records.known import ENTER, LEAVE, MONEY_SCALE, Known, day_end

PRICED: Final = ("stale_rate", "wrong_grade", "duplicate", "rounding", "over_cap")
"""Errors that make fees dearer, or leave out what was written down of them."""

A_DAY: Final = 960
"""Minutes."""


@dataclass(frozen=True)
class Rows:
    """All versions of each table in engine units, and the errors that were injected."""

    known: Known
    held: pl.DataFrame
    """invoice_id, line_id, kind, contract_id of each error that is in the records."""

    def of(self, table: str) -> pl.DataFrame:
        """The last version of each row."""
        rows = self.known.versions(table).frame
        key = rows.collect_schema().names()[0]
        return rows.sort(ENTER).unique(key, keep="last", maintain_order=True).drop(ENTER, "leave", "raw", "source", "recorded_at").collect()

    def every(self, table: str) -> pl.DataFrame:
        return self.known.versions(table).frame.collect()

    def time(self) -> pl.DataFrame:
        """Versions of billable time entries, each known from `begun` to `ended`, with their project's contract, `worth` and `month`."""
        owners = self.of("project").select("project_id", "contract_id", "billing_method")
        worth = (pl.col("minutes") * pl.col("bill_rate") / 60).alias("worth")
        told = self.every("time_entry").filter("billable").join(owners, on="project_id")
        return told.with_columns(worth, month=pl.col("worked_on").dt.truncate("1mo")).rename({ENTER: "begun", LEAVE: "ended"})


Trace = Callable[[Rows, pl.DataFrame], pl.DataFrame]
"""Of findings (`row`, the columns of a finding), those that the rows bear out."""


def _outside(rows: Rows, found: pl.DataFrame, *, table: str, day: str, of: str, grace: int = 0) -> pl.DataFrame:
    """What was worked or spent before the first or after the last day of its project or contract."""
    told = found.select("row", f"{table.removeprefix('time_')}_id").join(rows.of(table), on=f"{table.removeprefix('time_')}_id")
    placed = told.select("row", "project_id", day).join(rows.of("project").select("project_id", "contract_id"), on="project_id")
    dated = placed.join(rows.of(of).select(f"{of}_id", "starts_on", "ends_on"), on=f"{of}_id")
    late = pl.col(day) > pl.col("ends_on") + timedelta(days=grace)
    return dated.filter((pl.col(day) < pl.col("starts_on")) | late)


def _unassigned(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    told = found.select("row", "entry_id").join(
        rows.of("time_entry").select("entry_id", "person_id", "project_id", "worked_on"), on="entry_id"
    )
    planned = rows.of("assignment").select("person_id", "project_id", "starts_on", "ends_on")
    covered = told.join(planned, on=["person_id", "project_id"]).filter(
        pl.col("worked_on").is_between("starts_on", pl.col("ends_on").fill_null(pl.col("worked_on")))
    )
    return told.join(covered, on="row", how="anti")


def _copied(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    said = pl.col("narrative").str.to_lowercase()
    time = rows.every("time_entry").select("entry_id", "person_id", "worked_on", "minutes", "project_id", said).unique()
    own = found.select("row", "entry_id").join(time, on="entry_id")
    met = own.join(time, on=["person_id", "worked_on", "minutes"], suffix="_other")
    letters = (pl.col(name).str.replace_all(r"[^a-z0-9]", "") for name in ("narrative", "narrative_other"))
    return met.filter((pl.col("project_id") != pl.col("project_id_other")) & (next(letters) == next(letters)))


def _long_day(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    days = (
        rows.every("time_entry")
        .unique(["entry_id", "minutes", "worked_on"])
        .group_by("person_id", "worked_on")
        .agg(pl.col("minutes").sum())
    )
    own = found.select("row", "entry_id").join(rows.every("time_entry").select("entry_id", "person_id", "worked_on"), on="entry_id")
    return own.join(days.filter(pl.col("minutes") > A_DAY), on=["person_id", "worked_on"])


def _short(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    asked = rows.every("billing_guideline").filter(pl.col("rule") == "narrative_too_short")
    words = asked.select("client_id", least=pl.col("parameters").str.json_path_match("$.words").cast(pl.Int64).fill_null(4))
    told = found.select("row", "entry_id", "client_id").join(rows.every("time_entry").select("entry_id", "narrative"), on="entry_id")
    count = pl.col("narrative").fill_null("").str.split(" ").list.eval(pl.element().filter(pl.element() != "")).list.len()
    return told.join(words, on="client_id").filter(count < pl.col("least"))


def _unreceipted(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    return found.select("row", "expense_id").join(rows.every("expense").filter(pl.col("receipt") == "missing"), on="expense_id")


def _unapproved(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Expenses that were approved after their bill had been drafted, or never."""
    told = found.select("row", "expense_id", ENTER).join(rows.of("expense").select("expense_id", "approved_at"), on="expense_id")
    return told.filter(pl.col("approved_at").is_null() | (pl.col("approved_at") > pl.col(ENTER)))


def _unbilled(rows: Rows, found: pl.DataFrame, *, table: str, key: str, day: str, bill: str, days: int) -> pl.DataFrame:
    """What was on no bill so many days after its day: on none at all, or on one that came to be known later."""
    drafts = rows.every("invoice_line" if bill == "invoice_line_id" else "invoice")
    known = drafts.group_by(pl.first().alias(bill)).agg(pl.col(ENTER).min().alias("billed"))
    told = rows.of(table).join(known, on=bill, how="left").filter(pl.col(day).is_not_null())
    late = told.filter(pl.col("billed").is_null() | (pl.col("billed") > day_end(day) + timedelta(days=days) // timedelta(microseconds=1)))
    return found.select("row", key).join(late.select(key).unique(), on=key)


def _late_time(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Lines whose days are those of the time that they bill: it came in late."""
    first = rows.every("time_entry").group_by(line_id="invoice_line_id").agg(pl.col("worked_on").min())
    told = found.select("row", "line_id").join(rows.of("invoice_line").select("line_id", "period_start_on"), on="line_id")
    return told.join(first, on="line_id").filter(pl.col("worked_on") == pl.col("period_start_on"))


def _card_recorded_later(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Lines whose price stands on a card of their contract that was recorded after the line: the bill knew of it first."""
    told = found.select("row", "line_id", "contract_id", ENTER).join(
        rows.of("invoice_line").select("line_id", "role", "unit_price", "period_start_on"), on="line_id"
    )
    cards = rows.every("rate_card_line").select("contract_id", "role", "bill_rate", "effective_on", recorded=pl.col(ENTER))
    met = told.join(cards, on=["contract_id", "role"]).filter(pl.col("bill_rate") == pl.col("unit_price"))
    return met.filter((pl.col("effective_on") <= pl.col("period_start_on")) & (pl.col("recorded") > pl.col(ENTER)))


def _dearer(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Contracts in whose bills errors make the fees dearer than what was held to the cap."""
    return found.join(rows.held.filter(pl.col("kind").is_in(PRICED)), on="contract_id", how="semi")


def _near_cap(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    bills = rows.every("invoice").join(rows.of("project").select("project_id", of_project="contract_id"), on="project_id", how="left")
    owned = bills.select("invoice_id", contract_id=pl.coalesce("contract_id", "of_project")).unique("invoice_id")
    fees = rows.of("invoice_line").filter(pl.col("kind").is_in(["time", "adjustment"])).join(owned, on="invoice_id")
    billed = fees.group_by("contract_id").agg(pl.col("net_amount").sum())
    met = found.select("row", "contract_id").join(rows.every("contract").select("contract_id", "cap_amount"), on="contract_id")
    return met.join(billed, on="contract_id").filter(pl.col("net_amount") >= pl.col("cap_amount") * 9 // 10)


def _month(rows: Rows, found: pl.DataFrame, *, over: float | None = None, under: float | None = None) -> pl.DataFrame:
    """Months whose time, as it was on record when the finding began, is worth more or less than a share of the retainer."""
    asked = found.select("row", "contract_id", ENTER, month=(pl.col("period") + "-01").str.to_date())
    time = rows.time().filter(pl.col("billing_method") == "retainer")
    told = asked.join(time.select("contract_id", "month", "worth", "begun", "ended"), on=["contract_id", "month"])
    spent = told.filter(_then()).group_by("row", "contract_id").agg(pl.col("worth").sum())
    paid = spent.join(rows.every("contract").select("contract_id", fee="retainer_amount_month").unique(), on="contract_id")
    more = pl.col("worth") > pl.col("fee") * (over or float("inf"))
    return paid.filter(more if over is not None else pl.col("worth") < pl.col("fee") * (under or 0.0))


def _recognised(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Months of which revenue and the worth of the time on record when the finding began differ by over a quarter of the larger."""
    plans = rows.of("revenue_schedule").select("schedule_id", "project_id", "period_start_on", "recognized_amount")
    asked = found.select("row", "schedule_id", ENTER).join(plans, on="schedule_id")
    time = rows.time().select("project_id", "worth", "begun", "ended", period_start_on="month")
    told = asked.join(time, on=["project_id", "period_start_on"], how="left")
    worth = pl.col("worth").filter(_then()).sum()
    both = told.group_by("row", "recognized_amount").agg(worth)
    apart = (pl.col("worth") - pl.col("recognized_amount")).abs()
    return both.filter(apart > 0.25 * pl.max_horizontal("worth", "recognized_amount") - MONEY_SCALE)


def _then() -> pl.Expr:
    """Whether a version of an entry was the one known when the finding began."""
    return (pl.col("begun") <= pl.col(ENTER)) & (pl.col(ENTER) < pl.col("ended"))


def _no_card_yet(rows: Rows, found: pl.DataFrame) -> pl.DataFrame:
    """Amendments of rates of which no card had been recorded when the finding began."""
    signed = rows.every("contract_amendment").select("amendment_id", "contract_id", "effective_on")
    told = found.select("row", "amendment_id", begun=pl.col(ENTER)).join(signed, on="amendment_id")
    there = told.join(rows.every("rate_card_line").select("contract_id", "effective_on", ENTER), on=["contract_id", "effective_on"])
    return told.join(there.filter(pl.col(ENTER) <= pl.col("begun")), on="row", how="anti")


TRACES: Final[Mapping[str, tuple[str, Trace]]] = MappingProxyType(
    {
        "rate_below_card": ("the card came to be recorded after the bill", _card_recorded_later),
        "rate_of_wrong_date": ("the card came to be recorded after the bill", _card_recorded_later),
        "work_outside_contract": (
            "work goes on beyond the contract",
            partial(_outside, table="time_entry", day="worked_on", of="contract"),
        ),
        "work_outside_project": (
            "work goes on beyond the project's planned end",
            partial(_outside, table="time_entry", day="worked_on", of="project", grace=14),
        ),
        "work_outside_assignment": ("work goes on beyond the assignment", _unassigned),
        "expense_outside_dates": (
            "work goes on beyond the project's planned end",
            partial(_outside, table="expense", day="incurred_on", of="project", grace=14),
        ),
        "same_hours_on_two_projects": ("two projects have the same minutes and text of a day", _copied),
        "more_than_the_day_holds": ("the day's entries, their corrections with them, come to over 16 hours", _long_day),
        "narrative_too_short": ("the client's guideline asks for more words", _short),
        "expense_without_receipt": ("the receipt is missing", _unreceipted),
        "expense_not_approved": ("approved after the draft, or never", _unapproved),
        "milestone_not_billed": (
            "billed later, or by no bill",
            partial(_unbilled, table="milestone", key="milestone_id", day="accepted_on", bill="invoice_id", days=45),
        ),
        "time_not_billed": (
            "billed later, or by no bill",
            partial(_unbilled, table="time_entry", key="project_id", day="worked_on", bill="invoice_line_id", days=60),
        ),
        "expense_not_billed": (
            "billed later, or by no bill",
            partial(_unbilled, table="expense", key="expense_id", day="incurred_on", bill="invoice_line_id", days=45),
        ),
        "line_outside_period": ("the time that it bills came in late", _late_time),
        "cap_exceeded": ("errors in the contract's bills raise its fees", _dearer),
        "cap_nearly_reached": ("nine tenths of the cap are billed", _near_cap),
        "retainer_overused": ("the month's time is worth over 1.2 of the fee", partial(_month, over=1.2)),
        "retainer_underused": ("the month's time is worth under half of the fee", partial(_month, under=0.5)),
        "revenue_ahead": ("recognised and worked differ by over a quarter", _recognised),
        "revenue_behind": ("recognised and worked differ by over a quarter", _recognised),
        "amendment_not_reflected": ("no card of its day was recorded by then", _no_card_yet),
    }
)
"""Control -> what of the firm it tells, and how that is recounted."""
