"""Learning what is usual: from the last half year, registered, promoted and read back; refused where there is too little."""

from pathlib import Path

import pytest

from features.residuals import WINDOW_DAYS
from models.anomaly import ANOMALY
from models.anomaly_model import standing_anomalies
from models.registry import Registry
from models.unusual import MOST_UNUSUAL, unusual
from models.unusual_time import UNUSUAL_TIME
from records.known import DAY, ENTER, Known, micros
from tests.features.office import ENDED, entry, office
from tests.ledger import Ledger, moment
from tests.training.firm import NOW
from training.anomalies import LEARNED_DAYS, past, train_anomalies
from training.backtest import BacktestError

UNTIL = moment(f"{ENDED}")


def test_what_is_learned_is_promoted_and_finds(tmp_path: Path) -> None:
    told = entry(office(), "ann", ENDED, project="p", minutes=90, narrative="Booked hotel rooms for the summer offsite")
    lake = told.lake(tmp_path / "lake")
    learned = train_anomalies(lake, home=tmp_path, until=UNTIL, now=NOW)
    assert learned.rows["time_entry"] == len(told.rows["time_entry"])
    standing = standing_anomalies(tmp_path / "models")
    assert standing is not None
    assert standing[2] == "challenger"
    assert set(standing[0].tails) == {"time_entry"}
    assert Registry(tmp_path).promote(ANOMALY)[0].version == learned.pointer.version
    champion = standing_anomalies(tmp_path / "models")
    assert champion is not None
    assert champion[2] == "champion"
    found = unusual(Known(lake, until=UNTIL), champion[0], as_of=UNTIL)
    assert [one.entity_id for one in found.findings if (one.unusualness or 1) < MOST_UNUSUAL / 5] == [f"ann-{ENDED}-9"]


def test_only_the_last_half_year_is_learned_from_and_each_record_once(tmp_path: Path) -> None:
    told = office().correct("time_entry", f"ann-{ENDED.replace(day=14)}-0", recorded=f"{ENDED}T12:00", minutes=30)
    known = told.known(tmp_path, until="2025-07-10")
    rows = past(known, UNUSUAL_TIME)
    assert rows["entry_id"].is_unique().all()
    assert rows[ENTER].min() > micros(known.until) - LEARNED_DAYS * DAY  # type: ignore[operator]
    assert rows.height < len(told.rows["time_entry"]) - 1
    assert LEARNED_DAYS <= WINDOW_DAYS


def test_too_little_is_refused(tmp_path: Path) -> None:
    lake = entry(Ledger(), "ann", ENDED, project="p", minutes=60).lake(tmp_path / "lake")
    with pytest.raises(BacktestError, match="too few time entries and invoice lines"):
        train_anomalies(lake, home=tmp_path, until=UNTIL, now=NOW)
    assert standing_anomalies(tmp_path / "models") is None
