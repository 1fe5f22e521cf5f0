"""Rows of an export without `recorded_at`, held against what the lake knows already.

Such an export is the state of the source at one moment. So of a row the lake holds, with the same content as its last version, nothing
was learned: it is that version again. With other content something was: a correction, known from the import on. Only when the event
that dates the row is later than the version held (a payment that has been booked since) does the event say when.

A file that was imported before is told apart from a new one: what it says is at most as new as its first import, so its rows may equal
an older version without undoing what came since.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from records.lake import RAW, Lake
from records.provenance import AT_IMPORT, FROM, GIVEN, Dated

CORRECTED: Final = "#corrected"
CONTRADICTS: Final = "#contradicts"
"""The row has the key and the derived instant of an earlier row of its file, and other content."""
_CONTENT: Final = "#content"


@dataclass(frozen=True)
class _Held:
    latest: pl.DataFrame
    """Key, and the instant and content of the last version."""
    older: pl.DataFrame
    """Key, content, and the last instant at which a version had it."""


def reconcile(part: Dated, lake: Lake, *, seen: bool) -> pl.DataFrame:
    """The rows with `recorded_at` as the lake's versions demand, CORRECTED and CONTRADICTS. `seen`: their file was imported before."""
    table = part.table
    rows = _contradicting(part).with_columns(pl.lit(value=False).alias(CORRECTED))
    derived = rows.filter(pl.col(FROM) != GIVEN)
    if not derived.height:
        return rows
    held = _held(part, lake, keys=derived.select(table.key).unique())
    if not held.latest.height:
        return rows
    key = list(table.key)
    joined = (
        rows.with_columns(_content(part))
        .join(held.latest, on=key, how="left", maintain_order="left")
        .join(held.older, on=[*key, _CONTENT], how="left", maintain_order="left")
        .with_columns((pl.col("recorded_at") < pl.col("recorded_at").max().over(key)).alias("#superseded"))
    )
    known = (pl.col(FROM) != GIVEN) & pl.col("#latest_at").is_not_null()
    same = known & (pl.col(_CONTENT) == pl.col("#latest"))
    before = known & ~same & pl.col("#older_at").is_not_null() & (pl.lit(seen) | pl.col("#superseded"))
    dated = (
        known
        & ~same
        & ~before
        & ~pl.col(FROM).str.contains(" ")
        & (pl.col(FROM) != AT_IMPORT)
        & (pl.col("recorded_at") > pl.col("#latest_at"))
    )
    corrected = known & ~same & ~before & ~dated
    learned = pl.max_horizontal(pl.lit(part.at).dt.cast_time_unit("us"), pl.col("#latest_at") + pl.duration(microseconds=1))
    instant = pl.when(same).then("#latest_at").when(before).then("#older_at").when(corrected).then(learned).otherwise("recorded_at")
    return joined.with_columns(
        instant.alias("recorded_at"),
        corrected.alias(CORRECTED),
        pl.when(corrected).then(pl.lit(AT_IMPORT)).otherwise(FROM).alias(FROM),
    ).select(rows.columns)


def _contradicting(part: Dated) -> pl.DataFrame:
    # Two rows that nothing tells apart but their content: which of them is right cannot be known, and must not depend on what the lake
    # holds, or a second import would take for a correction what the first has set aside.
    first = pl.col(_CONTENT).first().over([*part.table.key, "recorded_at"])
    contradicts = (pl.col(FROM) != GIVEN) & (pl.col(_CONTENT) != first)
    return part.rows.with_columns(_content(part)).with_columns(contradicts.alias(CONTRADICTS)).drop(_CONTENT)


def _content(part: Dated) -> pl.Expr:
    # As the lake compares: where a row was read from, and what else stood beside it, is not what it says.
    names = [name for name in part.table.schema if name not in {"source", "recorded_at", RAW}]
    return pl.struct(names).hash().alias(_CONTENT)


def _held(part: Dated, lake: Lake, *, keys: pl.DataFrame) -> _Held:
    key = list(part.table.key)
    versions = lake.read(part.table.name).join(keys.lazy(), on=key, how="semi").with_columns(_content(part))
    ordered = versions.select(*key, "recorded_at", _CONTENT).sort("recorded_at").collect()
    last = pl.col("recorded_at", _CONTENT).last()
    latest = ordered.group_by(key, maintain_order=True).agg(last).rename({"recorded_at": "#latest_at", _CONTENT: "#latest"})
    older = ordered.group_by([*key, _CONTENT], maintain_order=True).agg(pl.col("recorded_at").last().alias("#older_at"))
    return _Held(latest, older)
