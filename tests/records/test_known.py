"""As known at T: the records contract in plain Python, and what may not be asked of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings

from records.known import ENTER, FOREVER, LEAVE, Facts, Known, LeakError, day_end, instant_of, micros
from records.lake import Lake
from records.tables import TABLES
from tests.ledger import Ledger, Row, moment, recorded_at
from tests.random_ledgers import ledgers
from tests.random_rows import instants

_DAY = timedelta(days=1)
FAR = datetime(9999, 1, 1, tzinfo=UTC)


def as_known(rows: Iterable[Row], table: str, at: datetime, *, first: Mapping[str, datetime]) -> dict[str, Row]:
    """records.md, "As known at T", word by word: key -> row. `first`: when each row that is referred to was first recorded, by its key."""
    last: dict[str, Row] = {}
    for row in sorted(rows, key=recorded_at):
        if recorded_at(row) <= at:
            last[named(row, table)] = row
    return {name: _masked(row, table, at, first=first) for name, row in last.items() if not row["deleted"]}


def first_recorded(ledger: Ledger) -> dict[str, datetime]:
    """Of invoices and their lines, whose keys are apart: they alone tell of an event by being referred to."""
    found: dict[str, datetime] = {}
    for table in ("invoice", "invoice_line"):
        for row in ledger.rows[table]:
            key = named(row, table)
            found[key] = min(found.get(key, FAR), recorded_at(row))
    return found


def named(row: Row, table: str) -> str:
    """The row's key, of one column or more."""
    return "|".join(str(row[name]) for name in TABLES[table].key)


def _masked(row: Row, table: str, at: datetime, *, first: Mapping[str, datetime]) -> Row:
    happened = {
        event: _happened(first.get(told, FAR) if isinstance(told := row.get(event), str) else told, recorded_at(row), at)
        for event in TABLES[table].masked_by.values()
    }
    hidden = {name for name, event in TABLES[table].masked_by.items() if not happened[event]}
    return {name: None if name in hidden else row.get(name) for name in TABLES[table].schema}


def _happened(told: object, recorded: datetime, at: datetime) -> bool:
    """A date that a version tells of is past when its day is over, unless the version was recorded on that day or later."""
    if isinstance(told, datetime):
        return told <= at
    if isinstance(told, date):
        begins = datetime(told.year, told.month, told.day, tzinfo=UTC)
        return begins <= recorded or begins + _DAY <= at
    return False


@settings(max_examples=40, deadline=None)
@given(ledger=ledgers(), at=instants)
def test_a_table_as_known_at_an_instant_is_what_the_contract_says(ledger: Ledger, at: datetime) -> None:
    with TemporaryDirectory() as root:
        known = ledger.known(Path(root))
        first = first_recorded(ledger)
        for table, frame in ledger.frames().items():
            found = {named(row, table): row for row in known.at(at, table).drop("raw").collect().to_dicts()}
            assert found == as_known(frame.drop("raw").to_dicts(), table, at, first=first), table


def test_a_correction_counts_from_when_it_was_recorded(tmp_path: Path) -> None:
    ledger = Ledger().invoice("i1", "c1", issued="2025-01-10", due="2025-02-09", amount=100)
    known = ledger.correct("invoice", "i1", recorded="2025-03-01T12:00", net_amount=90).known(tmp_path)
    for instant, net in (("2025-01-09T23:59", []), ("2025-01-10", [100]), ("2025-03-01T11:59", [100]), ("2025-03-01T12:00", [90])):
        assert known.at(moment(instant), "invoice").collect()["net_amount"].to_list() == net


def test_rows_stay_in_the_order_of_the_lake(tmp_path: Path) -> None:
    """By entity and time, whatever their keys, and whichever of them were corrected: the engine above need not sort them."""
    ledger = Ledger()
    for number, (person, day) in enumerate([("p2", "03"), ("p1", "05"), ("p2", "01"), ("p1", "02"), ("p1", "04")]):
        told: Row = {"entry_id": f"t{number}", "person_id": person, "worked_on": f"2025-01-{day}", "entered_at": "2025-01-06T08:00"}
        ledger.row("time_entry", "2025-01-06T08:00", told)
    known = ledger.correct("time_entry", "t1", recorded="2025-01-07T08:00", minutes=90).known(tmp_path)
    found = known.facts("time_entry", take=("person_id", "worked_on", "minutes")).frame.collect()
    assert found["entry_id"].to_list() == ["t3", "t4", "t1", "t1", "t2", "t0"]
    assert found.filter(pl.col(LEAVE) < FOREVER).select(LEAVE, "minutes").rows() == [(micros(moment("2025-01-07T08:00")), 60)]


