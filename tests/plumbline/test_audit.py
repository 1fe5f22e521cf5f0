"""A past score can be proved: it comes out the same from the records and the model of then, and what was tampered with is found."""

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from plumbline.commands.audit import NOT_THE_SAME
from records.lake import Lake
from service.tables import StoredScore
from tests.controls.case import told
from tests.plumbline.command_line import Cli
from tests.training.firm import ENDED
from tests.training.firm import firm as with_weeks

AS_OF = "2025-09-30"
LATER = "2025-12-22"
PRIORS = ("collections", "margin", "missing_time")
"""Risks of which nothing was trained; dispute has a model of its own."""


@pytest.fixture(scope="module")
def runs(plumbline: Cli, firm: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By risk the run scored as of AS_OF; since then have come more records, another model and other runs."""
    plumbline("import", str(firm))
    plumbline("train", "dispute", "--as-of", AS_OF)
    plumbline("score", "--as-of", AS_OF)
    plumbline("check", "--as-of", AS_OF, "--publish")
    found = {one["risk"]: one["id"] for one in plumbline.json("runs", "--limit", "1000")["runs"]}
    _come_in(plumbline, firm, tmp_path_factory.mktemp("later"))
    plumbline("train", "dispute", "--as-of", LATER)
    plumbline("promote", "dispute")
    plumbline("score", "dispute", "--as-of", LATER)
    return found


def _come_in(plumbline: Cli, firm: Path, folder: Path) -> None:
    """Rows that bear an instant before the scoring and came after it, corrections of what had been read, and rows of later months."""
    opened = [f"DL{n},I{n:04},2025-09-0{n % 9 + 1}T09:00:00Z,QUA,EUR,2025-09-20T09:00:00Z" for n in range(0, 1000, 3)]
    _write(folder / "dispute.csv", "dispute_id,invoice_id,opened_at,reason_code,currency,recorded_at", opened)
    with (firm / "invoice.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    fields = list(read[0])
    dearer = [
        {**row, "net_amount": f"{float(row['net_amount']) * 3:.2f}", "gross_amount": f"{float(row['gross_amount']) * 3:.2f}"}
        for row in read
    ]
    corrected = [f"{','.join(row[name] for name in fields)},2025-09-25T09:00:00Z" for row in dearer if row["issued_on"] < "2025-09-20"]
    _write(folder / "invoice.csv", ",".join([*fields, "recorded_at"]), corrected)
    _write(folder / "client.csv", "client_id,name,currency,onboarded_on,recorded_at", ["C00,Renamed,EUR,2025-01-06,2025-09-01T09:00:00Z"])
    report = plumbline.json("import", str(folder))
    assert report["accepted"] == len(opened) + len(corrected) + 1
    for table in Lake(plumbline.home / "lake").versions():
        Lake(plumbline.home / "lake").compact(table)


def _write(file: Path, head: str, rows: list[str]) -> None:
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def _stored(home: Path) -> list[Any]:
    tables = [name for (name,) in _rows(home, "select name from sqlite_master where type = 'table'")]
    return [sorted(map(repr, _rows(home, f"select * from {table}"))) for table in tables]


def _files(home: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_size) for path in home.rglob("*") if path.is_file() and not path.name.startswith("service.db")}


class TestTheSame:
    @pytest.mark.parametrize("risk", ["dispute", *PRIORS])
    def test_whatever_came_in_since_a_past_score_is_the_same_to_the_last_bit(self, plumbline: Cli, runs: dict[str, str], risk: str) -> None:
        found = plumbline.json("rescore", runs[risk])
        assert (found["same"], found["differences"]) == (True, [])
        assert found["run"]["risk"] == risk
        assert found["run"]["model_version"].startswith("prior.") == (risk in PRIORS)
        assert "same to the last bit" in plumbline("rescore", runs[risk][:8]).stdout

    def test_and_would_not_be_from_the_records_of_now(self, plumbline: Cli, runs: dict[str, str], tmp_path: Path) -> None:
        """Else the test above would say nothing."""
        plumbline("score", "collections", "--as-of", AS_OF, "--no-publish", "--output", str(tmp_path / "now.csv"))
        with (tmp_path / "now.csv").open(encoding="utf-8", newline="") as file:
            now = {row["entity_id"]: row["amount_at_stake"] for row in csv.DictReader(file)}
        then = dict(_rows(plumbline.home, "select entity_id, amount_at_stake from score where run_id = ?", runs["collections"]))
        assert sum(float(now[invoice]) != stored / 10_000 for invoice, stored in then.items() if invoice in now) > len(then) / 2

    def test_of_what_the_controls_found_too(self, plumbline: Cli, runs: dict[str, str]) -> None:
        with_findings = [one for one in plumbline.json("runs", "--limit", "1000")["runs"] if one["model_digest"] == "" and one["findings"]]
        for run in with_findings[:3]:
            assert plumbline.json("rescore", run["id"])["same"]
        assert plumbline.json("rescore", runs["po_missing"])["same"]

    def test_of_what_was_unusual_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
        with_weeks(tmp_path / "lake")
        of_its_own = Cli(tmp_path)
        of_its_own("train", "anomalies", "--as-of", ENDED.isoformat())
        of_its_own("score", "anomalies", "--as-of", ENDED.isoformat())
        [run] = of_its_own.json("runs", "anomalies")["runs"]
        assert run["findings"] > 0
        assert of_its_own.json("rescore", run["id"])["same"]
        manifest = tmp_path / "models" / "anomaly" / run["model_version"] / "manifest.json"
        manifest.write_bytes(manifest.read_bytes() + b" ")
        assert "are not those any more" in of_its_own.json("rescore", run["id"], code=3)["detail"]

    def test_nothing_is_stored_and_nothing_published(self, plumbline: Cli, runs: dict[str, str]) -> None:
        before = _stored(plumbline.home), _files(plumbline.home)
        plumbline("rescore", runs["dispute"])
        assert (_stored(plumbline.home), _files(plumbline.home)) == before


COLUMNS = [name for name in StoredScore.__table__.columns.keys() if name not in {"run_id", "finding_id"}]  # noqa: SIM118 - no dictionary


class TestTampered:
    def test_a_stored_value_that_was_changed_is_found_in_whatever_column(self, plumbline: Cli, runs: dict[str, str]) -> None:
        """Each column in a row of its own: as many rows as columns, and one rescoring finds them all and nothing else."""
        run = runs["collections"]
        rows = _rows(plumbline.home, "select finding_id from score where run_id = ? order by rank", run)[: len(COLUMNS)]
        tampered = {(str(row[0]), column) for row, column in zip(rows, COLUMNS, strict=True)}
        with ExitStack() as changes:
            for identity, column in tampered:
                changes.enter_context(_changed(plumbline.home, "score", column, run_id=run, finding_id=identity))
            found = plumbline.json("rescore", run, code=NOT_THE_SAME)
        assert not found["same"]
        assert {(one["about"], one["column"].partition(".")[0]) for one in found["differences"]} == tampered
        assert plumbline.json("rescore", run)["same"], "put back"

    def test_by_how_much_is_said_to_the_last_bit(self, plumbline: Cli, runs: dict[str, str]) -> None:
        [identity, kept] = _rows(plumbline.home, "select finding_id, probability from score where run_id = ?", runs["dispute"])[0]
        other = kept + 2**-50
        with _changed(plumbline.home, "score", "probability", other, run_id=runs["dispute"], finding_id=identity):
            found = plumbline.json("rescore", runs["dispute"], code=NOT_THE_SAME)
            shown = plumbline("rescore", runs["dispute"], code=NOT_THE_SAME)
        [one] = found["differences"]
        assert (one["about"], one["column"], one["stored"], one["rebuilt"]) == (identity, "probability", other, kept)
        assert one["by"] == kept - other != 0
        assert "is not the same: 1 value of 1 row" in " ".join(shown.stdout.split())
        assert "the wording has changed" not in shown.stderr

    def test_a_row_that_was_taken_out_or_put_in_is_found(self, plumbline: Cli, runs: dict[str, str]) -> None:
        run, other = runs["dispute"], "dispute:other:once"
        [identity] = _rows(plumbline.home, "select finding_id from score where run_id = ?", run)[0]
        with _changed(plumbline.home, "score", "finding_id", other, run_id=run, finding_id=identity):
            found = plumbline.json("rescore", run, code=NOT_THE_SAME)
        rows = {one["about"]: (one["stored"], one["rebuilt"]) for one in found["differences"]}
        assert rows == {identity: ("(not there)", "there"), other: ("there", "(not there)")}

    @pytest.mark.parametrize(("column", "value"), [("findings", 3), ("withheld", "Not sure."), ("notices", '["Something else."]')])
    def test_so_is_what_the_run_says_of_itself(self, plumbline: Cli, runs: dict[str, str], column: str, *, value: object) -> None:
        with _changed(plumbline.home, "scoring_run", column, value, id=runs["margin"]):
            found = plumbline.json("rescore", runs["margin"], code=NOT_THE_SAME)
        assert {(one["about"], one["column"].partition("[")[0]) for one in found["differences"]} == {("the run", column)}

    def test_so_are_the_dealings_that_were_read(self, plumbline: Cli, runs: dict[str, str]) -> None:
        [client] = _rows(plumbline.home, "select client_id from dealings where run_id = ?", runs["collections"])[0]
        with _changed(plumbline.home, "dealings", "told", "{}", run_id=runs["collections"], client_id=client):
            found = plumbline.json("rescore", runs["collections"], code=NOT_THE_SAME)
        assert {(one["about"], one["column"].partition(".")[0]) for one in found["differences"]} == {(client, "told")}

    def test_words_that_are_said_otherwise_are_told_from_figures(self, plumbline: Cli, runs: dict[str, str]) -> None:
        [identity] = _rows(plumbline.home, "select finding_id from score where run_id = ?", runs["dispute"])[0]
        with _changed(plumbline.home, "score", "title", "As it was once said", run_id=runs["dispute"], finding_id=identity):
            assert "the wording has changed" in plumbline("rescore", runs["dispute"], code=NOT_THE_SAME).stderr


def _rows(home: Path, query: str, *given: object) -> list[Any]:
    with closing(sqlite3.connect(home / "service.db")) as database:
        return database.execute(query, given).fetchall()


@contextmanager
def _changed(home: Path, table: str, column: str, value: object = None, **row: object) -> Iterator[None]:
    """A stored value changed behind the service's back, and put back. `value`: None for another of its kind."""
    where, given = " and ".join(f"{name} = ?" for name in row), tuple(row.values())
    [[kept]] = _rows(home, f"select {column} from {table} where {where}", *given)
    after = tuple(value if name == column else one for name, one in row.items())
    with closing(sqlite3.connect(home / "service.db", isolation_level=None)) as database:
        setting = f"update {table} set {column} = ? where {where}"
        assert database.execute(setting, (_otherwise(column, kept) if value is None else value, *given)).rowcount == 1
        try:
            yield
        finally:
            assert database.execute(setting, (kept, *after)).rowcount == 1


def _otherwise(column: str, kept: object) -> object:
    """Another value of the same kind."""
    if column == "rank":
        return 10_000
    if column.endswith("_on"):
        return "1999-01-01"
    if column == "explanation":
        return json.dumps({**json.loads(str(kept)), "clears": "By itself."})
    if isinstance(kept, int | float):
        return 1 - kept if kept in {0, 1} else kept + (1 if isinstance(kept, int) else 2**-40)
    return 0.5 if kept is None else f"x{kept}"[:3]


class TestWhatCannotBeRebuilt:
    def test_a_run_that_is_not_there(self, plumbline: Cli, runs: dict[str, str]) -> None:
        assert "no stored run is called 'nothing': `plumbline runs` lists them" in plumbline.json("rescore", "nothing", code=2)["detail"]
        begun = Counter(one[0] for one in runs.values())
        [(several, _)] = begun.most_common(1)
        assert f"runs begin with '{several}': give more of the id" in plumbline.json("rescore", several, code=2)["detail"]

    def test_a_run_whose_model_is_gone_or_changed(self, plumbline: Cli, runs: dict[str, str]) -> None:
        version, digest = _model_of(plumbline.home, runs["dispute"])
        folder = plumbline.home / "models" / "dispute" / version
        away = folder.rename(folder.with_name("away"))
        try:
            said = plumbline.json("rescore", runs["dispute"], code=3)["detail"]
        finally:
            away.rename(folder)
        assert f"{version}, digest {digest[:12]}, which is no longer at {folder}: restore that folder" in said
        learned = next(file for file in folder.iterdir() if file.name != "manifest.json")
        kept = learned.read_bytes()
        learned.write_bytes(kept[:-1] + b"?")
        try:
            said = plumbline.json("rescore", runs["dispute"], code=3)["detail"]
        finally:
            learned.write_bytes(kept)
        assert "are not those any more" in said
        assert "train" not in said, "another model would not be the one that scored"

    def test_a_run_whose_signals_are_computed_otherwise_now(self, plumbline: Cli, runs: dict[str, str]) -> None:
        """A model of another fingerprint, as an older version of the code would have left it."""
        version, _ = _model_of(plumbline.home, runs["dispute"])
        manifest = plumbline.home / "models" / "dispute" / version / "manifest.json"
        kept = manifest.read_text(encoding="utf-8")
        other = json.dumps({**json.loads(kept), "fingerprint": "0123456789ab" + "0" * 52}, indent=1, sort_keys=True)
        manifest.write_text(other, encoding="utf-8")
        try:
            with _changed(plumbline.home, "scoring_run", "model_digest", sha256(other.encode()).hexdigest(), id=runs["dispute"]):
                said = plumbline.json("rescore", runs["dispute"], code=3)["detail"]
        finally:
            manifest.write_text(kept, encoding="utf-8")
        assert (
            f"learned with code of fingerprint 0123456789ab; the signals of this code have {json.loads(kept)['fingerprint'][:12]}" in said
        )
        assert "with the version of Plumbline that was in use on" in said

    def test_a_run_of_a_prior_that_ships_no_more(self, plumbline: Cli, runs: dict[str, str]) -> None:
        _, digest = _model_of(plumbline.home, runs["margin"])
        with _changed(plumbline.home, "scoring_run", "model_digest", "e" * 64, id=runs["margin"]):
            said = plumbline.json("rescore", runs["margin"], code=3)["detail"]
        assert f"(digest {'e' * 12}); this one ships {digest[:12]}: run this command with the version of Plumbline" in said

    def test_a_run_of_another_lake(self, plumbline: Cli, runs: dict[str, str], tmp_path: Path) -> None:
        told({}).lake(tmp_path / "lake")
        said = plumbline.json("rescore", runs["dispute"], "--lake", str(tmp_path / "lake"), code=3)["detail"]
        assert "have no version" in said
        assert "name the one that was scored with --lake" in said


def _model_of(home: Path, run: str) -> tuple[str, str]:
    [[version, digest]] = _rows(home, "select model_version, model_digest from scoring_run where id = ?", run)
    return str(version), str(digest)


class TestRuns:
    def test_are_listed_newest_first_by_risk_and_with_a_limit(self, plumbline: Cli, runs: dict[str, str]) -> None:
        every = plumbline.json("runs", "--limit", "1000")["runs"]
        assert [one["published_at"] for one in every] == sorted((one["published_at"] for one in every), reverse=True)
        disputes = plumbline.json("runs", "dispute")["runs"]
        assert [one["id"] for one in disputes] == [one["id"] for one in every if one["risk"] == "dispute"]
        assert (disputes[0]["is_current"], disputes[1]["id"], disputes[1]["is_current"]) == (True, runs["dispute"], False)
        assert len(plumbline.json("runs", "--limit", "2")["runs"]) == 2
        shown = plumbline("runs", "dispute")
        assert runs["dispute"][:8] in shown.stdout
        assert disputes[0]["model_digest"][:8] in shown.stdout
        assert "the newest 1; for more: --limit" in plumbline("runs", "dispute", "--limit", "1").stderr

    def test_of_a_risk_that_is_not_there_are_refused(self, plumbline: Cli) -> None:
        assert "no risk or control is called 'weather'" in plumbline.json("runs", "weather", code=2)["detail"]
        assert plumbline.json("runs", "anomalies")["runs"] == []
