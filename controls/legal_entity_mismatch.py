"""Legal entity mismatch: a bill from a company that the client has no contract with."""

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import Terms
from controls.facts.spans import beside
from records.known import Facts, Known


@control(entity="invoice", severity="blocker", family="head", unit="text", rests_on="contract")
def legal_entity_mismatch(known: Known, terms: Terms) -> Facts:  # noqa: ARG001 - an entity is the same or it is not
    """A bill comes from another legal entity than the contract was made with.

    Fires: an invoice of PL-IE under a contract of PL-DE.
    Silent: the contract's entity; a project's own entity where the contract names none; a bill or a contract that names no entity.
    Rests on: the contract, or the project where the contract names none.
    Clears: bill from the contract's entity, or have the contract moved to the other.
    """
    told = known.derived(bills)
    for table, key, column in (("contract", "contract_id", "contract_entity"), ("project", "project_id", "project_entity")):
        named = known.facts(table, take=("legal_entity",))
        told = beside(told, Facts(named.name, named.frame.rename({"legal_entity": column})), on=key, take=(column,))
    expected, by_contract = pl.coalesce("contract_entity", "project_entity"), pl.col("contract_entity").is_not_null()
    other = told.frame.filter(pl.col("legal_entity") != expected)
    return Facts(
        told.name,
        other.with_columns(
            expected=expected,
            found="legal_entity",
            difference=pl.coalesce("gross_amount", "net_amount"),
            rests_on_table=pl.when(by_contract).then(pl.lit("contract")).otherwise(pl.lit("project")),
            rests_on_id=pl.when(by_contract).then("contract_id").otherwise("project_id"),
        ),
    )
