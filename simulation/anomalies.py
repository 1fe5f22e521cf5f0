"""What is odd about a few records although every rule holds: time entries and invoice lines that no control can express.

Each record is drawn by its own key, and its kind before it is asked which kinds a firm has: so a kind that is switched on or off moves no
other record. An entry is changed in the export alone, after the work of the month has been added up: drafts are made of what was meant.
A line is changed before its draft is made, so that the invoice adds up.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from simulation.days import DAY_MICROS, HOUR_MICROS, NEVER
from simulation.draws import Flags, Ints
from simulation.entries import TWIN_SLOT, time_entry_id, time_line_id
from simulation.narratives import OWN_WORK, POOR
from simulation.people import SUPPORT, holder_on
from simulation.plan import Plan
from simulation.timesheets import QUARTER, Office

SHARE: Final = 0.013
"""Of the billable entries, and of the lines charged by the hour, when every kind is switched on (modeling.md, row A)."""
ENTRY_KINDS: Final = ("long_entry", "wrong_project", "near_duplicate", "own_work", "other_grade", "wrong_person", "several_small")
"""In equal parts. long_entry: two to four times the time it took. wrong_project: on a project of another team. near_duplicate: once more, a
day or two apart, perhaps a little longer or shorter. own_work: the firm's own work charged to a client. other_grade: the next grade's rate,
which stands on the card. wrong_person: under the name of somebody of another team. several_small: rather long and said in a word."""
LINE_KINDS: Final = ("line_hours", "line_grade")
"""In equal parts. line_hours: two to three times the hours. line_grade: the next grade's rate, which stands on the card."""
LONGER: Final[Mapping[str, tuple[float, float]]] = {"long_entry": (2.2, 4.0), "several_small": (1.6, 2.0)}
LONGEST: Final = 720
"""Minutes: more than twelve hours on one entry a rule would catch."""
MORE_HOURS: Final = (1.8, 3.0)
TRIES: Final = 8
"""Others drawn until one fits; hardly an entry finds none."""


def checked_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds, if there are such. Raises ValueError, naming those there are."""
    known = (*ENTRY_KINDS, *LINE_KINDS)
    if strange := [kind for kind in kinds if kind not in known]:
        raise ValueError(f"{', '.join(strange)}: no kind of anomaly; there are {', '.join(known)}")
    return kinds


def with_anomalies(plan: Plan, rows: pl.DataFrame, office: Office) -> pl.DataFrame:
    """A month's entries as they come to be exported: `anomaly` names what is odd, empty for nearly all.

    The id and the draws are made of `key_person`, `key_day` and `key_slot`; `text` is what is written instead of its narrative.
    """
    keyed = rows.with_columns(
        key_person="person", key_day="day", key_slot="slot", text=pl.lit(None, pl.String), anomaly=pl.lit(None, pl.String)
    )
    if not plan.anomalies:
        return keyed
    person, day, slot = (rows[name].to_numpy() for name in ("person", "day", "slot"))
    place = np.flatnonzero(rows["billable"].to_numpy() & plan.draws.chance(SHARE, "anomaly.entry", person, day, slot))
    key = (person[place], day[place], slot[place])
    kind = plan.draws.pick([1.0] * len(ENTRY_KINDS), "anomaly.kind", *key)
    odd = keyed[place].with_columns(
        place=pl.lit(pl.Series(place.astype(np.int64))), anomaly=pl.lit(pl.Series(np.array(ENTRY_KINDS)[kind]), pl.String)
    )
    odd = odd.filter(pl.col("anomaly").is_in(plan.anomalies))
    odd = _longer(plan, odd)
    odd = _said(plan, odd)
    odd = _graded(plan, odd)
    odd = _moved(plan, office, _again(plan, odd))
    kept = keyed.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    gone = odd.filter(pl.col("anomaly") != "near_duplicate")["place"]
    return (
        pl.concat([kept.filter(~pl.col("place").is_in(gone.implode())), odd.select(kept.columns)]).sort("place", "key_slot").drop("place")
    )


def anomalous_entries(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows with their anomalies: the entry's id and the kind."""
    return rows.filter(pl.col("anomaly").is_not_null()).select(
        entity_type=pl.lit("time_entry"), entity_id=time_entry_id(), kind="anomaly", of_entity_id=_source()
    )


