"""What is unusual: found and told with its like, few enough, by rank and never as a likelihood."""

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from pathlib import Path

import polars as pl
import pytest

from features.windows import AS_OF
from models.anomaly import ANOMALY
from models.anomaly_model import AnomalyModel, load_anomalies, residual_code, save_anomalies
from models.bundle import MANIFEST, RefusedModelError
from models.estimators.worst_tail import WorstTail
from models.finding import Evidence, Finding, parse_finding_id
from models.scoring import Scored
from models.similar import CLEAN, SIMILAR
from models.unusual import MOST_UNUSUAL, NO_MODEL, looked_at, unusual, values_of
from models.unusual_lines import UNUSUAL_LINES
from models.unusual_time import UNUSUAL_TIME
from records.known import ENTER, Known
from tests.features.office import BEGUN, ENDED, bill, entry, office
from tests.ledger import Ledger, moment
from tests.training.firm import NOW
from training.anomalies import past

DAY = ENDED - timedelta(days=3)
UNTIL = moment(f"{ENDED}")
SIMILAR_TITLE = "The most similar that are not unusual"


def firm() -> Ledger:
    """The office, with a line at the wrong grade's rate and three odd entries on its last Friday."""
    told = office()
    number = 0
    for day in (BEGUN + timedelta(days=days) for days in range(0, 70, 1)):
        for person, project in (("ann", "p"), ("bob", "q"), ("cid", "r"), ("dee", "s")):
            for _ in range(3):
                number += 1
                bill(told, number, person=person, project=project, day=day)
    bill(told, 5000, person="bob", project="q", day=DAY, role="senior", unit_price=150)
    entry(told, "ann", DAY, project="p", minutes=420, place=10)
    entry(told, "cid", DAY, project="p", minutes=90, place=11)
    return entry(told, "bob", DAY, project="q", minutes=90, place=12, narrative="Booked hotel rooms for the summer offsite in Tuscany")


@dataclass(frozen=True)
class Night:
    known: Known
    model: AnomalyModel
    scored: Scored

    def of(self, entity_id: str) -> Finding:
        return next(one for one in self.scored.findings if one.entity_id == entity_id)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    known = firm().known(tmp_path_factory.mktemp("lake"), until=f"{ENDED}")
    tails = {one.entity: WorstTail.fit(values_of(one, past(known, one)), one.residuals) for one in (UNUSUAL_LINES, UNUSUAL_TIME)}
    model = AnomalyModel("1", UNTIL, NOW, tails, "", {})
    return Night(known, model, unusual(known, model, as_of=UNTIL))


@pytest.mark.parametrize(
    ("entity_id", "code", "says"),
    [
        (
            f"ann-{DAY}-10",
            "long_time",
            "7 h 00 on one entry, and the day is long too; this person on this project: 1 h 15 to 2 h 45 in 100 entries",
        ),
        (f"cid-{DAY}-11", "newcomer", "No entry of this person on this project before; the project has"),
        (
            f"bob-{DAY}-12",
            "rare_words",
            "neither this person nor this project has had these words in half a year: offsite, tuscany, booked",
        ),
        ("i5000-1", "off_rate", "EUR 150.00 an hour; this person on this project: EUR 90.00 on"),
    ],
)
def test_what_is_odd_is_found_and_told(night: Night, entity_id: str, code: str, says: str) -> None:
    found = night.of(entity_id)
    assert found.reasons[0].code == code
    assert says in found.reasons[0].text
    assert found.suggestion
    assert found.owner_role == "billing_reviewer"


def test_the_next_step_of_a_line_is_one_for_its_bill_as_it_stands(night: Night, tmp_path: Path) -> None:
    assert night.of("i5000-1").suggestion == dict(UNUSUAL_LINES.actions)["off_rate"]
    told = firm().invoice(
        "i5000", "c", issued=f"{DAY}", due=f"{DAY + timedelta(30)}", recorded=f"{ENDED}T08:00", amount=1000, project_id="q"
    )
    found = unusual(told.known(tmp_path, until=f"{ENDED}"), night.model, as_of=UNTIL).findings
    [out] = [one for one in found if one.entity_id == "i5000-1"]
    assert out.bearing.stage == "fresh"
    assert out.suggestion == dict(UNUSUAL_LINES.issued_actions)["off_rate"]


def test_a_rank_is_no_likelihood(night: Night) -> None:
    for one in night.scored.findings:
        assert one.kind == "anomaly"
        assert one.probability is None
        assert one.rule_probability is None
        assert one.unusualness is not None
        assert 0 < one.unusualness <= MOST_UNUSUAL
        assert parse_finding_id(one.id)[:2] == (ANOMALY, one.entity_id)
        assert one.expected_loss == one.stake_reporting


def test_few_are_found_and_those_with_most_money_come_first(night: Night) -> None:
    for anomaly in (UNUSUAL_LINES, UNUSUAL_TIME):
        rows = looked_at(night.known, anomaly, as_of=UNTIL)
        found = [one for one in night.scored.findings if one.entity_type == anomaly.entity]
        assert 0 < len(found) <= ceil(MOST_UNUSUAL * rows.height)
    losses = [one.expected_loss for one in night.scored.findings]
    assert losses == sorted(losses, reverse=True)


