"""What a control tolerates, and how a client's billing guideline changes that for a day, as known at the time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from controls.facts.spans import in_force
from records.known import MONEY_SCALE, Facts, Known

Value = bool | int | float | str
GUIDELINE: Final = "guideline_id"


@dataclass(frozen=True)
class Tolerance:
    """What a control allows, under a name: how much usually, in which unit, and why that much."""

    name: str
    default: Value
    unit: str
    """`money` is in units of the currency here and in guidelines, and in engine units in the facts of a control."""
    reason: str

    @property
    def dtype(self) -> pl.DataType:
        kinds: dict[type, pl.DataType] = {bool: pl.Boolean(), int: pl.Int64(), float: pl.Float64(), str: pl.String()}
        return pl.Int64() if self.unit == "money" else kinds[type(self.default)]

    def engine(self, value: Value) -> Value:
        return round(float(value) * MONEY_SCALE) if self.unit == "money" else value

    def readable(self, value: object) -> bool:
        """Whether a guideline's value is of the kind that this tolerance takes."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.unit == "money" or isinstance(self.default, float):
            return number
        return type(value) is type(self.default)


@dataclass(frozen=True)
class Terms:
    """The tolerances of one control for each client and day."""

    tolerances: tuple[Tolerance, ...]
    guidelines: pl.DataFrame
    """client_id, effective_on, ends_on, guideline_id, enter, leave, and a column for each tolerance, where guidelines set it."""

    @classmethod
    def of(cls, known: Known, rule: str, tolerances: tuple[Tolerance, ...]) -> "Terms":
        stated = known.derived(_stated).frame.collect()
        if stated.is_empty():
            return cls(tolerances, _unset(tolerances))
        own = stated.filter(pl.col("rule") == rule)
        parsed = [_parameters(text) for text in own["parameters"]]
        columns = [pl.Series(one.name, [_value(one, given) for given in parsed], dtype=one.dtype, strict=False) for one in tolerances]
        return cls(tolerances, own.drop("rule", "parameters").with_columns(columns))

    def on(self, facts: Facts, *, day: str) -> Facts:
        """The facts with a column for each tolerance as it was on their day, and the `guideline_id` of the client's own rule, if any."""
        names = [one.name for one in self.tolerances]
        usual = [pl.lit(one.engine(one.default), dtype=one.dtype).alias(one.name) for one in self.tolerances]
        if self.guidelines.is_empty():
            return Facts(facts.name, facts.frame.with_columns(*usual, pl.lit(None, dtype=pl.String).alias(GUIDELINE)))
        ruled = in_force(facts, Facts("guideline", self.guidelines.lazy()), on=("client_id",), day=day, take=(GUIDELINE, *names))
        return Facts(ruled.name, ruled.frame.with_columns(self._filled(names)))

    def each(self, facts: Facts, *, day: str, about: str) -> Facts:
        """Those of the facts that a client's rule is about on their day, beside it.

        `about` is a tolerance that says what a rule is about, and a column of the facts: rules about different things, such as two
        categories of expenses, hold beside each other.
        """
        own = self._of_clients(facts)
        rest = [one.name for one in self.tolerances if one.name != about]
        if self.guidelines.is_empty():
            return self.on(own, day=day).where(pl.col(GUIDELINE).is_not_null(), name="each")
        rules = Facts("guideline", self.guidelines.lazy().with_columns(self._filled([about])))
        ruled = in_force(own, rules, on=("client_id", about), day=day, take=(GUIDELINE, *rest))
        return Facts(ruled.name, ruled.frame.filter(pl.col(GUIDELINE).is_not_null()).with_columns(self._filled(rest)))

    def subjects(self, about: str) -> list[Value]:
        """What any rule is about: the values of the tolerance `about`."""
        return self.guidelines.select(self._filled([about])).unique().sort(about)[about].to_list()

    def _filled(self, names: Sequence[str]) -> list[pl.Expr]:
        """What no rule sets is as usual."""
        return [pl.col(one.name).fill_null(one.engine(one.default)) for one in self.tolerances if one.name in names]

    def ruled(self, facts: Facts, *, day: str) -> Facts:
        """As `on`, of those clients alone that had a rule of their own on the day: few, and the others' facts are not looked at."""
        return self.on(self._of_clients(facts), day=day).where(pl.col(GUIDELINE).is_not_null(), name="ruled")

    def _of_clients(self, facts: Facts) -> Facts:
        """The facts of clients that have any rule."""
        clients = self.guidelines["client_id"].unique().to_list() if "client_id" in self.guidelines.columns else []
        return facts.where(pl.col("client_id").is_in(clients), name="ruled")


def _stated(known: Known) -> Facts:
    return known.facts("billing_guideline", take=("client_id", "rule", "parameters", "effective_on", "ends_on"))


@cache
def _unset(tolerances: tuple[Tolerance, ...]) -> pl.DataFrame:
    """The tolerances where no client has a guideline; of each control once."""
    return pl.DataFrame(schema={one.name: one.dtype for one in tolerances})


def _parameters(text: str | None) -> dict[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _value(tolerance: Tolerance, given: dict[str, object]) -> Value | None:
    """What a guideline sets; a value of another kind sets nothing."""
    value = given.get(tolerance.name)
    return tolerance.engine(value) if tolerance.readable(value) and isinstance(value, bool | int | float | str) else None
