"""The standing data as the systems export it: clients, guidelines, contracts, projects, assignments, cost rates, names across systems."""

import json
from typing import Final

import numpy as np
import polars as pl

from simulation.amendments import orders
from simulation.budgets import SLOT_MINUTES
from simulation.days import NEVER
from simulation.draws import Ints
from simulation.naming import named
from simulation.people import PRACTICES, ROLES, Staff, person_id
from simulation.places import HOME_CURRENCY, PLACES
from simulation.plan import Plan
from simulation.projects import KINDS, Portfolio, client_id, contract_id, project_id

_BILLING: Final = ("time", "milestone", "retainer", "time")
INTERNAL: Final = "INTERNAL"
"""The firm as its own client, for time that nobody pays."""
CREDIT_CODES: Final = ("A", "B", "C", "D")
CREDIT_LAG_MONTHS: Final = 2
GUIDELINES: Final[tuple[tuple[str, dict[str, int], str], ...]] = (
    ("narrative_too_short", {"words": 4}, "Each time entry describes the work in at least four words."),
    ("po_required", {}, "Invoices without a purchase order number are returned."),
    ("late_entry", {"days": 60}, "Time older than 60 days is not accepted."),
    ("expense_without_receipt", {"free_up_to": 0}, "Expenses are reimbursed against receipts only."),
)


