"""The standing data as the systems export it: clients, contracts, projects."""

import numpy as np
import polars as pl

from simulation.people import PRACTICES, person_id
from simulation.places import PLACES
from simulation.plan import Plan
from simulation.projects import KINDS, Portfolio, client_id, contract_id, project_id

_BILLING = ("time", "milestone", "retainer", "time")


def export_clients(plan: Plan, market: pl.DataFrame, book: Portfolio) -> pl.DataFrame:
    signed = book.contracts.group_by("client").agg(first=pl.col("signed").min())
    known = market.join(signed, on="client", how="left", maintain_order="left")
    first = known["first"].fill_null(plan.first).to_numpy()
    onboarded = first - plan.draws.whole(5, 60, "client.onboarded", known["client"].to_numpy())
    return known.select(
        "name",
        "segment",
        "country",
        "currency",
        client_id=client_id("client"),
        payment_terms_days="terms_days",
        onboarded_on=pl.lit(pl.Series(onboarded)),
    )


def export_contracts(book: Portfolio, market: pl.DataFrame) -> pl.DataFrame:
    place = market["place"].to_numpy()[book.contracts["client"].to_numpy()]
    return book.contracts.select(
        "currency",
        "po_required",
        contract_id=contract_id("contract"),
        client_id=client_id("client"),
        contract_no=pl.format("{}/{}", "client", "contract"),
        kind=pl.col("kind").replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String),
        signed_on="signed",
        starts_on="starts",
        payment_terms_days="terms_days",
        po_ref=pl.when("po_required").then(pl.format("PO-{}", "po")),
        legal_entity=pl.lit(np.array([each.entity for each in PLACES])[place]),
    )


def export_projects(book: Portfolio) -> pl.DataFrame:
    return book.projects.select(
        "currency",
        project_id=project_id("project"),
        client_id=client_id("client"),
        contract_id=contract_id("contract"),
        name=pl.format("Project {}", "project"),
        manager_id=person_id("manager"),
        practice=pl.lit(np.array(PRACTICES)[book.projects["practice"].to_numpy()]),
        billing_method=pl.col("kind").replace_strict(dict(enumerate(_BILLING)), return_dtype=pl.String),
        starts_on="starts",
        closed_on=pl.col("ends") + 30,
        _known_on=pl.col("starts") - 1,
    )
