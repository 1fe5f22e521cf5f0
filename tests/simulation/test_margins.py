"""What the simulated firm says of a project's margin: likelihoods that agree with how projects ended, whatever one of them billed."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from simulation.ledger import ledger_of
from simulation.margins import final_margins, outlook
from simulation.plan import Plan
from simulation.projects import project_id
from simulation.timesheets import month_entries
from simulation.work import effort, hourly_lines, joined_lines
from simulation.world import World, world_of

PLAN = Plan(people=100, months=24, seed=33)
TIME_AND_MATERIALS = 0


@dataclass(frozen=True)
class Ended:
    world: World
    margins: pl.DataFrame
    """One row a project."""

    def told(self, margins: pl.DataFrame) -> pl.DataFrame:
        """What is said of each project on its last Monday, with its kind; of those that began and ended within the records."""
        projects = self.world.office.book.projects
        kinds = margins.select("starts", "ends", "kind", project_id=project_id("project"))
        last = outlook(PLAN, projects, scope=self.world.office.scope, margins=margins).group_by("project_id", maintain_order=True).last()
        within = (pl.col("starts") > PLAN.first) & (pl.col("ends") < PLAN.end - 60) & pl.col("final_margin").is_finite()
        return last.join(kinds, on="project_id").filter(within).sort("project_id")


@pytest.fixture(scope="module")
def ended() -> Ended:
    world = world_of(PLAN)
    rows = [month_entries(PLAN, world.office, month) for month in range(PLAN.months)]
    done = pl.concat([effort(part, month=month, cost=world.cost) for month, part in enumerate(rows)])
    ledger = ledger_of(PLAN, world, hourly=joined_lines([hourly_lines(part) for part in rows]), done=done)
    return Ended(world, final_margins(world.office.book.projects, planned=world.planned, done=done, lines=ledger.lines))


def test_as_many_fall_as_are_said_to_by_kind_of_contract(ended: Ended) -> None:
    by_kind = ended.told(ended.margins).group_by("kind").agg(pl.len(), said=pl.col("p_margin_fall").mean(), fell=pl.col("fell").mean())
    assert by_kind["len"].min() >= 30  # type: ignore[operator]
    assert np.allclose(by_kind["said"], by_kind["fell"], atol=0.02)


def test_one_project_that_billed_next_to_nothing_changes_hardly_anything(ended: Ended) -> None:
    """Its margin is minus fifteen thousand per cent: as a line through all margins it would make every project as likely to fall as not."""
    odd = (pl.col("kind") == TIME_AND_MATERIALS) & pl.col("fell") & (pl.col("fell").cum_sum().over("kind") == 1)
    billed_nothing = ended.margins.with_columns(final_margin=pl.when(odd).then(-156.0).otherwise("final_margin"))
    changed = (ended.told(billed_nothing)["p_margin_fall"] - ended.told(ended.margins)["p_margin_fall"]).abs().max()
    assert changed is not None
    assert float(changed) < 0.01  # type: ignore[arg-type]
