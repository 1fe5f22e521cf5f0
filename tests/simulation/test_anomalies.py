"""Odd entries and lines: a kind that is switched on changes its own records and no other, and each is what its name says."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from simulation.anomalies import ENTRY_KINDS, LINE_KINDS, LONGEST, SHARE
from simulation.firm import run, simulate
from simulation.plan import Plan

PLAN = Plan(people=40, months=8, seed=3)


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same firm with nothing odd, with every kind, and with two kinds of entries."""
    kinds = {"plain": (), "all": (*ENTRY_KINDS, *LINE_KINDS), "two": ("long_entry", "near_duplicate")}
    places = {}
    for name, chosen in kinds.items():
        places[name] = tmp_path_factory.mktemp(name)
        run(places[name], replace(PLAN, anomalies=chosen))
    return places


def entries(firm: Path) -> pl.DataFrame:
    return pl.read_parquet(firm / "time_entry.parquet")


def odd(firm: Path) -> pl.DataFrame:
    return pl.read_parquet(firm / "truth" / "anomaly.parquet")


def both(firms: dict[str, Path], kind: str) -> pl.DataFrame:
    """The odd entries of a kind beside themselves as they were meant, `_meant`."""
    found = odd(firms["all"]).filter(pl.col("kind") == kind).with_columns(meant=pl.coalesce("of_entity_id", "entity_id"))
    first = [entries(firms[name]).sort("recorded_at").unique("entry_id", keep="first") for name in ("all", "plain")]
    return found.join(first[0], left_on="entity_id", right_on="entry_id").join(
        first[1], left_on="meant", right_on="entry_id", suffix="_meant"
    )


def test_nothing_is_odd_unless_asked_for(firms: dict[str, Path]) -> None:
    assert odd(firms["plain"]).is_empty()


@pytest.mark.parametrize("name", ["all", "two"])
def test_no_other_entry_moves(firms: dict[str, Path], name: str) -> None:
    marked = odd(firms[name]).filter(pl.col("entity_type") == "time_entry")["entity_id"]
    plain, changed = entries(firms["plain"]), entries(firms[name])
    kept = changed.filter(~pl.col("entry_id").is_in(marked.implode()))
    meant = plain.filter(~pl.col("entry_id").is_in(marked.implode()))
    assert kept.sort("entry_id", "recorded_at").equals(meant.sort("entry_id", "recorded_at"))


def test_kinds_of_entries_move_no_bill_and_no_cash(firms: dict[str, Path]) -> None:
    for name in ("invoice_line.parquet", "invoice.csv", "payment.csv", "dispute.csv", "truth/invoice.parquet"):
        assert (firms["two"] / name).read_bytes() == (firms["plain"] / name).read_bytes()


def test_a_kind_is_the_same_whatever_others_there_are(firms: dict[str, Path]) -> None:
    own = pl.col("kind").is_in(["long_entry", "near_duplicate"])
    assert odd(firms["two"]).filter(own).equals(odd(firms["all"]).filter(own))


def test_about_as_many_as_said_are_odd(firms: dict[str, Path]) -> None:
    found = odd(firms["all"])
    billable = entries(firms["plain"]).unique("entry_id").filter(pl.col("billable")).height
    lines = pl.read_parquet(firms["plain"] / "invoice_line.parquet").filter(pl.col("kind") == "time").height
    for entity, number in (("time_entry", billable), ("invoice_line", lines)):
        share = found.filter(pl.col("entity_type") == entity).height / number
        assert 0.6 * SHARE < share < 1.4 * SHARE
    assert set(found["kind"]) == {*ENTRY_KINDS, *LINE_KINDS}


def test_each_kind_is_what_it_is_called(firms: dict[str, Path]) -> None:
    long = both(firms, "long_entry")
    assert (long["minutes"] >= long["minutes_meant"]).all()
    assert long["minutes"].max() <= LONGEST  # type: ignore[operator]
    team = entries(firms["plain"]).select("person_id", "project_id").unique()
    for kind in ("wrong_project", "wrong_person"):
        assert both(firms, kind).join(team, on=["person_id", "project_id"], how="semi").is_empty()
    twins = both(firms, "near_duplicate")
    assert (twins["project_id"] == twins["project_id_meant"]).all()
    assert (twins["worked_on"] != twins["worked_on_meant"]).all()
    assert ((twins["minutes"] - twins["minutes_meant"]).abs() <= 30).all()
    graded = both(firms, "other_grade")
    assert (graded["role"] != graded["role_meant"]).all()
    assert (graded["bill_rate"] != graded["bill_rate_meant"]).all()
    assert (both(firms, "own_work")["narrative"] != both(firms, "own_work")["narrative_meant"]).all()


def test_a_rate_of_another_grade_stands_on_the_card(firms: dict[str, Path]) -> None:
    """So that no rule about rates can tell."""
    projects = pl.read_csv(firms["all"] / "project.csv").select("project_id", "contract_id").unique("project_id", keep="last")
    card = pl.read_csv(firms["all"] / "rate_card_line.csv").select("contract_id", "role", pl.col("bill_rate").cast(pl.Float64))
    graded = both(firms, "other_grade").with_columns(pl.col("bill_rate").cast(pl.Float64)).join(projects, on="project_id")
    assert len(graded.join(card.unique(), on=["contract_id", "role", "bill_rate"], how="semi")) > 0.97 * len(graded)


def test_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no kind of anomaly; there are long_entry"):
        simulate(tmp_path, people=10, months=1, seed=1, anomalies=("odd",))
