"""A firm of two clients to which everything happens that a feature speaks of, and the bits of what features say."""

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from features.feature import Feature
from features.frame import build
from features.windows import AS_OF
from models.risk import Risk
from models.spine import at_instants
from records.known import Known
from records.lake import Lake
from tests.features.eventful_drafts import with_lines
from tests.ledger import Ledger, moment

Bits = dict[tuple[str, int], dict[str, str]]
"""Entity and instant -> feature -> its value to the last bit."""

MONTHS: Final = 18
WEEKS: Final = 80
BEGUN: Final = date(2024, 1, 10)
ENDED: Final = datetime(2025, 8, 1, tzinfo=UTC)


def eventful() -> Ledger:
    """Client `prompt` pays early and never complains; `slow` pays late and later, disputes, pays in parts and lacks references."""
    told = Ledger().client("prompt", segment="trade").client("slow", segment="health")
    told.contract("k-prompt", "prompt", po_required=False)
    told.contract("k-slow", "slow", po_required=True, legal_entity="here")
    for month in range(MONTHS):
        issued = BEGUN + timedelta(days=30 * month)
        due = issued + timedelta(days=30)
        told.invoice(f"p{month}", "prompt", issued=f"{issued}", due=f"{due}", amount=900, contract_id="k-prompt", project_id="j1")
        told.payment(f"p{month}", "prompt", on=f"{due - timedelta(days=7)}", amount=900)
        drafted = f"{issued - timedelta(days=3)}T09:00"
        told.invoice(
            *(f"s{month}", "slow"),
            issued=f"{issued}",
            due=f"{due + timedelta(days=15)}",
            amount=1000 + 100 * month,
            recorded=drafted,
            drafted_at=drafted,
            contract_id="k-slow",
            project_id=f"j{2 + month % 2}",
            po_ref=None if month % 2 else "PO-7",
        )
        told.payment(f"s{month}", "slow", on=f"{due + timedelta(days=10 + 3 * month)}", amount=600)
        if month % 3:
            told.payment(f"s{month}", "slow", on=f"{due + timedelta(days=20 + 3 * month)}", amount=400 + 100 * month)
        if month % 4 == 0:
            resolved = f"{issued + timedelta(days=70)}T10:00"
            told.dispute(f"s{month}", at=f"{issued + timedelta(days=12)}T10:00", resolved_at=resolved, outcome="partly")
    return with_lines(_with_changes(_with_projects(_with_weeks(_with_dealings(told)))), months=MONTHS, begun=BEGUN)


def _with_dealings(told: Ledger) -> Ledger:
    """`slow` is reminded of every other invoice, and promises more than it keeps."""
    for month in range(0, MONTHS, 2):
        due = BEGUN + timedelta(days=30 * month + 45)
        told.contact(f"s{month}", "slow", at=f"{due + timedelta(days=6)}T09:00")
        if month % 4 == 0:
            called = due + timedelta(days=8)
            told.contact(f"s{month}", "slow", at=f"{called}T09:00", kind="call", outcome="promised")
            told.promise("slow", at=f"{called}T09:10", by=f"{called + timedelta(days=3 + month)}", invoice=f"s{month}")
    return told


def _with_changes(told: Ledger) -> Ledger:
    """People join two of the projects that invoices are of; one is taken over, costs more than planned and never reaches a milestone."""
    for number in range(6):
        told.assignment(f"new{number}", f"j{2 + number % 2}", starts=f"{BEGUN + timedelta(days=90 + 50 * number)}")
    told.correct("project", "j3", recorded="2024-12-01", manager_id="m2")
    rescued = date(2024, 9, 2)
    told.time("helper", rescued, entered=moment(f"{rescued}T18:00"), minutes=3000, project_id="j3", cost_per_hour=60)
    return told.milestone("j3", "never", target="2024-10-01", recorded="2024-04-01")


def _with_weeks(told: Ledger) -> Ledger:
    """Two people's time: `keen` writes each evening, `tardy` forgets the last days of every other week, for longer and longer."""
    first = BEGUN - timedelta(days=BEGUN.weekday())
    holidays = [first + timedelta(days=7 * week + 2) for week in range(3, WEEKS, 9)]
    told.calendar(first, WEEKS, closed=holidays).rate("EUR", "GBP", "0.8", on=f"{first}")
    told.person("keen").person("tardy", practice="tax", weekly_minutes=1920)
    for week in range(WEEKS):
        monday = first + timedelta(days=7 * week)
        if week % 8 == 5:
            told.absence("tardy", monday, monday, registered=f"{monday - timedelta(days=9)}T09:00")
        for day in (monday + timedelta(days=number) for number in range(5)):
            evening = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
            currency = "GBP" if week % 3 else "EUR"
            if day not in holidays:
                told.time("keen", day, entered=evening, minutes=420 + 10 * (week % 7), currency=currency)
            last = 2 if week % 4 else 1
            forgotten = week % 2 == 1 and day.weekday() >= 4 - last
            catches_up = week % 6 == 2 and day.weekday() == 3
            waits = timedelta(days=9 + week % 11) if forgotten else timedelta(days=3, hours=16) if catches_up else timedelta()
            if day.weekday() < 4 and day not in holidays and not (week % 8 == 5 and day == monday):
                told.time("tardy", day, entered=evening + waits, minutes=300 + week, currency="EUR")
    return told