def _source() -> pl.Expr:
    """The entry that a near duplicate was made from."""
    original = pl.lit("T") + pl.concat_str("key_person", "key_day", pl.col("key_slot") - TWIN_SLOT, separator="-")
    return pl.when(pl.col("anomaly") == "near_duplicate").then(original)


def _key(odd: pl.DataFrame) -> tuple[Ints, Ints, Ints]:
    person, day, slot = (odd[name].to_numpy() for name in ("key_person", "key_day", "key_slot"))
    return person, day, slot


def _longer(plan: Plan, odd: pl.DataFrame) -> pl.DataFrame:
    minutes, key = odd["minutes"].to_numpy(), _key(odd)
    level = plan.draws.uniform("anomaly.longer", *key)
    for kind, (low, high) in LONGER.items():
        longer = np.minimum(LONGEST, np.round(minutes * (low + (high - low) * level) / QUARTER) * QUARTER).astype(np.int64)
        minutes = np.where((odd["anomaly"] == kind).to_numpy(), np.maximum(longer, minutes), minutes)
    return odd.with_columns(minutes=pl.lit(pl.Series(minutes)))


def _said(plan: Plan, odd: pl.DataFrame) -> pl.DataFrame:
    level = plan.draws.uniform("anomaly.text", *_key(odd))
    told = {"own_work": OWN_WORK, "several_small": POOR}
    for kind, texts in told.items():
        text = texts.gather(pl.Series((level * len(texts)).astype(np.uint32)))
        odd = odd.with_columns(text=pl.when(pl.col("anomaly") == kind).then(pl.lit(text)).otherwise("text"))
    return odd


def _graded(plan: Plan, odd: pl.DataFrame) -> pl.DataFrame:
    role = _next_grade(plan, odd["role"].to_numpy(), "anomaly.grade", *_key(odd))
    return odd.with_columns(role=pl.when(pl.col("anomaly") == "other_grade").then(pl.lit(pl.Series(role))).otherwise("role"))


def _next_grade(plan: Plan, role: Ints, mechanism: str, *key: Ints) -> Ints:
    """One grade up or down of those that bill."""
    step = np.where(plan.draws.chance(0.5, mechanism, *key), 1, -1)
    return np.where(role == 0, 1, np.where(role == SUPPORT - 1, SUPPORT - 2, role + step))


def _again(plan: Plan, odd: pl.DataFrame) -> pl.DataFrame:
    """Near duplicates under a number of their own, a day or two apart and perhaps a quarter or a half hour off."""
    key, twin = _key(odd), (odd["anomaly"] == "near_duplicate").to_numpy()
    day = odd["day"].to_numpy() + np.array([-2, -1, 1, 2])[plan.draws.pick([1.0] * 4, "anomaly.apart", *key)]
    off = np.array([-30, -15, 0, 0, 15, 30])[plan.draws.pick([1.0] * 6, "anomaly.off", *key)]
    wait = plan.draws.whole(1, 48, "anomaly.wait", *key) * HOUR_MICROS
    entered = np.maximum(odd["entered"].to_numpy() + wait, day * DAY_MICROS + 18 * HOUR_MICROS)
    later = pl.lit(pl.Series(entered)) - pl.col("entered")
    again = odd.with_columns(
        day=pl.lit(pl.Series(day)),
        minutes=pl.lit(pl.Series(np.maximum(QUARTER, odd["minutes"].to_numpy() + off))),
        **{name: pl.col(name) + later for name in ("entered", "submitted", "approved")},
        key_slot=pl.col("key_slot") + TWIN_SLOT,
    )
    return pl.concat([odd.filter(~pl.Series(twin)), again.filter(pl.Series(twin))])


def _moved(plan: Plan, office: Office, odd: pl.DataFrame) -> pl.DataFrame:
    """On the wrong project, or under the wrong name; what finds no such place stays as it was. None of it is on an invoice."""
    teams = _teams(office)
    wrong_project, wrong_person = ((odd["anomaly"] == kind).to_numpy() for kind in ("wrong_project", "wrong_person"))
    project, person = odd["project"].to_numpy(), odd["person"].to_numpy()
    elsewhere = _elsewhere(plan, office, odd, teams=teams)
    somebody = _somebody(plan, office, odd, teams=teams)
    project = np.where(wrong_project & (elsewhere >= 0), elsewhere, project)
    person = np.where(wrong_person & (somebody >= 0), somebody, person)
    projects = office.book.projects
    unbilled = (pl.col("anomaly").is_in(["wrong_project", "wrong_person", "near_duplicate"])).alias("unbilled")
    contract = projects["contract"].to_numpy()[project]
    moved = odd.with_columns(
        project=pl.lit(pl.Series(project)),
        person=pl.lit(pl.Series(person)),
        contract=pl.lit(pl.Series(contract)),
        rate=pl.lit(pl.Series(office.cards.at(contract, role=odd["role"].to_numpy(), day=odd["day"].to_numpy()))),
        currency=pl.lit(projects["currency"].gather(pl.Series(project))),
        month=pl.when(unbilled).then(-1).otherwise("month"),
        mended="minutes",
        mended_at=pl.lit(NEVER * DAY_MICROS),
    )
    lost = (wrong_project & (elsewhere < 0)) | (wrong_person & (somebody < 0))
    return moved.filter(~pl.Series(lost))


