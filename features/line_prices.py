"""What a line's hour should cost: the card that stood on the line's first day, for the role it names and for the role its person has."""

from typing import Final

import polars as pl

from records.known import ENTER, LEAVE, Known

_CARD: Final = ("contract_id", "client_id", "role", "person_id", "currency", "bill_rate", "effective_on", "ends_on")
_LEVELS: Final = (("contract_id",), ("client_id",), ())
"""Of which the first that has a card says what was agreed: the contract's, the client's, the firm's own."""


def card_rates(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `agreed` (engine money an hour) and `agreed_since` (date). Each line is asked at its `at` for its `day`."""
    asked = lines.filter(pl.col("hourly") & pl.col("role").is_not_null())
    return _looked_up(known, asked).select("place", "agreed", agreed_since="effective_on")


def assigned_roles(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `own_role` that the person has on the project, or else in the firm, and `agreed_own`, the price of that role."""
    asked = lines.filter(pl.col("hourly") & pl.col("person_id").is_not_null())
    planned = known.facts("assignment", take=("person_id", "project_id", "role", "starts_on")).frame.collect()
    wanted = asked.select("place", "at", "day", "person_id", "project_id")
    met = wanted.join(planned, on=["person_id", "project_id"]).filter(_stood() & (pl.col("starts_on") <= pl.col("day")))
    told = met.sort("place", "starts_on", "assignment_id", descending=[False, True, False]).unique(
        "place", keep="first", maintain_order=True
    )
    people = known.facts("person", take=("role",)).frame.collect()
    of_firm = wanted.join(people, on="person_id").filter(_stood()).select("place", in_firm="role")
    roles = asked.drop("role").join(told.select("place", planned="role"), on="place", how="left").join(of_firm, on="place", how="left")
    owned = roles.with_columns(role=pl.coalesce("planned", "in_firm")).filter(pl.col("role").is_not_null())
    rates = _looked_up(known, owned).select("place", agreed_own="agreed")
    return owned.select("place", own_role="role").join(rates, on="place", how="left")


def _looked_up(known: Known, asked: pl.DataFrame) -> pl.DataFrame:
    cards = known.facts("rate_card_line", take=_CARD).frame.collect().rename({"person_id": "for_person"})
    wanted = asked.select("place", "at", "day", "role", "currency", "contract_id", "client_id", person="person_id")
    parts = []
    for level, keys in enumerate(_LEVELS):
        held = cards.filter(*(pl.col(key).is_not_null() for key in keys), *(pl.col(key).is_null() for key in _above(level)))
        found = wanted.join(held, on=[*keys, "role", "currency"])
        standing = (pl.col("effective_on") <= pl.col("day")) & (pl.col("ends_on").is_null() | (pl.col("day") <= pl.col("ends_on")))
        own = pl.col("for_person").is_null() | (pl.col("for_person") == pl.col("person")).fill_null(value=False)
        kept = found.filter(_stood() & standing & own).with_columns(level=pl.lit(level), general=pl.col("for_person").is_null())
        parts.append(kept.select("place", "level", "general", "effective_on", "rate_id", agreed="bill_rate"))
    order = ("place", "level", "general", "effective_on", "rate_id")
    ranked = pl.concat(parts).sort(*order, descending=[False, False, False, True, True])
    return ranked.unique("place", keep="first", maintain_order=True)


def _above(level: int) -> tuple[str, ...]:
    """Columns that a card of this level leaves open, since a narrower level would claim it."""
    return () if level == 0 else ("contract_id",) if level == 1 else ("contract_id", "client_id")


def _stood() -> pl.Expr:
    return (pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE))
