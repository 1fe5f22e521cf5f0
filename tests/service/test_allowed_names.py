"""Which names a place takes, through lists and what may be left out."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from service.allowed_names import names_at, unknown_name


class Period(BaseModel):
    start_date: str
    end_date: str


class Line(BaseModel):
    price: Annotated[str | None, Field(description="Of one.")] = None
    period: Annotated[Period | None, Field(description="Of it.")] = None


class Draft(BaseModel):
    lines: Annotated[list[Line], Field(description="Of it.")]
    totals: dict[str, int]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ((), ("lines", "totals")),
        (("lines", 3), ("price", "period")),
        (("lines", 0, "period"), ("start_date", "end_date")),
        (("totals",), ()),
        (("lines", 0, "nothing"), ()),
    ],
)
def test_names_of_a_place(place: tuple[str | int, ...], names: tuple[str, ...]) -> None:
    assert names_at(Draft, place) == names


def test_what_has_no_fields_has_no_names() -> None:
    assert names_at(None, ()) == ()


def test_a_slip_is_told_from_a_guess() -> None:
    assert unknown_name("periods", ("price", "period")) == "No such field is taken here. Did you mean period? There are price, period."
    assert unknown_name("colour", ("price",)) == "No such field is taken here. There is price."
