"""No feature of any risk knows what was recorded later, and none depends on how its rows came to it.

Every test here runs over all features of all risks of the catalog: a new one is covered when it is listed there.
"""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.frame import build
from features.windows import AS_OF
from models.catalog import RISKS
from models.risk import Risk
from models.spine import aged, at_instants
from records.known import Known, LeakError, micros
from records.lake import Lake
from records.tables import TABLES
from tests.features.eventful import ENDED, bits, differences, eventful, features_of, in_disorder, said
from tests.ledger import Ledger, moment, recorded_at
from tests.random_ledgers import ledgers, tidy_ledgers
from tests.random_rows import instants

FAR = moment("2030-12-31")
AT = (moment("2024-09-15"), moment("2025-04-20T10:00"), moment("2025-06-20"))
"""A risk has rows of the eventful firm at each."""
any_ledger = st.one_of(ledgers(), tidy_ledgers())

every_risk = pytest.mark.parametrize("risk", RISKS, ids=lambda risk: risk.name)


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> pytest.TempPathFactory:
    """A new folder for each example of hypothesis, which runs many in one test."""
    return tmp_path_factory


def later_than(at: datetime, told: Ledger) -> Ledger:
    """The rows of another ledger as if recorded after an instant; what they tell of stays where it was, before it or after."""
    moved = Ledger()
    for table, rows in told.rows.items():
        for place, row in enumerate(rows):
            recorded = recorded_at(row) if recorded_at(row) > at else at + timedelta(microseconds=1 + place)
            moved.row(table, recorded, row)
    return moved


def taken_out(at: datetime, told: Ledger) -> Ledger:
    """Everything that was known, deleted an hour later."""
    gone = Ledger()
    for table, rows in told.rows.items():
        last = {tuple(row[key] for key in TABLES[table].key): row for row in sorted(rows, key=recorded_at)}
        for row in last.values():
            gone.row(table, at + timedelta(hours=1), {**row, "deleted": True})
    return gone


@every_risk
@settings(max_examples=8, deadline=None)
@given(told=any_ledger, other=ledgers(), at=instants)
def test_what_is_recorded_later_changes_nothing(
    risk: Risk, told: Ledger, other: Ledger, at: datetime, places: pytest.TempPathFactory
) -> None:
    past = told.until(at)
    wanted = said(Known(past.lake(places.mktemp("past")), until=FAR), risk, at)
    for name, future in (("as it went on", told), ("corrupted", later_than(at, other)), ("deleted", taken_out(at, past))):
        root = places.mktemp("future")
        past.lake(root)
        future.lake(root)
        assert not differences(said(Known(Lake(root), until=FAR), risk, at), wanted), name
    assert not differences(said(Known(told.lake(places.mktemp("whole")), until=at), risk, at), wanted), "read up to then"


@every_risk
@pytest.mark.parametrize("at", AT)
def test_a_row_dated_back_changes_nothing_before_it_was_recorded(risk: Risk, at: datetime, tmp_path: Path) -> None:
    known = eventful().until(at).known(tmp_path / "lake")
    before = said(known, risk, at)
    assert before
    day = f"{(at - timedelta(days=40)).date()}"
    after = f"{at + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"
    late = Ledger().client("slow", recorded=after).contract("k-slow", "slow", po_required=False, recorded=after)
    for number in range(18):
        late.payment(f"s{number}", "slow", on=day, amount=5000, recorded=after)
        late.row("dispute", after, {"dispute_id": f"late-{number}", "invoice_id": f"p{number}", "opened_at": f"{day}T09:00"})
        late.invoice(f"late-{number}", "slow", issued=day, due=day, amount=77, recorded=after, project_id="j2")
        late.credit(f"s{number}", on=day, recorded=after)
        worked = at.date() - timedelta(days=number)
        late.time("tardy", worked, entered=at + timedelta(seconds=1), entry_id=f"late-{number}")
        late.absence("tardy", worked, worked, registered=after)
    late.lake(tmp_path / "lake")
    assert not differences(said(Known(known.lake, until=FAR), risk, at), before)
    assert said(Known(known.lake, until=FAR), risk, at + timedelta(seconds=1)) != before, "the late rows tell of nothing"


@every_risk
def test_every_feature_tells_rows_apart(risk: Risk, tmp_path: Path) -> None:
    """A feature that says one thing of everybody would pass every test of this file."""
    known = eventful().known(tmp_path, until="2025-07-31")
    frame = build(known, aged(known, risk), features_of(risk))
    silent = [one.name for one in features_of(risk) if frame[one.name].drop_nulls().n_unique() < 2]
    assert not silent


@every_risk
@settings(max_examples=6, deadline=None)
@given(told=any_ledger)
def test_a_training_row_is_what_was_served_then(risk: Risk, told: Ledger, places: pytest.TempPathFactory) -> None:
    assert_parity(risk, Known(told.lake(places.mktemp("lake")), until=FAR), nights=3)


