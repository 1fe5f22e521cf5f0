"""The simple rules: what each says on a firm small enough to count, and that none sees what came later."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.simple_rules import GROUNDS, PRIOR_WEEKS, RULES, in_one_currency, read_records, rules_of
from benchmarks.truths import SUBJECTS, QualityError, default_target, subject_named
from records.known import Known
from simulation.firm import simulate
from tests.benchmarks.made_firm import forgetful, overrunning, write

INSTANTS = [datetime(2023, 7, 8, tzinfo=UTC), datetime(2023, 8, 9, tzinfo=UTC)]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firm")
    simulate(folder, people=20, months=10, seed=3)
    return folder


def known(folder: Path, risk: str, home: Path, *, until: datetime) -> Known:
    return read_records(folder, [risk], home=home, until=until)


def at(*instants: datetime) -> pl.Series:
    return pl.Series("as_of", instants, dtype=pl.Datetime("us", "UTC"))


def spine(folder: Path, risk: str) -> pl.DataFrame:
    """Every entity of the firm at each instant; those not at risk fall away."""
    names = {"missing_time": ("person", "person_id"), "margin": ("project", "project_id")}
    table, key = names.get(risk, ("invoice", "invoice_id"))
    entities = pl.read_csv(folder / f"{table}.csv", infer_schema=False).select(pl.col(key).unique().sort().alias("entity_id"))
    moments = at(*INSTANTS).to_frame()
    return entities.join(moments, how="cross").with_columns(amount_at_stake=pl.lit(1.0), currency=pl.lit("EUR"), stake=pl.lit(1.0))


def test_every_risk_that_can_be_judged_has_rules_and_their_grounds() -> None:
    assert {rule.risk for rule in RULES} == set(GROUNDS) == {subject.risk for subject in SUBJECTS}
    for subject in SUBJECTS:
        names = [rule.name for rule in rules_of(subject.risk)]
        assert len(names) == len(set(names)) > 1


@pytest.mark.parametrize("risk", GROUNDS)
def test_a_rule_does_not_see_what_came_later(firm: Path, tmp_path: Path, risk: str) -> None:
    rows = spine(firm, risk).filter(pl.col("as_of") == INSTANTS[0])
    found = []
    for name, until in (("then", INSTANTS[0]), ("later", datetime(2023, 10, 1, tzinfo=UTC))):
        grounds = GROUNDS[risk][0](known(firm, risk, tmp_path / name, until=until), rows, default_target(subject_named(risk)))
        scored = rows.join(grounds, on=["entity_id", "as_of"], maintain_order="left")
        found.append(scored.select("entity_id", *(rule.score.alias(rule.name) for rule in rules_of(risk))).sort("entity_id"))
    assert found[0].height > 10
    assert_frame_equal(found[0], found[1], check_exact=True)


@pytest.mark.parametrize("risk", ["collections", "dispute", "missing_time"])
def test_a_rule_that_is_a_likelihood_is_one(firm: Path, tmp_path: Path, risk: str) -> None:
    rows = spine(firm, risk)
    grounds = GROUNDS[risk][0](known(firm, risk, tmp_path, until=INSTANTS[-1]), rows, default_target(subject_named(risk)))
    scored = rows.join(grounds, on=["entity_id", "as_of"])
    for rule in rules_of(risk):
        if rule.likelihood:
            assert scored.select(rule.score.is_between(0, 1, closed="none").all()).item(), rule.name
    assert scored.group_by("as_of").agg(pl.col("firm_rate").n_unique())["firm_rate"].to_list() == [1, 1]


def test_only_drafts_are_judged_for_dispute(firm: Path, tmp_path: Path) -> None:
    grounds = GROUNDS["dispute"][0](known(firm, "dispute", tmp_path, until=INSTANTS[-1]), spine(firm, "dispute"), "disputed")
    issued = pl.read_csv(firm / "invoice.csv", infer_schema=False).drop_nulls("issued_on")
    sent = issued.select("invoice_id", pl.col("issued_on").str.to_date()).unique("invoice_id")
    drafts = grounds.join(sent, left_on="entity_id", right_on="invoice_id", suffix="_last")
    assert drafts.height > 5
    assert drafts.filter(pl.col("issued_on") < pl.col("as_of").dt.date() - timedelta(1)).is_empty()


def test_a_persons_rate_counts_the_weeks_that_came_after_the_deadline_and_are_known(tmp_path: Path) -> None:
    forgetful(tmp_path / "firm")
    saturday = datetime(2024, 3, 9, 12, tzinfo=UTC)
    rows = pl.DataFrame({"entity_id": ["P00:2024-03-04", "P07:2024-03-04"], "as_of": at(saturday, saturday)})
    found = GROUNDS["missing_time"][0](known(tmp_path / "firm", "missing_time", tmp_path, until=saturday), rows, "missing")
    entries = pl.read_csv(tmp_path / "firm" / "time_entry.csv", try_parse_dates=True).with_columns(
        late=pl.col("entered_at").dt.date() > pl.col("worked_on") + timedelta(7)
    )
    seen = entries.filter((pl.col("worked_on") + timedelta(7) <= saturday.date()) & (pl.col("entered_at") <= saturday))
    for person, team in (("P00", 0), ("P07", 1)):
        own = seen.filter(pl.col("person_id") == person)
        of_team = seen.filter(pl.col("person_id").str.slice(1).cast(pl.Int64) % 3 == team)
        firm_rate = (int(seen["late"].sum()) + 0.5) / (seen.height + 1)
        team_rate = (int(of_team["late"].sum()) + firm_rate * PRIOR_WEEKS) / (of_team.height + PRIOR_WEEKS)
        expected = (int(own["late"].sum()) + team_rate * PRIOR_WEEKS) / (own.height + PRIOR_WEEKS)
        told = found.filter(pl.col("person_id") == person)
        assert told["firm_rate"].item() == pytest.approx(firm_rate)
        assert told["team_rate"].item() == pytest.approx(team_rate)
        assert told["person_rate"].item() == pytest.approx(expected)


def test_cost_performance_is_what_was_earned_over_what_was_spent(tmp_path: Path) -> None:
    overrunning(tmp_path / "firm")
    reported, before = datetime(2024, 2, 12, tzinfo=UTC), datetime(2024, 1, 20, tzinfo=UTC)
    rows = pl.DataFrame({"entity_id": ["J00", "J00"], "as_of": at(before, reported)})
    found = GROUNDS["margin"][0](known(tmp_path / "firm", "margin", tmp_path, until=reported), rows, "fell").sort("as_of")
    minutes = pl.read_csv(tmp_path / "firm" / "time_entry.csv").filter(pl.col("project_id") == "J00")["minutes"].item()
    assert found["cpi"].to_list() == [1.0, pytest.approx(5000 / (minutes / 60 * 100))]


def test_stakes_are_brought_to_the_most_frequent_currency_at_the_rate_of_the_day(tmp_path: Path) -> None:
    rates = [("2024-01-01", "1.10"), ("2024-02-01", "1.20")]
    write(
        tmp_path / "firm",
        {"fx_rate": [{"fx_id": on, "base": "GBP", "quote": "EUR", "rate": rate, "as_of_on": on} for on, rate in rates]},
    )
    first, second = datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 2, 10, tzinfo=UTC)
    rows = pl.DataFrame(
        {
            "as_of": at(first, second, first, first, second, second),
            "currency": ["GBP", "GBP", "EUR", "CHF", "EUR", "EUR"],
            "amount_at_stake": [100.0, 100.0, 50.0, None, 1.0, 2.0],
        }
    )
    found, currency, missing = in_one_currency(known(tmp_path / "firm", "margin", tmp_path, until=second), rows)
    assert found["stake"].to_list() == pytest.approx([110.0, 120.0, 50.0, 0.0, 1.0, 2.0])
    assert currency == "EUR"
    assert missing == ("CHF",)


def test_a_folder_without_the_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QualityError, match="holds none of"):
        known(tmp_path, "dispute", tmp_path / "home", until=datetime(2024, 1, 1, tzinfo=UTC))
