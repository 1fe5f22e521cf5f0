"""What a project's people worked for each invoice: one row a (project, month, person, task). Planned from the team's week."""

import numpy as np
import polars as pl

from simulation.days import next_workday
from simulation.people import holder_on
from simulation.plan import Plan
from simulation.projects import Portfolio

DAY_MINUTES = 76
"""Minutes a day that a full-time member gives to one of six teams."""
TASKS = 3


def work(plan: Plan, book: Portfolio, seats: pl.DataFrame) -> pl.DataFrame:
    """Columns project, month, person, role, task, minutes, first_on, last_on."""
    months = pl.DataFrame({"month": np.arange(plan.months, dtype=np.int64), "opens": plan.months_first[: plan.months]})
    months = months.with_columns(closes=plan.months_first[1 : plan.months + 1] - 1)
    spans = book.projects.select("project", "starts", "ends", "intensity").join(months, how="cross")
    spans = spans.with_columns(first_on=pl.max_horizontal("starts", "opens"), last_on=pl.min_horizontal("ends", "closes"))
    spans = spans.filter(pl.col("first_on") < pl.col("last_on")).join(book.members, on="project")
    person = holder_on(seats, spans["seat"].to_numpy(), spans["first_on"].to_numpy())
    spans = spans.with_columns(person=person, role=seats["role"].to_numpy()[spans["seat"].to_numpy()]).filter(pl.col("person") >= 0)
    key = [spans[name].to_numpy() for name in ("project", "month", "person")]
    task = plan.draws.whole(1, TASKS, "work.task", *key)
    days = np.busday_count(spans["first_on"].to_numpy().astype("datetime64[D]"), spans["last_on"].to_numpy().astype("datetime64[D]"))
    minutes = days * DAY_MINUTES * spans["intensity"].to_numpy() * plan.draws.between(0.7, 1.3, "work.minutes", *key)
    done = spans.with_columns(task=task, minutes=(np.round(minutes / 15) * 15).astype(np.int64))
    done = done.with_columns(first_on=next_workday(done["first_on"].to_numpy(), 0))
    return done.filter(pl.col("minutes") > 0).select("project", "month", "person", "role", "task", "minutes", "first_on", "last_on")
