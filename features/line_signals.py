"""The lines of invoices as numbers and as sentences: what each is held against, as of an instant."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.draft_lines import judged
from records.known import ENTER, LEAVE, MONEY_SCALE, Known, micros

Floats = NDArray[np.float64]

_CENT: Final = MONEY_SCALE // 100


def _percent(of: str, sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda line: sentence.format(size=f"{line[of] / MONEY_SCALE:.0%}", **line)


def _fixed(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda line: sentence.format(**line)


SAYS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = MappingProxyType(
    {
        "over_card": _percent("over_card", "{size} over the card of {agreed_since}"),
        "over_grade": _percent("over_grade", "billed as {role}, {size} over the price of {own_role}, which its person is"),
        "miscounted": _percent("miscounted", "its amount misses quantity times price by {size}"),
        "again": _fixed("bills what another line bills too"),
        "days_off": _fixed("its time on record lies {days_off} days outside the days it names"),
        "unrecorded": _percent("unrecorded", "{size} of its hours are not on record"),
        "unapproved": _fixed("its expense had not been approved"),
        "unproven": _fixed("its expense has no receipt"),
        "unaccepted": _fixed("the client has not accepted its milestone"),
        "wording_rate": _percent("wording_rate", "lines worded like it were disputed in {size} of cases"),
        "price_rise": _percent("price_rise", "its price rose by {size} since the invoice before"),
        "overlap": _percent("overlap", "{size} of its days were billed before for the same task"),
        "days_before": _fixed("ends {days_before} days before the invoice's period begins"),
    }
)
"""What is amiss with a line, the clearest first: where two weigh the same, the first is said."""
SIGNALS: Final = tuple(SAYS)
_SIZED: Final = frozenset({"wording_rate"})
"""What every line has: it counts by its size. Of everything else it counts that it is there; its size is in the money."""
_TELLING: Final = 2.0
"""A wording is worth a word where lines worded so were disputed twice as often as lines are."""


def lines_at(known: Known, instant: datetime, *, invoices: pl.Series) -> pl.DataFrame:
    """Lines of these invoices (their ids) as judged at an instant, by invoice and line number."""
    moment = micros(instant)
    asked = pl.LazyFrame({"invoice_id": invoices.unique()})
    ours = known.derived(judged).frame.join(asked, on="invoice_id", how="semi")
    held = ours.filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
    return held.sort("invoice_id", "line_no", "line_id").collect()


def signals(lines: pl.DataFrame) -> Floats:
    """Lines x SIGNALS."""
    usual = _usual(lines)
    columns = [(pl.col(name) / usual).log().clip(-3, 3) if name in _SIZED else (pl.col(name) > 0).cast(pl.Float64) for name in SIGNALS]
    return lines.select(one.fill_null(0.0).alias(name) for name, one in zip(SIGNALS, columns, strict=True)).to_numpy()


def log_money(lines: pl.DataFrame) -> Floats:
    """Logarithm of each line's money; of a line that gives money back, that of a cent."""
    return lines.select((pl.col("net").clip(lower_bound=_CENT) / MONEY_SCALE).log()).to_series().to_numpy()


def sayings(lines: pl.DataFrame) -> list[dict[str, str]]:
    """Of each line, by signal: what is amiss with it, as a clause."""
    usual = _usual(lines)
    least = {name: usual * _TELLING if name in _SIZED else 0.0 for name in SIGNALS}
    return [{name: SAYS[name](line) for name in SIGNALS if (line[name] or 0) > least[name]} for line in lines.to_dicts()]


def _usual(lines: pl.DataFrame) -> float:
    found = lines["wording_rate"].median() if lines.height else None
    return max(float(found), 1.0) if isinstance(found, int | float) else 1.0
