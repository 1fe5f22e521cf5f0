"""Project code inconsistent: one project under two codes of one system, so that half of it is overlooked."""

import polars as pl

from controls.control import control
from controls.facts.guidelines import Terms
from controls.facts.twins import twins
from records.known import ENTER, Facts, Known


@control(entity="project", severity="notice", family="head", unit="text", rests_on="identity_link")
def project_code_inconsistent(known: Known, terms: Terms) -> Facts:
    """A project has two codes in one system, so that time, bills or revenue may lie under one that nobody looks at.

    Fires: codes K/10 and K/11 of the ledger, both linked to one project.
    Silent: one code in each system, however they differ; several projects under one code, as one contract has them.
    Rests on: the earlier link.
    Clears: delete the link that is wrong, or close the code that is no longer used.
    """
    del terms
    told = known.facts("identity_link", take=("table", "system", "external_id", "id"))
    links = Facts("link", told.frame.filter(pl.col("table") == "project").with_columns(linked=pl.col(ENTER)))
    both = twins(links, links, alike=("table", "system", "id"), key="link_id", since="linked", take=("external_id",))
    other = both.where(pl.col("external_id") != pl.col("earlier_external_id"), name="other")
    named = Facts(other.name, other.frame.rename({"id": "project_id"}))
    owned = named.joined(known.facts("project", take=("client_id", "contract_id")), on="project_id", take=("client_id", "contract_id"))
    return Facts(
        owned.name,
        owned.frame.with_columns(
            expected=pl.concat_str("system", "earlier_external_id", separator=" "),
            found=pl.concat_str("system", "external_id", separator=" "),
            period="link_id",
            rests_on_id="earlier_link_id",
        ),
    )
