"""The forms in which a mapping says how a canonical value comes out of a source's columns (docs/mappings.md).

A form is a small declaration, never code: which columns, which format, which values. Each is known by its first word.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

Scalar = str | bool | int | Decimal | datetime | date


class Form(BaseModel):
    """Base of all declarations: unknown words are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Numeric(Form):
    """How the numbers of a column are written; what is not said is as the file says."""

    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None


class FromColumn(Numeric):
    """The cell of a column."""

    column: str = Field(alias="from")
    drop_decimals: bool = False
    """An id that went through a spreadsheet as a number: 1930571429.0 is 1930571429."""
    round: int | None = Field(default=None, ge=0, le=8)
    map: dict[str, Scalar | None] | None = None
    """Value of the source -> canonical value. A value that is not listed is a fault, unless `default` is given."""
    default: Scalar | None = None


class Constant(Form):
    """The same value for every row."""

    constant: Scalar


class Template(Form):
    """Text with cells in braces: INV-{invoiceNumber}. Empty when one of the cells is."""

    template: str


class DateOf(Form):
    """A civil date written in one of some formats (strptime)."""

    date: str
    format: str | list[str] | None = None
    drop_decimals: bool = False
    plus_days: int = 0


class InstantOf(Form):
    """An instant written in a format; without a zone of its own it is local time of `zone`."""

    instant: str
    format: str
    zone: str = "UTC"


class EndOfDay(Form):
    """The instant at which a date is over: when what happened on it is known for sure."""

    end_of_day: "Expression"


class MinutesFromHours(Numeric):
    """Decimal hours as whole minutes, rounded half up."""

    minutes_from_hours: str


class MinutesFromSeconds(Numeric):
    """Seconds as whole minutes, rounded half up."""

    minutes_from_seconds: str


class MoneyFromCents(Numeric):
    """Hundredths as an amount."""

    money_from_cents: str


class DaysBetween(Form):
    """Days from one date to another."""

    days_between: "tuple[Expression, Expression]"


class FirstOf(Form):
    """The first of some values that is not empty."""

    first_of: "list[Expression]" = Field(min_length=1)


class Choose(Form):
    """One value or another, by a condition."""

    when: "Condition"
    then: "Expression"
    otherwise: "Expression | None" = None


class Cell(Form):
    """What a cell is: one test of `equals`, `one_of`, `empty`, `below`, `above`."""

    column: str
    equals: Scalar | None = None
    one_of: list[Scalar] | None = None
    empty: bool | None = None
    below: Decimal | None = None
    above: Decimal | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if len(self.tests) != 1:
            raise ValueError("a condition on a column needs exactly one of equals, one_of, empty, below, above")
        return self

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(name for name in ("equals", "one_of", "empty", "below", "above") if getattr(self, name) is not None)


class All(Form):
    """Every one of some conditions holds."""

    all: "list[Condition]"


class AnyOf(Form):
    """At least one of some conditions holds."""

    any: "list[Condition]"


class Not(Form):
    """A condition does not hold."""

    not_: "Condition" = Field(alias="not")


_EXPRESSIONS: Final = {
    "from": FromColumn,
    "constant": Constant,
    "template": Template,
    "date": DateOf,
    "instant": InstantOf,
    "end_of_day": EndOfDay,
    "minutes_from_hours": MinutesFromHours,
    "minutes_from_seconds": MinutesFromSeconds,
    "money_from_cents": MoneyFromCents,
    "days_between": DaysBetween,
    "first_of": FirstOf,
    "when": Choose,
}
_CONDITIONS: Final = {"column": Cell, "all": All, "any": AnyOf, "not": Not}


def _head(among: dict[str, Any]) -> Discriminator:
    def head(value: object) -> str | None:
        if isinstance(value, dict):
            return next((word for word in among if word in value), None)
        return next((word for word, form in among.items() if isinstance(value, form)), None)

    message = f"needs one of the forms {', '.join(among)}"
    return Discriminator(head, custom_error_type="form", custom_error_message=message)


def _column_name(value: object) -> object:
    # The name of a column alone is the commonest form.
    return {"from": value} if isinstance(value, str) else value


Expression = Annotated[
    Annotated[FromColumn, Tag("from")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[Template, Tag("template")]
    | Annotated[DateOf, Tag("date")]
    | Annotated[InstantOf, Tag("instant")]
    | Annotated[EndOfDay, Tag("end_of_day")]
    | Annotated[MinutesFromHours, Tag("minutes_from_hours")]
    | Annotated[MinutesFromSeconds, Tag("minutes_from_seconds")]
    | Annotated[MoneyFromCents, Tag("money_from_cents")]
    | Annotated[DaysBetween, Tag("days_between")]
    | Annotated[FirstOf, Tag("first_of")]
    | Annotated[Choose, Tag("when")],
    _head(_EXPRESSIONS),
    BeforeValidator(_column_name),
]
Condition = Annotated[
    Annotated[Cell, Tag("column")] | Annotated[All, Tag("all")] | Annotated[AnyOf, Tag("any")] | Annotated[Not, Tag("not")],
    _head(_CONDITIONS),
]

for _form in (EndOfDay, DaysBetween, FirstOf, Choose, All, AnyOf, Not):
    _form.model_rebuild()
