"""What was billed before a line: the same work again, the same days again, the price then, whether the person is new to the client."""

from typing import Final

import polars as pl

from records.known import ENTER, MONEY_SCALE, Known

_SAME: Final = ("project_id", "person_id", "task")
_ONCE: Final = ("expense_id", "milestone_id")
"""What is billed once."""


def born(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `born`: when each first came to be known."""
    first = known.versions("invoice_line").frame.group_by("line_id").agg(born=pl.col(ENTER).min()).collect()
    return lines.join(first, on="line_id", how="left", maintain_order="left")


def earlier_price(lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `earlier`, the price an hour of the person's last line on the project that came before this one."""
    priced = lines.filter(pl.col("hourly") & pl.col("price").is_not_null()).sort("born", "line_id", ENTER)
    firsts = (
        priced.filter(pl.col("at") == pl.col("at").min().over("line_id"))
        .group_by("project_id", "person_id", "born")
        .agg(earlier=pl.col("price").max())
    )
    found = priced.select("place", "project_id", "person_id", "born").join_asof(
        firsts.sort("born"), on="born", by=["project_id", "person_id"], allow_exact_matches=False, check_sortedness=False
    )
    return found.select("place", "earlier")


def new_to_client(lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `fresh`, 1 where no line of the person went to the client before the day's."""
    people = lines.filter(pl.col("person_id").is_not_null())
    fresh = (pl.col("born") == pl.col("born").min().over("client_id", "person_id")).cast(pl.Int64)
    return people.select("place", fresh=fresh)


def repeated(lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `again`, 1 where another line, no later one, bills the same; `overlap`, the share of its days that an earlier one has.

    Of two alike that came together, as on one invoice, a client may name either: both are `again`.
    """
    parts = [_overlapping(lines), *(_twice(lines, by=key) for key in _ONCE)]
    return pl.concat(parts).group_by("place").agg(pl.col("again").max(), pl.col("overlap").max())


def _overlapping(lines: pl.DataFrame) -> pl.DataFrame:
    timed = lines.filter(pl.col("hourly") & pl.col("begins").is_not_null() & pl.col("ends").is_not_null())
    keyed = timed.with_columns(pl.col(*_SAME).fill_null(""))
    pairs = keyed.select("place", "born", "line_id", "begins", "ends", "quantity", *_SAME).join(_firsts(keyed), on=list(_SAME))
    met = pairs.filter(_other() & (pl.col("begins") <= pl.col("to")) & (pl.col("from") <= pl.col("ends")))
    shared = (pl.min_horizontal("ends", "to") - pl.max_horizontal("begins", "from")).dt.total_days() + 1
    days = (pl.col("ends") - pl.col("begins")).dt.total_days() + 1
    same = (pl.col("begins") == pl.col("from")) & (pl.col("ends") == pl.col("to")) & (pl.col("quantity") == pl.col("other_quantity"))
    part = pl.when(pl.col("other_born") < pl.col("born")).then((shared * MONEY_SCALE // days).clip(0, MONEY_SCALE)).otherwise(0)
    told = met.with_columns(again=same.cast(pl.Int64), overlap=part)
    return told.select("place", "again", "overlap")


def _twice(lines: pl.DataFrame, *, by: str) -> pl.DataFrame:
    named = lines.filter(pl.col(by).is_not_null())
    firsts = _firsts(named.with_columns(begins=pl.lit(None, pl.Date), ends=pl.lit(None, pl.Date)), by=(by,))
    met = named.select("place", "born", "line_id", by).join(firsts, on=by).filter(_other())
    return met.select("place", again=pl.lit(1, pl.Int64), overlap=pl.lit(0, pl.Int64))


def _firsts(lines: pl.DataFrame, *, by: tuple[str, ...] = _SAME) -> pl.DataFrame:
    first = lines.sort("line_id", "at").unique("line_id", keep="first", maintain_order=True)
    renamed = {"other_born": "born", "other": "line_id", "from": "begins", "to": "ends", "other_quantity": "quantity"}
    return first.select(*by, **{name: pl.col(column) for name, column in renamed.items()})


def _other() -> pl.Expr:
    return (pl.col("other_born") <= pl.col("born")) & (pl.col("other") != pl.col("line_id"))
