"""What people and systems do to records on their way into an export.

Fields left empty, typing slips, codes that change with a migration, clock readings without their zone, entries made weeks late, clients
merged, rows exported twice. Every kind is a pure function of the seed and the row's own id, so that the dirt of one row depends on no
other. No row becomes invalid: all of it loads, and what is wrong with it has to be seen in what it says.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from records.table import Table
from simulation.days import DAY_MICROS, HOUR_MICROS
from simulation.draws import Ints
from simulation.plan import Plan

TWICE: Final = 0.002
"""Share of rows that an export holds twice."""
EMPTY: Final = 0.015
EMPTIED: Final[Mapping[str, tuple[str, ...]]] = {
    "client": ("segment", "country"),
    "project": ("practice",),
    "time_entry": ("task", "task_code"),
    "payment": ("method", "remittance_text"),
    "dispute": ("text",),
}
MISTYPED: Final = 0.02
TYPED: Final[Mapping[str, str]] = {"time_entry": "narrative", "dispute": "text"}
SLIPS: Final = (("the ", "teh "), ("ie", "ei"), ("tt", "t"), ("on ", "onn "))
MIGRATED_AT: Final = 0.6
"""Share of the firm's months after which its systems write other codes."""
NEW_CODES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "time_entry": ("task_code", {"A101": "10-ANL", "D201": "20-DES", "I301": "30-IMP", "R401": "40-REV", "W501": "50-WSH"}),
    "invoice_line": ("task_code", {"A101": "10-ANL", "D201": "20-DES", "I301": "30-IMP", "R401": "40-REV", "W501": "50-WSH"}),
    "expense": ("category", {"travel": "T-100", "lodging": "T-200", "materials": "M-100"}),
}
BACK_DATED: Final = 0.02
BACK_DATED_DAYS: Final = (3, 30)
ENTERED_BY_HAND: Final = frozenset({"absence", "dispute", "collection_activity", "promise_to_pay"})
"""Tables whose rows somebody types in, now and then long after the event."""
SLIPPED: Final = 0.01
"""Share of a person's weeks whose clock readings an interface took for UTC although they were local."""
SLIP_HOURS: Final = 2
CLOCKED: Final[Mapping[str, tuple[str, ...]]] = {
    "time_entry": ("entered_at", "submitted_at", "approved_at"),
    "expense": ("submitted_at", "approved_at"),
}
CLIENTS_A_MERGER: Final = 60
MERGED_BETWEEN: Final = (0.4, 0.8)
"""Part of the firm's time in which clients merge."""
MERGED_HOUR: Final = 9
"""Of the day: no version of a client, contract or project is recorded at this hour otherwise."""


def soiled(plan: Plan, table: Table, rows: pl.DataFrame, *, known_until: int) -> pl.DataFrame:
    """Canonical rows with the dirt that belongs to their table."""
    if table.name == "calendar_day":
        return rows
    key = _number_of(rows, table.key[0])
    rows = _emptied(plan, table.name, rows, key)
    rows = _mistyped(plan, table.name, rows, key)
    rows = _recoded(plan, table.name, rows)
    rows = _clocked(plan, table.name, rows, known_until=known_until)
    rows = _back_dated(plan, table.name, rows, key=key)
    rows = _merged(plan, table, rows).filter(pl.col("recorded_at") <= _instant(known_until))
    again = plan.draws.chance(TWICE, f"dirt.twice.{table.name}", _number_of(rows, table.key[0]))
    return pl.concat([rows, rows.filter(pl.Series(again))])


def _number_of(rows: pl.DataFrame, column: str) -> Ints:
    """The digits of an id: what its draws are keyed by."""
    digits = pl.col(column).str.replace_all(r"\D+", "").str.slice(0, 18)
    return rows.select(digits.cast(pl.Int64, strict=False).fill_null(0)).to_series().to_numpy()


def _instant(micros: int) -> pl.Expr:
    return pl.lit(micros).cast(pl.Datetime("us", "UTC"))


def _emptied(plan: Plan, name: str, rows: pl.DataFrame, key: Ints) -> pl.DataFrame:
    columns = EMPTIED.get(name, ())
    lost = {column: plan.draws.chance(EMPTY, f"dirt.empty.{name}.{column}", key) for column in columns}
    return rows.with_columns(pl.when(~pl.lit(pl.Series(gone))).then(pl.col(column)).alias(column) for column, gone in lost.items())


def _mistyped(plan: Plan, name: str, rows: pl.DataFrame, key: Ints) -> pl.DataFrame:
    if name not in TYPED:
        return rows
    hit = np.flatnonzero(plan.draws.chance(MISTYPED, f"dirt.typed.{name}", key))
    text = rows[TYPED[name]]
    slips = text.gather(hit).to_frame().with_columns(kind=plan.draws.pick([1.0] * len(SLIPS), f"dirt.slip.{name}", key[hit]))
    typed = pl.col(text.name)
    for number, (right, wrong) in enumerate(SLIPS):
        typed = pl.when(pl.col("kind") == number).then(typed.str.replace(right, wrong, literal=True)).otherwise(typed)
    return rows.with_columns(text.scatter(hit, slips.select(typed).to_series()))


