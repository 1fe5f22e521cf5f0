"""Hourly lines beside the rate card that was in force on their day."""

from datetime import date
from typing import Final

import polars as pl

from controls.facts.bills import lines
from controls.facts.spans import in_force
from records.known import MONEY_SCALE, Facts, Known

CARD: Final = ("rate_id", "card_rate", "card_currency", "card_person_id", "card_since")
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
_ALWAYS: Final = date(1900, 1, 1)
"""Before any line: a card of any time is looked at."""


def cards(known: Known) -> Facts:
    """Every line of every rate card, with `card_rate`, `card_currency` and `card_person_id`."""
    told = known.facts(
        "rate_card_line", take=("contract_id", "client_id", "role", "person_id", "currency", "bill_rate", "effective_on", "ends_on")
    )
    # A contract's card may name its client as well: it is the contract's.
    client = pl.when(pl.col("contract_id").is_null()).then("client_id").alias("client_id")
    return Facts(
        "card",
        told.frame.with_columns(client, card_person_id="person_id", card_since="effective_on").rename(
            {"bill_rate": "card_rate", "currency": "card_currency"}
        ),
    )


def hourly(known: Known) -> Facts:
    """Lines of invoices that bill hours at a price, with `amount_hours` engine numbers."""
    timed = (pl.col("kind") == "time") & (pl.col("bill_kind") == "invoice") & pl.col("unit_price").is_not_null()
    return known.derived(lines).where(timed & (pl.col("unit").fill_null("HUR") == "HUR"), name="hourly")


def carded(known: Known) -> Facts:
    """Hourly lines with the card line in force on their `day` (`CARD`); empty where no card that is known has the role."""
    return with_card(known, known.derived(hourly), day="day")


def off_card(known: Known) -> Facts:
    """Hourly lines whose price is none that the card has on the first or the last day of the line.

    `allowed_low`, `allowed_high`: the card on those days. `other_id`: the line of the same card, for another time, that has just this
    price; empty if none has. Few lines are off the card: what follows may cost more for each. Lines in another currency than the card's are
    not there.
    """
    own = known.derived(carded)
    apart = own.where((pl.col("unit_price") != pl.col("card_rate")) & (pl.col("currency") == pl.col("card_currency")), name="apart")
    renamed = {"rate_id": "first_id", "card_rate": "first_rate", "card_person_id": "first_person_id"}
    kept = apart.frame.rename(renamed).drop("card_currency").collect().lazy()
    last = with_card(known, Facts(apart.name, kept), day="last_day")
    named = last.frame.with_columns(
        allowed_low=pl.min_horizontal("first_rate", "card_rate"), allowed_high=pl.max_horizontal("first_rate", "card_rate")
    )
    off = named.filter(~pl.col("unit_price").is_between("allowed_low", "allowed_high")).drop("rate_id", "card_rate")
    return _of_another_time(known, Facts("off_card", off.rename({"first_id": "rate_id"}).drop("first_rate")))


def _of_another_time(known: Known, off: Facts) -> Facts:
    """`other_id` of the contract's card, else of the client's; for lines whose card is a role's, not a person's."""
    told = known.derived(cards).where(pl.col("person_id").is_null(), name="of_roles")
    always = told.frame.with_columns(unit_price="card_rate", effective_on=_ALWAYS, ends_on=pl.lit(None, dtype=pl.Date))
    of_role = pl.col("first_person_id").is_null()
    for owner in ("contract_id", "client_id"):
        named = Facts(told.name, always.rename({"rate_id": f"{owner}_other"}))
        off = in_force(off, named, on=(owner, "role", "unit_price"), day="day", take=(f"{owner}_other",))
    other = pl.when(of_role).then(pl.coalesce("contract_id_other", "client_id_other"))
    return Facts("off_card", off.frame.with_columns(other_id=other))


def with_card(known: Known, facts: Facts, *, day: str) -> Facts:
    """The facts with `CARD` as in force on a day of theirs, most particular card first."""
    told = known.derived(cards).frame.collect()
    rest, found = facts.frame.collect(), []
    for level in LEVELS:
        others = [pl.col(owner).is_null() for owner in _OWNERS if owner not in level]
        own = told.filter(*others, *(pl.col(name).is_not_null() for name in level))
        if own.is_empty() or rest.is_empty():
            continue
        made = in_force(Facts(facts.name, rest.lazy()), Facts("level", own.lazy()), on=level, day=day, take=CARD).frame.collect()
        found.append(made.filter(pl.col("rate_id").is_not_null()))
        rest = made.filter(pl.col("rate_id").is_null()).drop(CARD)
    bare = rest.with_columns(pl.lit(None, dtype=told.schema[name]).alias(name) for name in CARD)
    return Facts(f"{facts.name}@card", pl.concat([*found, bare], how="diagonal").lazy())


def times(price: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """Engine money of a price and an engine number, rounded to the engine's unit."""
    return (price * quantity / MONEY_SCALE).round(0).cast(pl.Int64)
