"""A control tried on history with other tolerances: what would have been found more or less, and what came of it.

What came of it looks ahead, which is why this stands here and not beside the controls: whether the client later disputed the invoice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl
from scipy.stats import binomtest

from controls.control import Control
from controls.facts.guidelines import Value
from records.known import ENTER, MONEY_SCALE, Known


class UnknownToleranceError(ValueError):
    """A control has no tolerance of that name, or the value is of another kind."""


@dataclass(frozen=True)
class Share:
    """`hits` of `number`, with a 95 % interval (Wilson)."""

    hits: int
    number: int

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.number:
            return None
        found = binomtest(self.hits, self.number).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True)
class Found:
    """What a control found through the records, each finding once however long it stood."""

    findings: int
    money: Mapping[str, Decimal]
    """By currency: the most that was at stake while each stood."""
    disputed: Share
    """Of the invoices that the findings are on: those disputed after the first finding."""


@dataclass(frozen=True)
class Trial:
    """A control as it is and as it would be."""

    control: str
    tolerances: Mapping[str, Value]
    """Those tried, under their names."""
    as_is: Found
    tried: Found
    appeared: Found
    """Found only by what was tried."""
    vanished: Found
    """Found only as it is."""


def trial(known: Known, control: Control, tolerances: Mapping[str, Value]) -> Trial:
    """Compare a control with itself under other tolerances, over all that `known` holds. A client's own guideline stays above both.

    Raises UnknownToleranceError, which names the tolerances that there are.
    """
    other = _with(control, tolerances)
    before, after = _once(control, known), _once(other, known)
    key = [control.key, "period"]
    appeared = after.join(before, on=key, how="anti", nulls_equal=True)
    vanished = before.join(after, on=key, how="anti", nulls_equal=True)
    objected = (
        known.facts("dispute", take=("invoice_id", "opened_at")).frame.group_by("invoice_id").agg(pl.col("opened_at").max()).collect()
    )
    found = (_found(one, objected) for one in (before, after, appeared, vanished))
    return Trial(control.name, dict(tolerances), *found)


def _with(control: Control, tolerances: Mapping[str, Value]) -> Control:
    named = {one.name: one for one in control.tolerances}
    for name, value in tolerances.items():
        if name not in named:
            there = ", ".join(named) or "none"
            raise UnknownToleranceError(f"{control.name} has no tolerance {name}; there are: {there}")
        if not named[name].readable(value):
            raise UnknownToleranceError(
                f"{control.name}: {name} is {value!r}, but it takes {named[name].unit}, such as {named[name].default}"
            )
    changed = (replace(one, default=tolerances.get(one.name, one.default)) for one in control.tolerances)
    return replace(control, tolerances=tuple(changed))


def _once(control: Control, known: Known) -> pl.DataFrame:
    """Each finding once: when it was first found, and the most that was at stake."""
    rows = control.findings(known).frame.sort(ENTER)
    told = rows.group_by(control.key, "period", maintain_order=True).agg(
        pl.col(ENTER).min(), pl.col("difference").max(), pl.col("currency").first(), pl.col("invoice_id").drop_nulls().first().alias("on")
    )
    return told.collect()


def _found(rows: pl.DataFrame, objected: pl.DataFrame) -> Found:
    money = rows.group_by("currency").agg(pl.col("difference").sum()).drop_nulls("currency").sort("currency")
    bills = rows.drop_nulls("on").group_by("on").agg(pl.col(ENTER).min())
    later = bills.join(objected, left_on="on", right_on="invoice_id").filter(pl.col("opened_at") > pl.col(ENTER))
    return Found(
        rows.height,
        {currency: (Decimal(amount) / MONEY_SCALE).quantize(Decimal("0.01")) for currency, amount in money.rows()},
        Share(later.height, bills.height),
    )