def export_clients(plan: Plan, market: pl.DataFrame, book: Portfolio, *, stress: np.ndarray) -> pl.DataFrame:
    """A version when a client is taken on, and one for each later change of its credit code: noisy, and two months behind its cash."""
    signed = book.contracts.group_by("client").agg(first=pl.col("signed").min())
    known = market.join(signed, on="client", how="left", maintain_order="left")
    client = known["client"].to_numpy()
    onboarded = known["first"].fill_null(plan.first).to_numpy() - plan.draws.whole(5, 60, "client.onboarded", client)
    month = np.arange(plan.months, dtype=np.int64)[None, :]
    behind = stress[:, np.maximum(np.arange(plan.months) - CREDIT_LAG_MONTHS, 0)]
    score = 1.0 + 1.5 * behind + 0.35 * plan.draws.normal("client.credit", client[:, None], month // 3)
    code = np.clip(np.round(score), 0, 3).astype(np.int64)
    changed = np.concatenate([np.ones((len(client), 1), dtype=bool), code[:, 1:] != code[:, :-1]], axis=1)
    row, at = np.nonzero(changed)
    versions = pl.DataFrame({"client": row, "code": np.array(CREDIT_CODES)[code[row, at]], "month": at}).with_columns(
        pl.col("client").cast(pl.Int64)
    )
    told = versions.join(known.with_columns(pl.Series("onboarded", onboarded)), on="client", how="left", maintain_order="left")
    told = told.with_columns(_known_on=pl.lit(pl.Series(plan.months_first[told["month"].to_numpy()])))
    told = told.filter((pl.col("_known_on") > pl.col("onboarded")) | (pl.col("month") == 0))
    first = pl.int_range(pl.len()).over("client") == 0
    shown = told.select(
        "name", "segment", "country", "currency", client_id=client_id("client"), payment_terms_days="terms_days", credit_code="code",
        onboarded_on="onboarded", _known_on=pl.when(first).then("onboarded").otherwise("_known_on"),
    )  # fmt: skip
    own = {
        "name": "Own work",
        "segment": None,
        "country": "DE",
        "currency": HOME_CURRENCY,
        "client_id": INTERNAL,
        "onboarded_on": plan.first - 9,
    }
    return pl.concat([shown, pl.DataFrame([{**own, "_known_on": plan.first - 9}])], how="diagonal_relaxed")


def export_guidelines(plan: Plan, market: pl.DataFrame) -> pl.DataFrame:
    grid = market.select("client").join(pl.DataFrame({"number": np.arange(len(GUIDELINES), dtype=np.int64)}), how="cross")
    has = plan.draws.chance(0.35, "guideline.has", grid["client"].to_numpy(), grid["number"].to_numpy())
    kept = grid.filter(pl.lit(pl.Series(has)))
    number = kept["number"].to_list()
    return kept.select(
        guideline_id=named("GL{}-{}", "client", "number"),
        client_id=client_id("client"),
        rule=pl.Series([GUIDELINES[each][0] for each in number], dtype=pl.String),
        parameters=pl.Series([json.dumps(GUIDELINES[each][1]) for each in number], dtype=pl.String),
        text=pl.Series([GUIDELINES[each][2] for each in number], dtype=pl.String),
        effective_on=pl.lit(plan.first, dtype=pl.Int64),
    )


def export_contracts(book: Portfolio, market: pl.DataFrame, *, amended: pl.DataFrame) -> pl.DataFrame:
    """The contract as signed, and a version for each amendment that names another order, when that becomes known."""
    place = market["place"].to_numpy()[book.contracts["client"].to_numpy()]
    signed = book.contracts.with_columns(
        pl.Series("entity", np.array([each.entity for each in PLACES])[place]), _known_on=pl.col("signed"), po=named("PO-{}", "po")
    )
    changed = signed.join(orders(amended).rename({"signed": "later"}), on="contract").with_columns(
        _known_on="later", po=named("PO-{}", "number")
    )
    both = pl.concat([signed, changed.filter("po_required").select(signed.columns)]).unique(
        ["contract", "_known_on"], keep="first", maintain_order=True
    )
    return both.select(
        "currency",
        "po_required",
        "value",
        "_known_on",
        contract_id=contract_id("contract"),
        client_id=client_id("client"),
        contract_no=named("{}/{}", "client", "contract"),
        kind=pl.col("kind").replace_strict(dict(enumerate(KINDS)), return_dtype=pl.String),
        signed_on="signed",
        starts_on="starts",
        ends_on="planned_ends",
        cap_amount="cap",
        retainer_amount_month="retainer_month",
        payment_terms_days="terms_days",
        late_entry_cutoff_days="cutoff_days",
        po_ref=pl.when("po_required").then("po"),
        legal_entity="entity",
    )


def export_projects(plan: Plan, book: Portfolio, *, internal: Ints) -> pl.DataFrame:
    client_work = book.projects.select(
        "currency",
        project_id=project_id("project"),
        client_id=client_id("client"),
        contract_id=contract_id("contract"),
        project_no=named("{}.{}", "client", "project"),
        name=_name(),
        manager_id=person_id("manager"),
        practice=pl.Series(np.array(PRACTICES)[book.projects["practice"].to_numpy()]),
        billing_method=pl.col("kind").replace_strict(dict(enumerate(_BILLING)), return_dtype=pl.String),
        starts_on="starts",
        ends_on="planned_ends",
        closed_on=pl.col("ends") + 30,
        _known_on=pl.col("starts") - 3,
    )
    own = pl.DataFrame({"project": internal, "practice": PRACTICES}).select(
        project_id=project_id("project"), client_id=pl.lit(INTERNAL), name=pl.lit("Own work ") + pl.col("practice"), practice="practice",
        billing_method=pl.lit("none"), currency=pl.lit(HOME_CURRENCY), starts_on=pl.lit(plan.first - 1, dtype=pl.Int64),
        closed_on=pl.lit(NEVER, dtype=pl.Int64), _known_on=pl.lit(plan.first - 1, dtype=pl.Int64),
    )  # fmt: skip
    return pl.concat([client_work, own], how="diagonal_relaxed")


def _name() -> pl.Expr:
    words = ("Roll-out", "Review", "Migration", "Assessment", "Operating model", "Audit support", "Platform")
    return (pl.col("project") % len(words)).replace_strict(dict(enumerate(words)), return_dtype=pl.String) + named(" {}", "project")


def export_assignments(book: Portfolio, crew: Staff) -> pl.DataFrame:
    """Who is planned for what, by person, until the planned end: nobody plans to leave. A successor takes over what is left."""
    seated = book.members.join(book.projects.select("project", "starts", "ends", "planned_ends", "intensity"), on="project").join(
        crew.seats.select("seat", "role", "left", "successor", "refilled"), on="seat"
    )
    first = seated.with_columns(person="seat", begins="starts", until=pl.min_horizontal("ends", "left")).filter(
        pl.col("begins") < pl.col("until")
    )
    later = seated.with_columns(person="successor", begins=pl.max_horizontal("starts", "refilled"), until="ends")
    later = later.filter((pl.col("person") >= 0) & (pl.col("begins") < pl.col("until")))
    minutes = (5 * SLOT_MINUTES * pl.col("intensity") / 15).round().cast(pl.Int64) * 15
    return pl.concat([first, later]).select(
        assignment_id=named("AS{}-{}-{}", "project", "slot", "person"),
        person_id=person_id("person"),
        project_id=project_id("project"),
        role=pl.col("role").replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String),
        starts_on="begins",
        ends_on=pl.max_horizontal("planned_ends", "begins"),
        planned_minutes_week=minutes,
        _known_on=pl.col("begins") - 3,
    )


def export_cost_rates(crew: Staff, cost: Ints) -> pl.DataFrame:
    people = crew.people.sort("person")
    return people.select(
        cost_rate_id=named("CR{}", "person"),
        person_id=person_id("person"),
        currency=pl.lit(HOME_CURRENCY),
        cost_per_hour=pl.Series(cost),
        effective_on="hired",
        _known_on="hired",
    )


def export_links(book: Portfolio) -> pl.DataFrame:
    """One project, three names: an opportunity of the CRM, an order line of the ERP, the project of the PSA (canonical)."""
    crm = book.projects.select("project", "starts", system=pl.lit("pipeline"), external_id=named("OPP-{}-{}", "client", "project"))
    erp = book.projects.select("project", "starts", system=pl.lit("ledgerline"), external_id=named("{}/{}0", "contract", "number"))
    return pl.concat([crm, erp]).select(
        "system",
        "external_id",
        link_id=named("LK-{}-{}", "system", "project"),
        table=pl.lit("project"),
        id=project_id("project"),
        method=pl.lit("reference"),
        decided_at=(pl.col("starts") + 1) * 86_400_000_000,
        decided_by=pl.lit("import"),
    )