def _recoded(plan: Plan, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that the systems held before the migration keep their codes; a correction after it brings the new one."""
    if name not in NEW_CODES:
        return rows
    column, codes = NEW_CODES[name]
    since = int(plan.months_first[round(plan.months * MIGRATED_AT)]) * DAY_MICROS
    after = pl.col("recorded_at") >= _instant(since)
    return rows.with_columns(pl.when(after).then(pl.col(column).replace(codes)).otherwise(pl.col(column)).alias(column))


def _clocked(plan: Plan, name: str, rows: pl.DataFrame, *, known_until: int) -> pl.DataFrame:
    columns = CLOCKED.get(name, ())
    if not columns:
        return rows
    week = rows["recorded_at"].cast(pl.Int64).to_numpy() // (7 * DAY_MICROS)
    wrong = pl.lit(pl.Series(plan.draws.chance(SLIPPED, "dirt.zone", _number_of(rows, "person_id"), week)))
    later = {column: pl.col(column) + pl.duration(hours=SLIP_HOURS) for column in columns}
    seen = {column: pl.when(value <= _instant(known_until)).then(value) for column, value in later.items()}
    return rows.with_columns(pl.when(wrong).then(value).otherwise(pl.col(column)).alias(column) for column, value in seen.items())


def _back_dated(plan: Plan, name: str, rows: pl.DataFrame, *, key: Ints) -> pl.DataFrame:
    if name not in ENTERED_BY_HAND:
        return rows
    late = plan.draws.chance(BACK_DATED, f"dirt.late.{name}", key) * plan.draws.whole(*BACK_DATED_DAYS, f"dirt.late_days.{name}", key)
    return rows.with_columns(pl.col("recorded_at") + pl.duration(days=pl.lit(pl.Series(late))))


def mergers(plan: Plan) -> pl.DataFrame:
    """Clients that became one: `client_id`, `into_client_id`, and the day after which the ERP writes the second."""
    count = plan.client_count // CLIENTS_A_MERGER
    number = np.arange(count, dtype=np.int64)
    # Each pair from a stretch of clients of its own, so that none is in two.
    first = number * CLIENTS_A_MERGER + plan.draws.whole(0, CLIENTS_A_MERGER // 2 - 1, "merger.client", number)
    second = number * CLIENTS_A_MERGER + plan.draws.whole(CLIENTS_A_MERGER // 2, CLIENTS_A_MERGER - 1, "merger.into", number)
    share = plan.draws.between(*MERGED_BETWEEN, "merger.on", number)
    day = plan.first + np.round(share * (plan.end - plan.first)).astype(np.int64)
    names = [[f"C{each:05d}" for each in one] for one in (first, second)]
    return pl.DataFrame(
        {"client_id": names[0], "into_client_id": names[1], "on": day},
        schema={"client_id": pl.String, "into_client_id": pl.String, "on": pl.Int64},
    )


def merger_links(plan: Plan) -> pl.DataFrame:
    """The old number as another name of the client it became."""
    return mergers(plan).select(
        link_id=pl.lit("LK-merger-") + pl.col("client_id"),
        table=pl.lit("client"),
        system=pl.lit("ledgerline"),
        external_id="client_id",
        id="into_client_id",
        method=pl.lit("merger"),
        decided_at=pl.col("on") * DAY_MICROS + MERGED_HOUR * HOUR_MICROS,
        decided_by=pl.lit("import"),
    )


def _merged(plan: Plan, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """What is recorded after a merger names the client that is left; contracts and projects get a version that does."""
    found = mergers(plan)
    if "client_id" not in table.by_name or found.is_empty():
        return rows
    told = rows.join(found, on="client_id", how="left", maintain_order="left")
    at = (pl.col("on") * DAY_MICROS + MERGED_HOUR * HOUR_MICROS).cast(pl.Datetime("us", "UTC"))
    after = pl.col("on").is_not_null() & (pl.col("recorded_at") > at)
    standing = told.filter(pl.col("on").is_not_null() & (pl.col("recorded_at") <= at))
    latest = standing.sort("recorded_at", maintain_order=True).unique(list(table.key), keep="last", maintain_order=True)
    if table.name == "client":
        gone = latest.with_columns(parent_client_id="into_client_id", name=pl.col("name") + " (merged)", recorded_at=at)
        return pl.concat([told.filter(~after), gone]).select(rows.columns)
    renamed = told.with_columns(client_id=pl.when(after).then("into_client_id").otherwise("client_id"))
    if table.name in {"contract", "project"}:
        renamed = pl.concat([renamed, latest.with_columns(client_id="into_client_id", recorded_at=at)])
    return renamed.select(rows.columns)
