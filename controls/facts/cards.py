"""Hourly lines beside the rate card that was in force on their day."""

from typing import Final

import polars as pl

from controls.facts.bills import lines
from controls.facts.spans import in_force
from records.known import MONEY_SCALE, Facts, Known

CARD: Final = ("rate_id", "card_rate", "card_currency")
MINUTES_PER_HOUR: Final = 60
LEVELS: Final = (
    ("contract_id", "role", "person_id"),
    ("contract_id", "role"),
    ("client_id", "role", "person_id"),
    ("client_id", "role"),
    ("role",),
)
"""Which card counts: what the contract says of the person, of the role, then what is agreed with the client, then the standard card."""
_OWNERS: Final = ("contract_id", "client_id", "person_id")


def cards(known: Known) -> Facts:
    """Every line of every rate card, with `card_rate` and `card_currency`."""
    told = known.facts(
        "rate_card_line", take=("contract_id", "client_id", "role", "person_id", "currency", "bill_rate", "effective_on", "ends_on")
    )
    # A contract's card may name its client as well: it is the contract's.
    client = pl.when(pl.col("contract_id").is_null()).then("client_id").alias("client_id")
    return Facts("card", told.frame.with_columns(client).rename({"bill_rate": "card_rate", "currency": "card_currency"}))


def hourly(known: Known) -> Facts:
    """Lines of invoices that bill hours at a price, with `amount_hours` engine numbers."""
    timed = (pl.col("kind") == "time") & (pl.col("bill_kind") == "invoice") & pl.col("unit_price").is_not_null()
    return known.derived(lines).where(timed & (pl.col("unit").fill_null("HUR") == "HUR"), name="hourly")


def carded(known: Known) -> Facts:
    """Hourly lines with the card line in force on their `day` (`CARD`); empty where no card that is known has the role."""
    return with_card(known, known.derived(hourly), day="day")


def off_card(known: Known) -> Facts:
    """Hourly lines whose price is none that the card has on the first or the last day of the line, with `last_rate` beside `card_rate`.

    Few lines are: what follows may cost more for each. Lines in another currency than the card's are not there.
    """
    own = known.derived(carded)
    apart = own.where((pl.col("unit_price") != pl.col("card_rate")) & (pl.col("currency") == pl.col("card_currency")), name="apart")
    first = Facts(apart.name, apart.frame.rename({"rate_id": "first_id", "card_rate": "first_rate"}).drop("card_currency"))
    last = with_card(known, Facts(first.name, first.frame.collect().lazy()), day="last_day")
    named = last.frame.rename({"card_rate": "last_rate"}).with_columns(
        pl.coalesce("last_rate", "first_rate"), rate_id=pl.col("first_id"), card_rate=pl.col("first_rate")
    )
    return Facts("off_card", named.filter(pl.col("unit_price") != pl.col("last_rate")).drop("first_id", "first_rate"))


def with_card(known: Known, facts: Facts, *, day: str) -> Facts:
    """The facts with `CARD` as in force on a day of theirs, most particular card first."""
    told = known.derived(cards)
    rest, found = facts, []
    for level in LEVELS:
        others = [pl.col(owner).is_null() for owner in _OWNERS if owner not in level]
        own = told.where(pl.all_horizontal(pl.lit(value=True), *others, *(pl.col(name).is_not_null() for name in level)), name="level")
        if own.frame.select(pl.len()).collect().item() == 0:
            continue
        priced = in_force(rest, own, on=level, day=day, take=CARD)
        made = priced.frame.collect()
        found.append(made.filter(pl.col("rate_id").is_not_null()))
        rest = Facts(facts.name, made.filter(pl.col("rate_id").is_null()).drop(CARD).lazy())
    nothing = {"rate_id": pl.String(), "card_rate": pl.Int64(), "card_currency": pl.String()}
    bare = rest.frame.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in nothing.items()).collect()
    return Facts(f"{facts.name}@card", pl.concat([*found, bare], how="diagonal").lazy())


def times(price: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """Engine money of a price and an engine number, rounded to the engine's unit."""
    return (price * quantity / MONEY_SCALE).round(0).cast(pl.Int64)
