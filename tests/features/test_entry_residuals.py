"""Residuals of time entries: each fires on what it is for, is silent on what only looks like it, and knows nothing of what comes later."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from features.entries import charged, unbilled
from features.entry_residuals import ENTRY_RESIDUALS, entry_residuals
from features.residuals import SPINE_DAYS
from features.windows import AS_OF
from records.known import DAY, ENTER, Known, LeakError, micros
from tests.features.office import ENDED, entry, office
from tests.ledger import Ledger, Value, moment
from tests.random_ledgers import ledgers

LAST_DAY = ENDED - timedelta(days=3)
"""A Friday on which everybody has a whole day already."""
UNTIL = moment(f"{ENDED + timedelta(days=30)}")


@dataclass(frozen=True)
class Case:
    says: str
    residual: str
    fires: bool
    minutes: int = 100
    person: str = "ann"
    project: str = "p"
    more: dict[str, Value] = field(default_factory=dict)
    beside: tuple[tuple[int, str], ...] = ()
    """Entries of the day before it: minutes and text."""
    day: date = LAST_DAY


FAR = {"long_time": 1.0, "newcomer": 1.0, "off_rate": 1.0, "rare_words": 3.0, "near_twin": 1.0}
"""Times what is largest in the office's own past. Its people repeat themselves, so a word that is new to them is far out already."""

CASES = (
    Case("seven hours on top of a full day", "long_time", fires=True, minutes=420),
    Case("seven hours that are the day", "long_time", fires=False, minutes=420, day=ENDED),
    Case("a hundred minutes", "long_time", fires=False),
    Case("a quarter of an hour is not long", "long_time", fires=False, minutes=15),
    Case("somebody of another team", "newcomer", fires=True, person="cid"),
    Case("one of the team", "newcomer", fires=False),
    Case("the partner's rate", "off_rate", fires=True, more={"bill_rate": 220}),
    Case("the analyst's rate, which stands on the card", "off_rate", fires=True, more={"bill_rate": 90, "role": "analyst"}),
    Case("the own rate", "off_rate", fires=False),
    Case("words that nobody wrote", "rare_words", fires=True, more={"narrative": "Booked hotel rooms for summer offsite"}),
    Case("a slip in one word", "rare_words", fires=False, more={"narrative": "Reviewed the legder with the cost model and the plan"}),
    Case("one word that is rare", "rare_words", fires=False, more={"narrative": "sundries"}),
    Case("no text at all", "rare_words", fires=False, more={"narrative": None}),
    Case(
        "the same text and time as the day before",
        "near_twin",
        fires=True,
        minutes=105,
        more={"narrative": "Called the bank about guarantees"},
        beside=((105, "Called the bank about guarantees"),),
    ),
    Case(
        "the same time as the day before, another text",
        "near_twin",
        fires=False,
        minutes=105,
        more={"narrative": "Called the bank about guarantees"},
        beside=((105, "Called the tax office about guarantees"),),
    ),
)


