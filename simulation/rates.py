"""Rate cards: standard rates rise each January, a contract discounts them, an amendment may cut them from a day on."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.days import NEVER, years_since
from simulation.draws import Floats, Ints
from simulation.naming import named
from simulation.people import RATE_CENTS, ROLES, SUPPORT
from simulation.places import UNITS_PER_EURO
from simulation.plan import Plan, Traits
from simulation.projects import contract_id


@dataclass(frozen=True)
class RateCards:
    """By contract: discount as a factor, units of its currency for a euro, the day of a cut and its factor."""

    first: int
    rise: float
    discount: Floats
    units: Floats
    cut_on: Ints
    cut: Floats

    def at(self, contract: Ints, *, role: Ints, day: Ints) -> Ints:
        """Agreed bill rate an hour on a day, cents: whole units of the contract's currency."""
        factor = np.where(day >= self.cut_on[contract], self.cut[contract], 1.0)
        return self._whole(contract, role, years_since(day, self.first), factor)

    def superseded(self, contract: Ints, *, role: Ints, day: Ints) -> Ints:
        """The rate of the card before the cut, as somebody bills who has not heard of the amendment."""
        return self._whole(contract, role, years_since(day, self.first), np.ones(len(contract)))

    def _whole(self, contract: Ints, role: Ints, year: Ints, factor: Floats) -> Ints:
        standard = np.array(RATE_CENTS, dtype=np.float64)[role] / 100
        rate = standard * self.units[contract] * self.discount[contract] * factor * (1 + self.rise) ** year
        return np.asarray(np.round(rate) * 100, dtype=np.int64)


def rate_cards(plan: Plan, traits: Traits, contracts: pl.DataFrame, *, cut_on: Ints, cut: Floats) -> RateCards:
    units = np.array([UNITS_PER_EURO[each] for each in contracts["currency"].to_list()])
    return RateCards(plan.first, traits.rate_rise, contracts["discount"].to_numpy(), units, cut_on, cut)


def export_rates(plan: Plan, cards: RateCards, contracts: pl.DataFrame, *, signed: Ints) -> pl.DataFrame:
    """A line a contract, role and year, and another from a cut on; `signed` (by contract): when the cut became known."""
    roles = pl.DataFrame({"role": np.array([role for role in range(len(ROLES)) if role != SUPPORT], dtype=np.int64)})
    januaries = [int(day) for day in plan.months_first[1 : plan.months] if np.datetime64(int(day), "D").astype(object).month == 1]
    begins = pl.DataFrame({"january": np.array([0, *januaries], dtype=np.int64)})
    grid = (
        contracts.select("contract", "starts", "ends", "currency", contract_signed="signed")
        .join(begins, how="cross")
        .join(roles, how="cross")
    )
    grid = grid.filter((pl.col("january") <= pl.col("ends")) & ((pl.col("january") == 0) | (pl.col("january") > pl.col("starts"))))
    yearly = grid.with_columns(day=pl.max_horizontal("starts", "january"), cut=pl.lit(value=False))
    owner = yearly["contract"].to_numpy()
    cuts = yearly.with_columns(day=pl.lit(pl.Series(cards.cut_on[owner])), cut=pl.lit(value=True))
    cuts = cuts.filter((pl.col("january") == 0) & (pl.col("day") < NEVER))
    both = pl.concat([yearly, cuts])
    contract, day = both["contract"].to_numpy(), both["day"].to_numpy()
    rate = cards.at(contract, role=both["role"].to_numpy(), day=day)
    known = np.where(
        both["cut"].to_numpy(), signed[contract], np.maximum(both["contract_signed"].to_numpy(), both["january"].to_numpy() - 20)
    )
    return both.select(
        "currency",
        rate_id=named("V{}-{}-{}{}", "contract", "role", "day", pl.when("cut").then(pl.lit("c")).otherwise(pl.lit(""))),
        contract_id=contract_id("contract"),
        role=pl.col("role").replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String),
        bill_rate=pl.lit(pl.Series(rate)),
        effective_on="day",
        _known_on=pl.lit(pl.Series(known)),
    )