def _with_projects(told: Ledger) -> Ledger:
    """Projects that begin one after another, of either client and every way of billing, some of them over what they were planned for."""
    told.row("contract_amendment", "2024-09-02", {"amendment_id": "a", "contract_id": "k-slow", "effective_on": "2024-08-01"})
    told.correct("contract", "k-slow", recorded="2024-07-01", cap_amount=9000)
    for number in range(14):
        name, starts = f"j{number + 1}", BEGUN + timedelta(days=35 * number)
        client, over = ("prompt", 0) if number % 2 else ("slow", number)
        ends, method = starts + timedelta(days=140 + 7 * number), ("time", "milestone", "retainer")[number % 3]
        shut = ends + timedelta(days=20) if ends + timedelta(days=20) < ENDED.date() else None
        told.project(
            *(name, client),
            starts=f"{starts}",
            ends=f"{ends}",
            closed=f"{shut}" if shut else None,
            contract_id=f"k-{client}",
            billing_method=method,
            manager_id="m1",
        )
        sold = f"{starts + timedelta(days=3)}"
        told.correct("project_budget", f"{name}-1", recorded=sold, cost_amount=6000 - 50 * number, revenue_amount=9500 + 100 * number)
        told.line(f"p{number}", name, net=2000 + 100 * number, recorded=f"{starts + timedelta(days=31)}", number=number)
        if number % 4 == 0:
            told.budget(name, on=f"{starts + timedelta(days=60)}", baseline_no=2, minutes=6600 + number)
        for week in range(16):
            day = starts + timedelta(days=7 * week + 1)
            entered = datetime(day.year, day.month, day.day, 18, tzinfo=UTC) + timedelta(days=week % 3)
            told.time(
                *(f"w{number}", day),
                entered=entered,
                minutes=300 + 20 * over,
                project_id=name,
                billable=week % (3 + number % 3) > 0,
                bill_rate=100 - over,
                cost_per_hour=60 + number if week % 5 else None,
            )
        for report in range(1, 5):
            day = starts + timedelta(days=28 * report)
            left = 6000 - 1300 * report + 90 * over
            told.status(name, on=f"{day}", complete=20 * report + number, remaining=left, health=("green", "amber", "red")[over % 3])
        for stone in range(1, 4):
            target = starts + timedelta(days=40 * stone)
            done = target + timedelta(days=over - 3 + stone)
            told.milestone(name, f"m{stone}", target=f"{target}", completed=f"{done}", recorded=f"{starts}")
    return told


def features_of(risk: Risk) -> list[Feature]:
    """All that is computed for a risk, in training and in serving."""
    return list(risk.computed)


def bits(frame: pl.DataFrame, risk: Risk) -> Bits:
    keys = frame.select(risk.key, AS_OF).rows()
    columns: Mapping[str, Iterable[float | None]] = {one.name: frame[one.name].to_list() for one in features_of(risk)}
    rows = ({name: "" if value is None else value.hex() for name, value in zip(columns, row, strict=True)} for row in _rows(columns))
    found = dict(zip(keys, rows, strict=True))
    assert len(found) == frame.height, "an entity has two rows at one instant"
    return found


def differences(found: Bits, wanted: Bits) -> list[str]:
    """Which feature of which row says something else."""
    rows = [f"{row} is {'too much' if row in found else 'missing'}" for row in found.keys() ^ wanted.keys()]
    both = ((row, name) for row in sorted(found.keys() & wanted.keys()) for name in wanted[row])
    return rows + [
        f"{row} {name}: {found[row][name]}, not {wanted[row][name]}" for row, name in both if found[row][name] != wanted[row][name]
    ]


def _rows(columns: Mapping[str, Iterable[float | None]]) -> Iterable[tuple[float | None, ...]]:
    return zip(*columns.values(), strict=True)


def said(known: Known, risk: Risk, *instants: datetime) -> Bits:
    """What every feature says of every entity at risk at each instant."""
    return bits(build(known, at_instants(known, risk, instants), features_of(risk)), risk)


def in_disorder(told: Ledger, lake: Lake, *, seed: int, compacted: bool) -> Lake:
    """The same rows into a lake, shuffled, in several appends."""
    order = random.Random(seed)  # noqa: S311 - a disorder that can be made again
    frames = list(told.frames().items())
    order.shuffle(frames)
    for table, rows in frames:
        shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
        size = order.randint(max(rows.height // 4, 1), rows.height)
        for begin in range(0, rows.height, size):
            lake.append(table, shuffled[begin : begin + size])
        if compacted:
            lake.compact(table)
    return lake
