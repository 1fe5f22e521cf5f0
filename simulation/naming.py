"""Ids and names put together from columns."""

from functools import reduce
from operator import add

import polars as pl


def named(pattern: str, *columns: str | pl.Expr) -> pl.Expr:
    """The pattern with each `{}` filled from a column; null where one is null.

    Not `pl.format`: in polars 2.1 it panics ("i < self.len()") on columns that a filter has left in chunks of different lengths.
    """
    words = pattern.split("{}")
    cells = [(pl.col(column) if isinstance(column, str) else column).cast(pl.String) for column in columns]
    parts = [pl.lit(words[0])]
    for cell, word in zip(cells, words[1:], strict=True):
        parts += [cell, pl.lit(word)] if word else [cell]
    return reduce(add, parts)
