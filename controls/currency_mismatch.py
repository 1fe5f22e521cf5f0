"""Currency mismatch: the right number in the wrong money."""

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from records.known import Facts, Known


@control(entity="invoice", severity="blocker", family="head", unit="text", rests_on="contract")
def currency_mismatch(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - a currency is the same or it is not
    """A bill is in another currency than its contract.

    Fires: an invoice in EUR under a contract in GBP.
    Silent: the contract's currency; a bill without a contract that is known.
    Rests on: the contract.
    Clears: bill in the contract's currency, or have the contract's currency changed.
    """
    contracts = known.facts("contract", take=("currency",))
    agreed = Facts(contracts.name, contracts.frame.rename({"currency": "expected"}))
    told = beside(known.derived(bills), agreed, on="contract_id", take=("expected",))
    other = told.frame.filter(pl.col("currency") != pl.col("expected"))
    return Facts(
        told.name,
        other.with_columns(found="currency", difference=pl.coalesce("gross_amount", "net_amount"), rests_on_id="contract_id"),
    )
