"""Role not on the card: a price that nobody has agreed to."""

import polars as pl

from controls.control import control
from controls.facts.cards import carded, cards
from controls.facts.guidelines import Terms
from controls.facts.spans import in_force
from records.known import Facts, Known


@control(entity="invoice_line", severity="error", family="rates", unit="text", rests_on="rate_card_line")
def role_not_on_card(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - a role is on the card or it is not
    """A line bills hours of a role that the agreed card does not have.

    Fires: a partner's hours under a contract whose card has consultants and managers.
    Silent: a role that the contract's, the client's or the standard card has on that day; a contract and a client without any card.
    Rests on: a line of the contract's card, or else of the client's, in force on that day.
    Clears: bill a role that the card has, or have the role and its rate agreed and recorded on the card.
    """
    bare = known.derived(carded).where(pl.col("rate_id").is_null() & pl.col("role").is_not_null(), name="bare")
    told = known.derived(cards)
    named = Facts(told.name, told.frame.rename({"rate_id": "any_id"}))
    found = bare
    for owner, column in (("contract_id", "contract_card"), ("client_id", "client_card")):
        held = in_force(found, named, on=(owner,), day="day", take=("any_id",))
        found = Facts(held.name, held.frame.rename({"any_id": column}))
    card = pl.coalesce("contract_card", "client_card")
    return Facts(found.name, found.frame.filter(card.is_not_null()).with_columns(found="role", difference="net_amount", rests_on_id=card))
