"""What a text tells: words, activities, and words that tell something."""

from collections.abc import Mapping
from typing import Final

import polars as pl

WORD: Final = r"[\p{L}\p{N}][\p{L}\p{N}'’-]*"
PARTED: Final = r";|\s/\s|\n|\.\s"
"""What people put between activities that they bundle; commas also stand inside one."""
EMPTY_WORDS: Final = frozenset(
    """
    a about admin and as assistance at billing by call calls client consultancy consulting delivered delivery discussed discussion email
    emails fees for general in items mail mails matter matters meeting meetings misc miscellaneous of on other per professional project
    projects provided rendered see service services support sundry task tasks tbd the time to various work works
    """.split()  # noqa: SIM905 - a list of so many words is read as words
)
"""Words that stand on any bill whatever was done."""


def read_once(facts: pl.LazyFrame, column: str, told: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """The facts with what expressions tell of a text; each different text is read once, since many days say the same."""
    texts = facts.select(column).filter(pl.col(column).is_not_null()).unique().with_columns(**told)
    return facts.join(texts, on=column, how="left", nulls_equal=False)


def words(column: str) -> pl.Expr:
    """How many words a text has; nought where there is none."""
    return pl.col(column).fill_null("").str.count_matches(WORD).cast(pl.Int64)


def parts(column: str) -> pl.Expr:
    """How many activities a text bundles."""
    return pl.col(column).fill_null("").str.strip_chars(" ;.").str.count_matches(PARTED).cast(pl.Int64) + 1


def telling_words(column: str) -> pl.Expr:
    """How many different words a text has that do not stand on any bill."""
    found = pl.col(column).fill_null("").str.to_lowercase().str.extract_all(WORD)
    return found.list.set_difference(sorted(EMPTY_WORDS)).list.len().cast(pl.Int64)


def folded(column: str) -> pl.Expr:
    """A text without what retyping changes: case, signs and spaces."""
    return pl.col(column).fill_null("").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