@every_risk
def test_a_training_row_of_an_eventful_firm_is_what_was_served_then(risk: Risk, tmp_path: Path) -> None:
    assert assert_parity(risk, Known(eventful().lake(tmp_path), until=ENDED), nights=6) > 30


def assert_parity(risk: Risk, known: Known, *, nights: int) -> int:
    """Each training row against a spine of all entities at its instant, and against records that end there. How many were compared."""
    trained = bits(build(known, aged(known, risk), features_of(risk)), risk)
    served = said(known, risk, *(instant_at(moment) for moment in sorted({at for _, at in trained})))
    assert not differences({row: served[row] for row in trained.keys() & served.keys()}, trained)
    moments = sorted({at for _, at in trained})
    for at in moments[:: max(len(moments) // nights, 1)]:
        night = Known(known.lake, until=instant_at(at))
        assert not differences(said(night, risk, instant_at(at)), {row: found for row, found in served.items() if row[1] == at})
    return len(trained)


def instant_at(moment: int) -> datetime:
    found = pl.Series([moment]).cast(pl.Datetime("us", "UTC")).item()
    assert isinstance(found, datetime)
    return found


@every_risk
@settings(max_examples=5, deadline=None)
@given(told=any_ledger, at=instants, seed=st.integers(0, 1000), compacted=st.booleans())
def test_the_order_of_the_rows_and_how_they_came_in_are_nothing(
    risk: Risk, told: Ledger, at: datetime, *, seed: int, compacted: bool, places: pytest.TempPathFactory
) -> None:
    wanted = said(Known(told.lake(places.mktemp("in-order")), until=FAR), risk, at)
    disordered = in_disorder(told, Lake(places.mktemp("in-disorder")), seed=seed, compacted=compacted)
    assert not differences(said(Known(disordered, until=FAR), risk, at), wanted)


@every_risk
def test_the_eventful_firm_in_disorder_says_the_same(risk: Risk, tmp_path: Path) -> None:
    wanted = said(Known(eventful().lake(tmp_path / "in-order"), until=FAR), risk, *AT)
    disordered = in_disorder(eventful(), Lake(tmp_path / "in-disorder"), seed=3, compacted=True)
    assert not differences(said(Known(disordered, until=FAR), risk, *AT), wanted)


@every_risk
@settings(max_examples=5, deadline=None)
@given(told=any_ledger, parts=st.integers(2, 5), seed=st.integers(0, 1000))
def test_a_spine_in_parts_and_in_any_order_gives_the_same(
    risk: Risk, told: Ledger, parts: int, seed: int, places: pytest.TempPathFactory
) -> None:
    assert_same_in_parts(risk, Known(told.lake(places.mktemp("lake")), until=FAR), parts=parts, seed=seed)


@every_risk
def test_the_spine_of_an_eventful_firm_in_parts_gives_the_same(risk: Risk, tmp_path: Path) -> None:
    assert_same_in_parts(risk, Known(eventful().lake(tmp_path), until=FAR), parts=7, seed=1)


def assert_same_in_parts(risk: Risk, known: Known, *, parts: int, seed: int) -> None:
    spine, features = aged(known, risk), features_of(risk)
    whole = build(known, spine, features)
    shuffled = spine.sample(fraction=1.0, shuffle=True, seed=seed)
    pieces = [build(known, shuffled.gather_every(parts, begin), features) for begin in range(parts)]
    assert all(piece[risk.key].to_list() == shuffled.gather_every(parts, begin)[risk.key].to_list() for begin, piece in enumerate(pieces))
    assert not differences(bits(pl.concat(pieces), risk), bits(whole, risk))


@every_risk
def test_a_spine_after_the_end_of_the_records_is_refused(risk: Risk, tmp_path: Path) -> None:
    known = Known(eventful().lake(tmp_path), until=moment("2025-04-20"))
    spine = at_instants(known, risk, [moment("2025-04-20"), moment("2025-04-21")])
    assert spine[AS_OF].max() == micros(moment("2025-04-21"))
    with pytest.raises(LeakError, match=r"the spine asks for rows after 2025-04-21T00:00:00\+00:00, where these records end"):
        build(known, spine, risk.features)
    assert build(known, spine.filter(pl.col(AS_OF) <= micros(known.until)), risk.features).height > 0


@every_risk
def test_an_empty_spine_has_every_feature_and_no_row(risk: Risk, tmp_path: Path) -> None:
    known = Known(Lake(tmp_path / "none"), until=FAR)
    frame = build(known, aged(known, risk), features_of(risk))
    assert frame.height == 0
    assert {frame.schema[one.name] for one in features_of(risk)} == {pl.Float64}
