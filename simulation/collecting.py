"""What collectors do about overdue invoices, and what clients promise. Collectors choose by amount and age, so contact is confounded."""

from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, HOUR_MICROS, next_workday
from simulation.naming import named
from simulation.paying import DUNNING_AFTER_DAYS, Habit, Paid
from simulation.plan import Plan

STEPS: Final = ("reminder", "call", "letter", "escalation")
ACTORS: Final = ("collections.a", "collections.b", "collections.c")
PROMISED: Final = 0.45
"""Share of reached calls that end in a promise."""
FORESEEN_DAYS: Final = 60
"""Further ahead than this nobody can promise honestly."""
PROMISE_KEPT: Final = 0.62


def activities(plan: Plan, settled: pl.DataFrame, *, habit: Habit, paid: Paid, reachable: np.ndarray) -> pl.DataFrame:
    """One row an activity, with the day the invoice is paid for the promises. `settled` has a row a draft, in the drafts' order."""
    row, step = np.nonzero(paid.acted)
    draws = plan.draws
    key = (settled["project"].to_numpy()[row], settled["month"].to_numpy()[row], step.astype(np.int64))
    on = next_workday(habit.due[row] + np.array(DUNNING_AFTER_DAYS)[step], 0)
    reached = draws.chance(reachable[row], "dunning.reached", *key)
    promised = draws.chance(PROMISED, "dunning.promised", *key)
    spoken = np.where(reached, np.where(promised, "promised", "reached"), "no_answer")
    acted = pl.DataFrame(
        {
            "activity_id": [f"D{project}-{month}-{number}" for project, month, number in zip(*key, strict=True)],
            "client": settled["client"].to_numpy()[row],
            "invoice_id": settled["invoice_id"].gather(row),
            "kind": np.array(STEPS)[step],
            "level": step + 1,
            "on": on,
            "performed_at": on * DAY_MICROS + 8 * HOUR_MICROS + draws.whole(0, 9 * 3600, "dunning.hour", *key) * 1_000_000,
            "actor": np.array(ACTORS)[settled["client"].to_numpy()[row] % len(ACTORS)],
            "outcome": spoken,
            "paid_on": np.maximum(paid.first_on[row], paid.rest_on[row]),
            "payable": settled["payable"].to_numpy()[row],
            "currency": settled["currency"].gather(row),
            "project": key[0],
            "month": key[1],
        },
    )
    called = pl.when(pl.col("kind") == "call").then("outcome")
    return acted.with_columns(outcome=called).filter(pl.col("on") < pl.col("paid_on"))


def promises(plan: Plan, acted: pl.DataFrame) -> pl.DataFrame:
    """Promises given on calls: kept ones name a day on or after the payment's, broken ones an earlier one."""
    given = acted.filter(pl.col("outcome") == "promised")
    key = [given[name].to_numpy() for name in ("project", "month")]
    kept = plan.draws.chance(PROMISE_KEPT, "promise.kept", *key)
    on, paid = given["on"].to_numpy(), given["paid_on"].to_numpy()
    soon = on + plan.draws.whole(4, 14, "promise.soon", *key)
    honest = np.where(paid - on < FORESEEN_DAYS, paid + plan.draws.whole(0, 2, "promise.slack", *key), soon)
    return given.select(
        "activity_id",
        "invoice_id",
        "currency",
        promise_id=pl.lit("Q") + pl.col("activity_id"),
        client_id=named("C{}", pl.col("client").cast(pl.String).str.zfill(5)),
        promised_at=pl.col("performed_at") + 300_000_000,
        promised_for_on=np.where(kept, honest, soon),
        amount="payable",
    ).drop("activity_id")


def export_activities(acted: pl.DataFrame) -> pl.DataFrame:
    return acted.select(
        "activity_id",
        "invoice_id",
        "kind",
        "level",
        "performed_at",
        "actor",
        "outcome",
        client_id=named("C{}", pl.col("client").cast(pl.String).str.zfill(5)),
    )
