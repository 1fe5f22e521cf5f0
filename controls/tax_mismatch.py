"""Tax mismatch: another rate of tax than the client has been billed with."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills, charged
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import in_force
from controls.facts.words import plain
from records.known import ENTER, LEAVE, MONEY_SCALE, Facts, Known

POINTS: Final = Tolerance(
    "points", 0.5, "percentage points", "Tax rates differ by whole points; half a point is more than rounding makes of them."
)
LEAST_NET: Final = 20 * MONEY_SCALE
"""Below this net amount a cent of tax is more than a twentieth of a point, and the rate cannot be told."""
CENTS_MAKE: Final = 0.1
"""Points that rounding tax to the cent makes of an amount of `LEAST_NET`, above it and below: no tolerance can be asked to see less."""
PERCENT: Final = 100


@control(entity="invoice", severity="warning", family="head", unit="text", rests_on="invoice", tolerances=(POINTS,))
def tax_mismatch(known: Known, terms: Terms) -> Facts:
    """A draft has another rate of tax than the last invoice of its contract.

    Fires: a draft with 7 % of tax, where the last invoice of the contract from the same legal entity had 19 %.
    Silent: the same rate; the first invoice of a contract; another legal entity; an amount too small to tell the rate.
    Rests on: the last invoice of the same contract and legal entity that was issued before the draft was made.
    Clears: correct the tax, or confirm that the rate has changed.
    """
    rate = pl.col("tax_amount") / pl.col("net_amount") * PERCENT
    issued = known.facts("invoice", after=("issued_on",), until=("cancelled_at",), take=("kind", "issued_on"))
    billed = known.derived(charged).frame.filter(
        (pl.col("net_amount") >= LEAST_NET) & pl.col("tax_amount").is_not_null() & (pl.col("bill_kind") == "invoice")
    )
    # Under most contracts no bill ever had another rate, so none of theirs can be found at any time.
    rates = billed.group_by("contract_id", "legal_entity").agg(spread=rate.max() - rate.min()).filter(pl.col("spread") > CENTS_MAKE)
    taxed = Facts("taxed", billed.join(rates, on=["contract_id", "legal_entity"], how="semi"))
    kept = ("contract_id", "legal_entity", "net_amount", "tax_amount")
    sent = issued.joined(Facts(taxed.name, taxed.frame.select("invoice_id", *kept, ENTER, LEAVE)), on="invoice_id", take=kept)
    told = sent.frame.with_columns(
        last_rate=rate.round(2),
        last_id="invoice_id",
        effective_on=pl.col("issued_on").dt.offset_by("1d"),
        ends_on=pl.lit(None, dtype=pl.Date),
    )
    own = known.derived(bills).joined(Facts(taxed.name, taxed.frame.select("invoice_id", ENTER, LEAVE)), on="invoice_id", take=())
    found = in_force(
        own, Facts(sent.name, told), on=("contract_id", "legal_entity"), day="drafted_on", take=("last_rate", "last_id"), from_day=True
    )
    apart = found.where((rate - pl.col("last_rate")).abs() > 0, name="apart")
    ruled = terms.on(apart, day="drafted_on")
    expected = pl.col("last_rate") / PERCENT * pl.col("net_amount")
    return Facts(
        ruled.name,
        ruled.frame.filter((rate - pl.col("last_rate")).abs() > pl.col("points")).with_columns(
            expected=_percent(pl.col("last_rate")),
            found=_percent(rate.round(2)),
            difference=(pl.col("tax_amount") - expected).round(0).cast(pl.Int64),
            rests_on_id="last_id",
        ),
    )


def _percent(rate: pl.Expr) -> pl.Expr:
    return pl.concat_str(plain((rate * MONEY_SCALE).round(0).cast(pl.Int64)), pl.lit(" %"))