def test_a_deleted_row_is_gone_and_may_come_back(tmp_path: Path) -> None:
    ledger = Ledger().client("c1", recorded="2025-01-01").delete("client", "c1", recorded="2025-02-01")
    known = ledger.row("client", "2025-03-01", {"client_id": "c1", "name": "Again"}).known(tmp_path)
    names = [known.at(moment(day), "client").collect()["name"].to_list() for day in ("2025-01-01", "2025-02-01", "2025-03-01")]
    assert names == [["A client"], [], ["Again"]]


def test_one_current_state_row_serves_as_its_own_history(tmp_path: Path) -> None:
    ledger = Ledger().dispute("i1", at="2025-02-01T10:00", resolved_at="2025-02-20T10:00", outcome="upheld", credited_amount=5)
    known = ledger.known(tmp_path)
    before, after = (known.at(moment(when), "dispute").collect().row(0, named=True) for when in ("2025-02-20T09:59", "2025-02-20T10:00"))
    assert (before["resolved_at"], before["outcome"], before["credited_amount"]) == (None, None, None)
    assert (after["outcome"], after["credited_amount"]) == ("upheld", 5)


def test_a_date_that_was_still_to_come_is_known_when_its_day_is_over(tmp_path: Path) -> None:
    planned = Ledger().invoice("planned", "c1", issued="2025-01-10", due=None, recorded="2025-01-05")
    known = planned.invoice("done", "c1", issued="2025-01-10", due=None, recorded="2025-01-10T09:00").known(tmp_path)
    for instant, seen in (("2025-01-10T09:00", [True, False]), ("2025-01-10T23:59", [True, False]), ("2025-01-10", [True, True])):
        held = known.at(moment(instant), "invoice").sort("invoice_id").collect()
        assert held["issued_on"].is_not_null().to_list() == seen, instant


def test_a_reference_tells_of_an_event_when_what_it_refers_to_is_known(tmp_path: Path) -> None:
    entry: Row = {"entry_id": "t1", "worked_on": "2025-01-02", "entered_at": "2025-01-03T08:00", "invoice_line_id": "l1"}
    ledger = Ledger().row("time_entry", "2025-01-03T08:00", entry)
    known = ledger.row("invoice_line", "2025-02-01", {"line_id": "l1"}).known(tmp_path)
    billed = [known.at(moment(day), "time_entry").collect()["invoice_line_id"].to_list() for day in ("2025-01-31", "2025-02-01")]
    assert billed == [[None], ["l1"]]


def test_what_was_recorded_after_its_end_is_not_there_at_all(tmp_path: Path) -> None:
    ledger = Ledger().client("c1", recorded="2025-01-01").client("c2", recorded="2025-03-01")
    known = ledger.known(tmp_path, until="2025-02-01")
    assert known.versions("client").frame.collect()["client_id"].to_list() == ["c1"]
    with pytest.raises(LeakError, match=r"client was asked for as of 2025-03-02T00:00:00\+00:00, but these records end at 2025-02-02"):
        known.at(moment("2025-03-01"), "client")


def test_a_column_cannot_be_read_before_its_event(tmp_path: Path) -> None:
    known = Ledger().dispute("i1", at="2025-02-01T10:00").known(tmp_path)
    with pytest.raises(LeakError, match="dispute: outcome cannot be read before resolved_at"):
        known.facts("dispute", take=("invoice_id", "outcome"))
    with pytest.raises(LeakError, match="invoice: issued_on cannot be read before issued_on"):
        known.facts("invoice", after=("cancelled_at",), take=("issued_on",))
    assert known.facts("dispute", after=("resolved_at",), take=("outcome",)).frame.collect().height == 0


