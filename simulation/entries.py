"""Time entries as the system exports them: the version entered first, and a later one for each correction."""

from typing import Final

import numpy as np
import polars as pl

from simulation.cycle import drafted_at
from simulation.days import DAY_MICROS, NEVER, end_of
from simulation.draws import Ints
from simulation.naming import named
from simulation.narratives import TASK_CODES, TASKS, narratives
from simulation.people import ROLES, person_id
from simulation.places import UNITS_PER_EURO
from simulation.plan import Plan
from simulation.projects import project_id
from simulation.timesheets import INTERNAL_SLOT, Office

POOR: float = 0.07
"""Share of entries with a poor narrative, of an ordinary person in an ordinary week."""
TWIN_SLOT: Final = 90
"""What an entry that is made twice by mistake adds to its slot: an id of its own, the draws of the first."""


def time_line_id() -> pl.Expr:
    """The invoice line that an hourly entry goes on: one a project, month, person and task."""
    return named("L{}-{}-{}-{}", "project", "month", "person", "task")


def time_entry_id() -> pl.Expr:
    return named("T{}-{}-{}", "key_person", "key_day", "key_slot")


def export_entries(plan: Plan, rows: pl.DataFrame, office: Office, *, cost: Ints, cut_signed: Ints) -> pl.DataFrame:
    """`rows` with their anomalies (anomalies.py); `cost` (euro cents an hour) by person.

    `cut_signed` by contract: until that day the system knows nothing of a cut in rates.
    """
    spent, sloppiness = office.spent, office.crew.people.sort("person")["sloppiness"].to_numpy()
    person, day = (rows[name].to_numpy() for name in ("key_person", "key_day"))
    slot = rows["key_slot"].to_numpy() % TWIN_SLOT
    chance = POOR * sloppiness[person] * np.where(spent.overload[person, spent.of(day)], 2.0, 1.0)
    text = narratives(plan, key=(person, day, slot), poor=plan.draws.chance(chance, "entry.poor", person, day, slot))
    drafted = drafted_at(plan, rows["project"].to_numpy(), np.maximum(rows["month"].to_numpy(), 0))
    until = (plan.last_known + 1) * DAY_MICROS
    shown = pl.lit(pl.Series((rows["month"].to_numpy() >= 0) & (drafted <= until)))
    internal = pl.col("slot") == INTERNAL_SLOT
    told = rows.select(
        "minutes",
        "billable",
        entry_id=time_entry_id(),
        person_id=person_id("person"),
        project_id=project_id("project"),
        task=pl.when(~internal).then(pl.col("task").replace_strict(dict(enumerate(TASKS)), return_dtype=pl.String)),
        worked_on="day",
        role=pl.col("role").replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String),
        bill_rate=pl.when(~internal).then(pl.lit(pl.Series(_rate_known(rows, office, cut_signed)))),
        cost_per_hour=pl.lit(pl.Series(cost[rows["person"].to_numpy()]))
        * pl.col("currency").replace_strict(UNITS_PER_EURO, return_dtype=pl.Float64),
        narrative=pl.when(internal).then(pl.lit("internal")).otherwise(pl.coalesce("text", pl.lit(text))),
        task_code=pl.when(~internal).then(pl.col("task").replace_strict(dict(enumerate(TASK_CODES)), return_dtype=pl.String)),
        currency="currency",
        entered_at="entered",
        submitted_at="submitted",
        approved_at="approved",
        approver_id=person_id("manager"),
        invoice_line_id=pl.when(shown).then(time_line_id()),
        _known_at="entered",
        _mended="mended",
        _mended_at="mended_at",
    )
    again = told.filter(pl.col("_mended_at") < NEVER * DAY_MICROS).with_columns(minutes="_mended", _known_at="_mended_at")
    return pl.concat([told, again]).drop("_mended", "_mended_at")


def _rate_known(rows: pl.DataFrame, office: Office, cut_signed: Ints) -> Ints:
    """What the card said when the entry was made: the agreed rate, or the one before a cut that was not yet recorded."""
    contract, day = np.maximum(rows["contract"].to_numpy(), 0), rows["day"].to_numpy()
    before = office.cards.superseded(contract, role=rows["role"].to_numpy(), day=day)
    return np.where(rows["entered"].to_numpy() < end_of(cut_signed[contract]), before, rows["rate"].to_numpy())