def _teams(office: Office) -> Flags:
    """Seats x projects: the seat is of the project's team."""
    book = office.book
    belongs = np.zeros((len(office.crew.seats), len(book.projects)), dtype=np.bool_)
    belongs[book.members["seat"].to_numpy(), book.members["project"].to_numpy()] = True
    return belongs


def _seat_of(office: Office, person: Ints) -> Ints:
    return office.crew.people.sort("person")["seat"].to_numpy()[person]


def _elsewhere(plan: Plan, office: Office, odd: pl.DataFrame, *, teams: Flags) -> Ints:
    """A project that runs on the day and on whose team the person is not; -1 for none."""
    projects, day, seat = office.book.projects, odd["day"].to_numpy(), _seat_of(office, odd["person"].to_numpy())
    starts, ends = projects["starts"].to_numpy(), projects["ends"].to_numpy()
    found = np.full(len(odd), -1, dtype=np.int64)
    for number in range(TRIES):
        drawn = plan.draws.whole(0, len(projects) - 1, f"anomaly.project.{number}", *_key(odd))
        fits = (starts[drawn] <= day) & (day < ends[drawn]) & ~teams[seat, drawn]
        found = np.where((found < 0) & fits, drawn, found)
    return found


def _somebody(plan: Plan, office: Office, odd: pl.DataFrame, *, teams: Flags) -> Ints:
    """A person at work on the day, of a role that bills, who is not on the project's team; -1 for none."""
    seats, day, project = office.crew.seats, odd["day"].to_numpy(), odd["project"].to_numpy()
    role = seats["role"].to_numpy()
    found = np.full(len(odd), -1, dtype=np.int64)
    for number in range(TRIES):
        seat = plan.draws.whole(0, len(seats) - 1, f"anomaly.person.{number}", *_key(odd))
        holder = holder_on(seats, seat, day)
        fits = (holder >= 0) & (role[seat] != SUPPORT) & ~teams[seat, project]
        found = np.where((found < 0) & fits, holder, found)
    return found


def oddly_charged(plan: Plan, hourly: pl.DataFrame) -> pl.DataFrame:
    """Lines to be billed by the hour, with `anomaly`: a few for too many hours or at the next grade's rate."""
    key = tuple(hourly[name].to_numpy() for name in ("project", "month", "person", "task"))
    kind = np.array(LINE_KINDS)[plan.draws.pick([1.0] * len(LINE_KINDS), "anomaly.line_kind", *key)]
    hit = plan.draws.chance(SHARE, "anomaly.line", *key) & np.isin(kind, plan.anomalies)
    minutes, role = hourly["minutes"].to_numpy(), hourly["role"].to_numpy()
    more = np.round(minutes * plan.draws.between(*MORE_HOURS, "anomaly.hours", *key) / QUARTER).astype(np.int64) * QUARTER
    grade = _next_grade(plan, role, "anomaly.line_grade", *key)
    return hourly.with_columns(
        minutes=pl.lit(pl.Series(np.where(hit & (kind == "line_hours"), more, minutes))),
        role=pl.lit(pl.Series(np.where(hit & (kind == "line_grade"), grade, role))),
        anomaly=pl.when(pl.lit(pl.Series(hit))).then(pl.lit(pl.Series(kind))),
    )


def anomalous_lines(hourly: pl.DataFrame) -> pl.DataFrame:
    return hourly.filter(pl.col("anomaly").is_not_null()).select(
        entity_type=pl.lit("invoice_line"), entity_id=time_line_id(), kind="anomaly", of_entity_id=pl.lit(None, pl.String)
    )