@pytest.mark.parametrize("table", sorted(name for name, declared in TABLES.items() if declared.masked_by))
def test_no_column_of_any_table_can_be_read_before_its_event(table: str, tmp_path: Path) -> None:
    known = Known(Lake(tmp_path), until=moment("2025-01-01"))
    for column, event in TABLES[table].masked_by.items():
        with pytest.raises(LeakError, match=f"{column} cannot be read before {event}"):
            known.facts(table, take=(column,))
        assert column in known.facts(table, after=(event,), take=(column,)).frame.collect_schema()


def test_facts_hold_after_one_event_and_before_another(tmp_path: Path) -> None:
    ledger = Ledger().invoice("i1", "c1", issued="2025-01-10", due=None, recorded="2025-01-05", cancelled_at="2025-02-01T10:00")
    known = ledger.known(tmp_path)
    (span,) = known.facts("invoice", after=("issued_on",), until=("cancelled_at",)).frame.select(ENTER, LEAVE).collect().rows()
    assert span == (micros(moment("2025-01-10")), micros(moment("2025-02-01T10:00")))
    assert known.facts("invoice", after=("cancelled_at",), until=("issued_on",)).frame.collect().height == 0


def _facts(name: str, *spans: tuple[str, int, int, int]) -> Facts:
    schema = {"key": pl.String, ENTER: pl.Int64, LEAVE: pl.Int64, name: pl.Int64}
    return Facts(name, pl.LazyFrame(spans, schema=schema, orient="row"))


def test_joined_facts_hold_while_both_do() -> None:
    left, right = _facts("a", ("x", 0, 10, 1), ("y", 0, 10, 2)), _facts("b", ("x", 5, 8, 3), ("x", 8, 20, 4), ("x", 10, 30, 5))
    found = left.joined(right, on="key", take=("b",)).frame.select("key", ENTER, LEAVE, "a", "b").sort(ENTER).collect()
    assert found.rows() == [("x", 5, 8, 1, 3), ("x", 8, 10, 1, 4)]


def test_facts_since_an_instant_of_their_own() -> None:
    """One whose instant is not known has not begun: an invoice without a due date is never overdue."""
    facts = Facts("f", _facts("a", ("x", 0, 10, 4), ("y", 0, 10, 12), ("z", 6, 10, 4)).frame)
    assert facts.since(pl.col("a"), name="later").frame.select("key", ENTER).collect().rows() == [("x", 4), ("z", 6)]
    unknown = facts.since(pl.when(pl.col("key") != "x").then("a"), name="later").frame.select("key").collect()
    assert unknown.rows() == [("z",)]


def test_an_as_of_is_the_end_of_its_day() -> None:
    assert instant_of(date(2025, 3, 10)) == datetime(2025, 3, 11, tzinfo=UTC)
    abroad = datetime(2025, 3, 10, 9, tzinfo=timezone(timedelta(hours=2)))
    assert instant_of(abroad) == datetime(2025, 3, 10, 7, tzinfo=UTC)
    with pytest.raises(ValueError, match="has no time zone; write it with one, such as 2025-03-10T09:00:00Z"):
        instant_of(datetime(2025, 3, 10, 9))  # noqa: DTZ001
    end = pl.DataFrame({"day": [date(2025, 3, 10)]}).select(day_end("day")).item()
    assert end == micros(instant_of(date(2025, 3, 10))) < FOREVER


def test_an_empty_lake_knows_of_nothing(tmp_path: Path) -> None:
    known = Known(Lake(tmp_path / "none"), until=moment("2025-01-01"))
    for table in TABLES:
        assert known.at(moment("2024-01-01"), table).collect().height == 0
        assert known.facts(table).frame.collect().height == 0


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_rows_has_the_columns_of_one_with_rows(table: str, tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.rows[table].append({**dict.fromkeys(TABLES[table].schema), "source": "t", "deleted": False, "recorded_at": moment("2025-01-01")})
    filled = ledger.known(tmp_path / "some").versions(table).frame.collect()
    empty = Known(Lake(tmp_path / "none"), until=moment("2025-02-01")).versions(table).frame.collect()
    assert (empty.height, filled.height) == (0, 1)
    assert empty.schema == filled.schema
