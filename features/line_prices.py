"""What a line's hour should cost: the card that stood on the line's first day, for the role it names and for the role its person has."""

import polars as pl

from controls.facts.cards import with_card
from records.known import ENTER, LEAVE, Facts, Known


def card_rates(known: Known, lines: pl.DataFrame) -> pl.DataFrame:
    """By `place`: `agreed` (engine money an hour) and `agreed_since` (date). Each line is asked at its `at` for its `day`."""
    asked = lines.filter(pl.col("hourly") & pl.col("role").is_not_null())
    return _looked_up(known, asked)


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
    """`agreed` and `agreed_since` of the card that counts, if it is in the line's currency: the controls' own rule, asked at one moment."""
    moments = asked.select("place", "day", "role", "currency", "contract_id", "client_id", "person_id", pl.col("at").alias(ENTER))
    at = Facts("line_moment", moments.with_columns((pl.col(ENTER) + 1).alias(LEAVE)).lazy())
    told = with_card(known, at, day="day").frame.filter(pl.col("currency") == pl.col("card_currency"))
    return told.select("place", agreed="card_rate", agreed_since="card_since").collect()


def _stood() -> pl.Expr:
    return (pl.col(ENTER) <= pl.col("at")) & (pl.col("at") < pl.col(LEAVE))
