"""Amendment not reflected: signed, and still billed by the old terms."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import polars as pl

from controls.control import control
from controls.facts.cards import cards
from controls.facts.guidelines import Terms, Tolerance
from controls.facts.spans import beside, coalesced
from controls.facts.totals import running
from controls.facts.words import plain
from records.known import DAY, ENTER, LEAVE, Facts, Known, day_end

DAYS: Final = Tolerance("days", 14, "days", "Contracts and cards are kept once a fortnight at least: before the next bills are drafted.")
MONEY: Final = ("cap_amount", "retainer_amount_month", "value")
OTHER: Final = ("payment_terms_days", "po_ref", "legal_entity", "ends_on")
RATES: Final = "rates"
_CHANGE: Final = {
    "amendment_id": pl.String, "contract_id": pl.String, "effective_on": pl.Date, ENTER: pl.Int64, LEAVE: pl.Int64, "due": pl.Int64,
    "period": pl.String, "expected": pl.String,
}  # fmt: skip


@control(entity="contract_amendment", severity="error", family="head", unit="text", rests_on="contract_amendment", tolerances=(DAYS,))
def amendment_not_reflected(known: Known, terms: Terms) -> Facts:
    """What an amendment changes is not in the contract or on the rate card.

    Fires: an amendment that raises the cap to 60,000.00, effective three weeks ago, while the contract still says 50,000.00; one that
    changes the rates, while no line of the contract's card begins on its day.
    Silent: a contract, or a card, that says what the amendment says; an amendment that is younger than the tolerance, or only text.
    Rests on: the changes that the register notes beside the amendment's text.
    Clears: record the change in the contract, or add the new rates to its card from the amendment's day on.
    """
    changes = _changes(known)
    contracts = known.facts("contract", take=("client_id", "currency", *MONEY, *OTHER))
    told = changes.joined(contracts, on="contract_id", take=("client_id", "currency", *MONEY, *OTHER))
    values = {**{name: plain(pl.col(name)) for name in MONEY}, **{name: pl.col(name).cast(pl.String) for name in OTHER}}
    found = pl.coalesce(pl.when(pl.col("period") == name).then(value) for name, value in values.items())
    stated = told.frame.with_columns(found=found).filter((pl.col("period") != RATES) & pl.col("expected").ne_missing(pl.col("found")))
    rated = _without_card(known, told.where(pl.col("period") == RATES, name="rates")).frame
    both = pl.concat([stated, rated], how="diagonal")
    ruled = terms.on(Facts("amendment", both), day="effective_on")
    late = ruled.since(pl.col("due") + pl.col("days") * DAY, name="late")
    return Facts(late.name, late.frame.with_columns(rests_on_id="amendment_id"))


def _without_card(known: Known, rates: Facts) -> Facts:
    """Changes of rates while no line of the contract's card begins on their day."""
    key = pl.concat_str("contract_id", pl.lit(" "), pl.col("effective_on").cast(pl.String)).alias("begins")
    begun = known.derived(cards).frame.filter(pl.col("contract_id").is_not_null()).with_columns(key, one=1)
    if rates.frame.select(pl.len()).collect().item() == 0:
        return rates
    held = running(Facts("card", begun), by=("begins",), of="one").frame.select("begins", ENTER, LEAVE, there=pl.lit(value=True))
    told = Facts(rates.name, rates.frame.with_columns(key))
    return beside(told, coalesced(Facts("begun", held), by=["begins"]), on="begins", take=("there",)).where(
        pl.col("there").is_null(), name="bare"
    )


def _changes(known: Known) -> Facts:
    """One fact a change that an amendment notes: `period` is its field, `expected` its new value, `due` when it is in effect and known."""
    told = known.facts("contract_amendment", take=("contract_id", "effective_on", "changes"))
    first = pl.col(ENTER).min().over("amendment_id")
    rows = told.frame.with_columns(due=pl.max_horizontal(first, day_end("effective_on"))).filter(pl.col("changes").is_not_null()).collect()
    noted = [{**row, **change} for row in rows.to_dicts() for change in _noted(row["changes"])]
    return Facts(told.name, pl.DataFrame(noted, schema=_CHANGE).lazy())


def _noted(text: str) -> Iterator[dict[str, Any]]:
    """Field and new value of each change whose field can be looked up; a field counts once."""
    listed = json.loads(text)
    by_field = {one.get("field"): one.get("new") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else {}
    for field in (*MONEY, *OTHER, RATES):
        if by_field.get(field) is not None:
            yield {"period": field, "expected": _amount(str(by_field[field])) if field in MONEY else str(by_field[field])}


def _amount(text: str) -> str:
    try:
        return f"{Decimal(text):.2f}"
    except InvalidOperation:
        return text
