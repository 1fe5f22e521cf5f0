"""What became of lines that read alike: how often a line of the same kind and words was disputed before."""

from typing import Final

import polars as pl

from features.billed_before import born
from features.drafted import drafted
from records.known import ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known

PRIOR_LINES: Final = 30
"""Weight of the firm's own share of disputed lines in that of a wording: one line in a hundred is disputed, so a few lines tell nothing."""
_DIGITS: Final = r"\d+"
"""Numbers and dates do not make a wording another."""


def wording_rates(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `wording_rate`, the share of earlier lines of the line's kind and words that were disputed, an engine number."""
    changes = known.across(changes_of_wordings, drafts=True).frame.collect()
    asked = lines.select("place", "at", wording=_wording()).sort("at")
    found = asked.join_asof(_running(changes, by="wording"), on="at", by="wording", check_sortedness=False)
    firm = _running(changes.with_columns(wording=pl.lit("")), by="wording").select("at", all_seen="seen", all_blame="blame")
    found = found.join_asof(firm, on="at", check_sortedness=False).with_columns(
        pl.col("seen", "blame", "all_seen", "all_blame").fill_null(0)
    )
    usual = (pl.col("all_blame") / MONEY_SCALE + 0.5) / (pl.col("all_seen") + 1)
    rate = (pl.col("blame") / MONEY_SCALE + usual * PRIOR_LINES) / (pl.col("seen") + PRIOR_LINES)
    return found.select("place", wording_rate=(rate.clip(0, 1) * MONEY_SCALE).round().cast(pl.Int64))


def changes_of_wordings(known: Known) -> Facts:
    """What came and went of each wording: `at`, lines `seen`, `blame` (engine number)."""
    lines = born(known, known.derived(drafted).frame.collect())
    firsts = lines.sort("line_id", ENTER).unique("line_id", keep="first", maintain_order=True)
    told = firsts.select("line_id", "invoice_id", "born", wording=_wording())
    return Facts("wording", _changes(told, _blamed(known, told)).lazy())


def _changes(told: pl.DataFrame, blamed: pl.DataFrame) -> pl.DataFrame:
    came = told.select("wording", "born", seen=pl.lit(1, pl.Int64), blame=pl.lit(0, pl.Int64)).rename({"born": "at"})
    rows = blamed.with_columns(seen=pl.lit(0, pl.Int64))
    given = rows.select("wording", pl.col(ENTER).alias("at"), "seen", "blame")
    taken = rows.filter(pl.col(LEAVE) < FOREVER).select("wording", pl.col(LEAVE).alias("at"), "seen", -pl.col("blame"))
    return pl.concat([came, given, taken])


def _running(changes: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """What stands after each change."""
    summed = changes.group_by(by, "at").agg(pl.col("seen", "blame").sum()).sort("at")
    return summed.with_columns(pl.col("seen", "blame").cum_sum().over(by))


def _wording() -> pl.Expr:
    words = pl.col("description").fill_null("").str.to_lowercase().str.replace_all(_DIGITS, "#").str.strip_chars()
    return pl.concat_str(pl.col("line_kind").fill_null(""), words, separator=": ")


def _blamed(known: Known, told: pl.DataFrame) -> pl.DataFrame:
    """A dispute blames the line that it names; one that names none blames all lines of its invoice that were known then, in equal part."""
    disputes = known.facts("dispute", take=("invoice_id", "line_id")).frame.rename({"line_id": "named"}).collect()
    met = disputes.join(told, on="invoice_id").filter(pl.col("born") <= pl.col(ENTER))
    ours = pl.col("named") == pl.col("line_id")
    among = met.with_columns(found=ours.fill_null(value=False).any().over("dispute_id", ENTER), lines=pl.len().over("dispute_id", ENTER))
    blame = pl.when(pl.col("found")).then(pl.when(ours).then(MONEY_SCALE).otherwise(0)).otherwise(MONEY_SCALE // pl.col("lines"))
    return among.select("wording", ENTER, LEAVE, blame=blame.cast(pl.Int64)).filter(pl.col("blame") > 0)
