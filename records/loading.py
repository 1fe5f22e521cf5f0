"""From typed rows to the lake, and the account of it: what became of every record and every amount of one file."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from records.decoding import shown
from records.lake import Lake, schema_of
from records.lines import LINE, ROW, TEXT
from records.parts import Part, Taken
from records.provenance import FROM, Dated
from records.reading import FAULTS
from records.report import LISTED_ROWS, Counts, Fault, FileReport, QuarantinedRow, TableReport
from records.standing import CONTRADICTS, CORRECTED, reconcile
from records.totals import ACCEPTED, DUPLICATE, QUARANTINED, STATUS, event_of, first_and_last, money_totals
from records.validation import SHOWN_CHARACTERS

CONFLICT = "another row has the same key and recorded_at, and other content"


@dataclass(frozen=True)
class Loaded:
    """One file after its rows went to the lake."""

    report: FileReport
    quarantined: tuple[QuarantinedRow, ...]
    """All of them; the report lists the first."""


def load(taken: Taken, dated: Sequence[Dated], *, parts: Sequence[Dated], lake: Lake, seen: bool) -> Loaded:
    """Append a file's rows. `dated`: its parts with knowledge time; `parts`: those of the whole import, for currencies of owners."""
    tables, standing, faults = [], [], [taken.faults]
    for part, settled in zip(taken.parts, dated, strict=True):
        rows, conflicts = _append(settled, lake, seen=seen)
        faulty = part.rows.join(taken.faults, on=ROW, how="semi").with_columns(pl.lit(QUARANTINED).alias(STATUS))
        everything = pl.concat([rows, faulty], how="diagonal")
        tables.append(_table_report(part, everything, parts, lake))
        standing.append(everything.select(ROW, STATUS))
        faults.append(conflicts)
    quarantined = _quarantined(taken, pl.concat(faults))
    report = FileReport(
        file=taken.source.path.name,
        detected=taken.source.detected,
        rows=_record_counts(taken, pl.concat(standing), len(quarantined)),
        skipped=taken.skipped,
        tables=tuple(tables),
        unknown_columns=taken.unknown_columns,
        quarantined=quarantined[:LISTED_ROWS],
        assumptions=taken.assumptions,
    )
    return Loaded(report, quarantined)


def _append(part: Dated, lake: Lake, *, seen: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with STATUS, and FAULTS of those that contradict what the lake holds."""
    rows = reconcile(part, lake, seen=seen)
    offered = rows.filter(~pl.col(CONTRADICTS))
    outcome = lake.append(part.table.name, offered.select(list(schema_of(part.table.name))))
    accepted = offered[ROW].gather(outcome.accepted_positions)
    refused = offered[ROW].gather(outcome.conflicting["position"])
    status = (
        pl.when(pl.col(CONTRADICTS) | pl.col(ROW).is_in(refused.implode()))
        .then(pl.lit(QUARANTINED))
        .when(pl.col(ROW).is_in(accepted.implode()))
        .then(pl.lit(ACCEPTED))
        .otherwise(pl.lit(DUPLICATE))
    )
    judged = rows.with_columns(status.alias(STATUS))
    key = ", ".join(part.table.key)
    mend = "Give the right one of the two a later recorded_at; or delete the wrong one"
    value = pl.concat_str([pl.col(name).cast(pl.String) for name in part.table.key], separator=", ")
    conflicts = judged.filter(pl.col(STATUS) == QUARANTINED).select(
        ROW, pl.lit(key).alias("column"), value.alias("value"), pl.lit(CONFLICT).alias("reason"), pl.lit(mend).alias("mend")
    )
    return judged, conflicts.cast(FAULTS)  # type: ignore[arg-type]


def _table_report(part: Part, rows: pl.DataFrame, parts: Sequence[Dated], lake: Lake) -> TableReport:
    by_status = dict(rows.group_by(STATUS).len().iter_rows())
    counts = Counts(rows.height, *(by_status.get(status, 0) for status in (ACCEPTED, DUPLICATE, QUARANTINED)))
    loaded = rows.filter(pl.col(STATUS) != QUARANTINED)
    event = event_of(part.table)
    first, last = first_and_last(loaded, event)
    provenance = loaded.group_by(FROM).len().sort(FROM).iter_rows() if FROM in loaded.columns else ()
    corrected = loaded.filter(pl.col(STATUS) == ACCEPTED)[CORRECTED].sum() if CORRECTED in loaded.columns else 0
    return TableReport(
        table=part.table.name,
        rows=counts,
        money=money_totals(part.table, rows, unreadable=part.unreadable, parts=parts, lake=lake),
        recorded_at=dict(provenance),
        corrected=int(corrected),
        event=event,
        first_event=first,
        last_event=last,
        naive_instants=part.validated.naive,
        dates_as_instants=part.validated.day_only,
        false_as_empty=part.validated.false_as_empty,
        empty_columns=part.empty_columns,
    )


def _record_counts(taken: Taken, standing: pl.DataFrame, quarantined: int) -> Counts:
    read = taken.source.records.height - taken.skipped
    aside = standing.filter(pl.col(STATUS) == QUARANTINED)
    accepted = standing.filter(pl.col(STATUS) == ACCEPTED).join(aside, on=ROW, how="anti")[ROW].n_unique()
    return Counts(read, accepted, read - accepted - quarantined, quarantined)


def _quarantined(taken: Taken, faults: pl.DataFrame) -> tuple[QuarantinedRow, ...]:
    if not faults.height:
        return ()
    tables = ", ".join(dict.fromkeys(part.table.name for part in taken.parts))
    told = faults.join(taken.source.records, on=ROW, how="left").sort(LINE, maintain_order=True)
    found: dict[int, tuple[str, list[Fault]]] = {}
    for row in told.unique([ROW, "column", "reason"], keep="first", maintain_order=True).iter_rows(named=True):
        value = None if row["value"] is None else shown(row["value"][:SHOWN_CHARACTERS])
        found.setdefault(row[LINE], (row[TEXT], []))[1].append(Fault(row["column"], value, row["reason"], row["mend"]))
    return tuple(QuarantinedRow(taken.source.path.name, line, tables, tuple(why), shown(raw)) for line, (raw, why) in found.items())
