"""Exchange rates: units of each foreign currency for one of home, a random walk by month."""

import numpy as np
import polars as pl

from simulation.naming import named
from simulation.places import HOME_CURRENCY, UNITS_PER_EURO
from simulation.plan import Plan

MONTHLY_CHANGE = 0.012


def exchange_rates(plan: Plan) -> pl.DataFrame:
    month = np.arange(plan.months + 1, dtype=np.int64)
    tables = []
    for number, (quote, level) in enumerate(UNITS_PER_EURO.items()):
        if quote == HOME_CURRENCY:
            continue
        steps = MONTHLY_CHANGE * plan.draws.normal("exchange.step", month, number)
        steps[0] = 0.0
        rates = np.round(level * np.exp(np.cumsum(steps)), 6)
        on = plan.months_first[month]
        tables.append(pl.DataFrame({"quote": quote, "rate": rates, "as_of_on": on, "_known_on": on - 1}))
    both = pl.concat(tables)
    return both.with_columns(base=pl.lit(HOME_CURRENCY), fx_id=named("F{}-{}", "quote", "as_of_on"))