def test_what_is_at_stake_is_the_entry_s_own_amount(night: Night) -> None:
    assert night.of(f"ann-{DAY}-10").amount_at_stake == 7 * 150
    assert night.of("i5000-1").amount_at_stake == 900


def test_similar_cases_are_clean_and_of_the_same_person_and_project(night: Night) -> None:
    [table] = [one for one in night.of(f"ann-{DAY}-10").evidence if one.title == SIMILAR_TITLE]
    assert len(table.rows) == SIMILAR
    rows = past(night.known, UNUSUAL_TIME)
    ranks = dict(zip(rows["entry_id"], night.model.tails["time_entry"].unusualness(values_of(UNUSUAL_TIME, rows)), strict=True))
    projects = dict(zip(rows["entry_id"], rows["project_id"], strict=True))
    for cells in table.rows:
        assert cells[0].startswith("ann-")
        assert projects[cells[0]] == "p"
        assert ranks[cells[0]] > CLEAN


def test_a_newcomer_is_put_beside_those_of_the_role_there(night: Night) -> None:
    """Cid has nothing on the project: his like are the seniors of it, and not his own work elsewhere."""
    [table] = _similar(night.of(f"cid-{DAY}-11"))
    assert {cells[0].split("-")[0] for cells in table.rows} == {"ann"}


def _similar(found: Finding) -> list[Evidence]:
    return [one for one in found.evidence if one.title == SIMILAR_TITLE]


def test_a_later_night_finds_the_same_of_the_same(night: Night, tmp_path: Path) -> None:
    """What is entered, billed and corrected later moves no rank; only what is still to be looked at is."""
    told = firm()
    entry(told, "dee", ENDED, project="p", minutes=700, place=10, narrative="Something else altogether")
    later = unusual(told.known(tmp_path, until=f"{ENDED + timedelta(days=2)}"), night.model, as_of=moment(f"{ENDED + timedelta(days=2)}"))
    before = {one.id: one.unusualness for one in night.scored.findings}
    shared = [one for one in later.findings if one.id in before]
    assert len(shared) > 2
    assert all(before[one.id] == one.unusualness for one in shared)
    assert f"dee-{ENDED}-10" in {one.entity_id for one in later.findings}


def test_what_is_billed_or_old_is_not_looked_at(night: Night) -> None:
    rows = looked_at(night.known, UNUSUAL_TIME, as_of=UNTIL)
    assert rows[AS_OF].equals(rows[ENTER])
    assert rows["worked_on"].min() > ENDED - timedelta(days=36)  # type: ignore[operator]


def test_without_a_model_nothing_is_found_and_that_is_said(night: Night) -> None:
    assert unusual(night.known, None, as_of=UNTIL) == Scored((), "", (NO_MODEL,))


def test_a_kind_of_record_without_a_past_is_named(night: Night) -> None:
    only = replace(night.model, tails={"time_entry": night.model.tails["time_entry"]})
    found = unusual(night.known, only, as_of=UNTIL)
    assert {one.entity_type for one in found.findings} == {"time_entry"}
    assert found.notices == ("Too few records to say what is usual of invoice line.",)


def test_nothing_is_added_up_or_ranked_by_person(night: Night) -> None:
    """What is found is an entry or a line; a person is named in its facts, for whoever has to ask, and nowhere heads a table."""
    for one in night.scored.findings:
        assert one.entity_type in {"time_entry", "invoice_line"}
        assert all("Person" not in table.columns for table in one.evidence)


def test_a_model_comes_back_from_its_files_or_is_refused(night: Night, tmp_path: Path) -> None:
    model = replace(night.model, fingerprint=residual_code())
    digest = save_anomalies(model, tmp_path / "model")
    assert load_anomalies(tmp_path / "model", digest=digest) == model
    with pytest.raises(RefusedModelError, match="is not the file that was registered"):
        load_anomalies(tmp_path / "model", digest="0" * 64)
    changed = save_anomalies(replace(model, fingerprint="other"), tmp_path / "changed")
    with pytest.raises(RefusedModelError, match="code has changed since"):
        load_anomalies(tmp_path / "changed", digest=changed)
    (tmp_path / "model" / MANIFEST).unlink()
    with pytest.raises(RefusedModelError, match="is missing"):
        load_anomalies(tmp_path / "model", digest=digest)


def test_rows_to_look_at_may_be_none(tmp_path: Path, night: Night) -> None:
    known = Ledger().client("c").known(tmp_path, until=f"{ENDED}")
    assert unusual(known, night.model, as_of=UNTIL).findings == ()
    assert looked_at(known, UNUSUAL_LINES, as_of=UNTIL).height == 0
    assert isinstance(looked_at(known, UNUSUAL_TIME, as_of=UNTIL), pl.DataFrame)