def measured(told: Ledger, root: Path, *, until: datetime = UNTIL) -> pl.DataFrame:
    known = Known(told.lake(root), until=until)
    rows = known.derived(charged).frame.collect().with_columns(pl.col(ENTER).alias(AS_OF))
    return entry_residuals(known, rows.filter(pl.col(AS_OF) >= micros(until) - SPINE_DAYS * DAY)).sort("entry_id", ENTER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_residual_stands_out_where_it_should(case: Case, tmp_path: Path) -> None:
    told = office()
    for minutes, text in case.beside:
        entry(told, case.person, case.day - timedelta(days=1), project=case.project, minutes=minutes, narrative=text)
    entry(told, case.person, case.day, project=case.project, minutes=case.minutes, place=9, turn=0, **case.more)
    rows = measured(told, tmp_path)
    own = rows.filter(pl.col("entry_id") == f"{case.person}-{case.day}-9")[case.residual].item()
    # The first weeks have little to be judged by.
    begun = micros(moment(f"{ENDED - timedelta(days=35)}"))
    past = rows.filter((pl.col(AS_OF) > begun) & (pl.col("entry_id") != f"{case.person}-{case.day}-9"))[case.residual].drop_nulls()
    border = FAR[case.residual] * float(past.to_numpy().max())
    if case.fires:
        assert own > border
    else:
        assert own is None or own <= border


def test_an_entry_is_no_part_of_what_it_is_judged_by(tmp_path: Path) -> None:
    told = entry(Ledger(), "ann", ENDED, project="p", minutes=600)
    [row] = measured(told, tmp_path).to_dicts()
    assert row["long_time"] is None or row["long_time"] < 1e-6
    assert row["off_rate"] is None
    assert row["newcomer"] == 0
    assert row["near_twin"] == 0


def test_what_is_on_an_invoice_is_no_longer_unbilled(tmp_path: Path) -> None:
    told = entry(Ledger(), "ann", ENDED, project="p", minutes=60, invoice_line_id="i1-1")
    told.row("invoice_line", f"{ENDED + timedelta(days=3)}", {"line_id": "i1-1"})
    known = Known(told.lake(tmp_path), until=UNTIL)
    [leave] = known.derived(unbilled).frame.collect()["leave"].to_list()
    assert leave == micros(moment(f"{ENDED + timedelta(days=3)}"))


def test_what_is_too_old_is_refused(tmp_path: Path) -> None:
    known = Known(office().lake(tmp_path), until=moment(f"{ENDED + timedelta(days=SPINE_DAYS)}"))
    rows = known.derived(charged).frame.collect().with_columns(pl.col(ENTER).alias(AS_OF))
    with pytest.raises(LeakError, match="no whole history"):
        entry_residuals(known, rows)


def test_how_much_is_read_changes_nothing(tmp_path: Path) -> None:
    """Asked at two ends of the records, of which the later reads less of what lies before, an entry is as odd."""
    lake = office().lake(tmp_path)
    early, late = (Known(lake, until=moment(f"{ENDED + timedelta(days=days)}")) for days in (1, SPINE_DAYS - 1))
    rows = early.derived(charged).frame.filter(pl.col(ENTER) > micros(moment(f"{ENDED - timedelta(days=1)}"))).collect()
    spine = rows.with_columns(pl.col(ENTER).alias(AS_OF)).sort("entry_id")
    assert_frame_equal(entry_residuals(early, spine), entry_residuals(late, spine))


AT = datetime(2024, 8, 1, 12, tzinfo=UTC)
"""Amid the random ledgers' year."""


@settings(max_examples=25, deadline=None)
@given(told=ledgers(), other=ledgers())
def test_what_is_recorded_later_changes_no_residual(told: Ledger, other: Ledger, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not a bit: neither entries made later nor corrections, deletions and back-dated ones."""
    priced = Ledger({"time_entry": [{**row, "bill_rate": 90, "narrative": "a call or two"} for row in told.until(AT).rows["time_entry"]]})
    later = Ledger(priced.rows)
    for place, row in enumerate(other.rows["time_entry"]):
        later.row("time_entry", AT + timedelta(minutes=1 + place), {**row, "bill_rate": 80, "narrative": "a call or two"})
    until = AT + timedelta(days=10)
    frames = []
    for ledger in (priced, later):
        known = Known(ledger.lake(tmp_path_factory.mktemp("lake")), until=until)
        rows = known.derived(charged).frame.filter(pl.col(ENTER) <= micros(AT)).collect().with_columns(pl.col(ENTER).alias(AS_OF))
        frames.append(entry_residuals(known, rows).select("entry_id", ENTER, *ENTRY_RESIDUALS).sort("entry_id", ENTER))
    assert_frame_equal(*frames, check_exact=True)


def test_a_nearer_twin_that_comes_later_is_not_known(tmp_path: Path) -> None:
    text = "Called the bank about guarantees"
    told = office()
    for place, days in enumerate((4, 0)):
        entry(told, "ann", LAST_DAY - timedelta(days=days), project="p", minutes=105, place=20 + place, narrative=text)
    before = measured(told, tmp_path / "before")
    entry(told, "ann", LAST_DAY + timedelta(days=3), project="p", minutes=105, place=22, narrative=text, worked_on=LAST_DAY)
    after = measured(told, tmp_path / "after")
    own = pl.col("entry_id") == f"ann-{LAST_DAY}-21"
    assert before.filter(own)["near_twin"].item() > 0
    assert_frame_equal(before.filter(own).select(ENTRY_RESIDUALS), after.filter(own).select(ENTRY_RESIDUALS), check_exact=True)
