"""Unusual time: an entry unlike this person's, this project's and this role's own, while it is not on an invoice yet.

Fires: nine hours in one entry of a day of thirteen, by somebody who writes one to four on that project and eight a day.
Silent: nine hours in one entry by somebody who often writes a whole day on that project.
"""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import polars as pl

from features.entries import charged, unbilled, words
from features.entry_residuals import ENTRY_RESIDUALS, NEAR_DAYS, entry_residuals
from features.residuals import WINDOW_DAYS
from features.windows import AS_OF
from models.anomaly import Anomaly, Told
from models.invoice_book import money
from models.subject import Subject
from models.usual_values import usual_text
from records.known import DAY, ENTER, LEAVE, Known

_MOST_WORDS: Final = 6


class Others(NamedTuple):
    """Of the entries that one is put beside."""

    minutes: list[int]
    rates: list[int]


class EntryBook:
    """What stood on record of the same person, project and role when each of some entries was made."""

    def __init__(self, known: Known, as_of: datetime, found: pl.DataFrame) -> None:
        self._as_of = as_of
        projects = known.at(as_of, "project").select("project_id", "client_id", "name").collect()
        self._projects = {row["project_id"]: row for row in projects.to_dicts()}
        self._clients: dict[str, str] = dict(known.at(as_of, "client").select("client_id", "name").collect().rows())
        facts = known.derived(charged).frame
        asked = found.lazy().select(AS_OF, "pair", "grade", "project_id", "text", one="entry_id")
        self._own = _others(_before(asked, facts, by="pair"))
        self._grade = _others(_before(asked, facts, by="grade"))
        self._project = {row["one"]: row for row in _people(_before(asked, facts, by="project_id")).to_dicts()}
        self._twins = {row["one"]: row for row in _nearest(_before(asked, facts, by="text"), found).to_dicts()}
        self._new_words = _new_words(found, facts)

    def told(self, row: dict[str, object], stands_out: tuple[str, ...]) -> Told:
        entry, project = str(row["entry_id"]), self._projects.get(row["project_id"], {})
        client = str(project.get("client_id") or "")
        name = str(project.get("name") or row["project_id"])
        facts = {"Person": str(row["person_id"]), "Worked on": _day(row["worked_on"]), "Entered": _instant(row[AS_OF])}
        subject = Subject(entry, client, self._clients.get(client, client) or name, due_on=None, facts=facts)
        told = {one: getattr(self, f"_{one}")(row) for one in stands_out}
        return Told(subject, str(row["worked_on"]), f"Unusual time on {name}: {hours(row['minutes'])}", told)

    def _long_time(self, row: dict[str, object]) -> tuple[str, str, str]:
        seen, own = hours(row["minutes"]), self._own.get(str(row["entry_id"]))
        if own is None:
            return f"{seen} on one entry, and the day is long too; this person has nothing else on this project.", seen, ""
        counted = f"in {_entries(len(own.minutes))}"
        usual = usual_text(int(str(row["minutes"])), own.minutes, shown=hours, counted=counted, side="above")
        return f"{seen} on one entry, and the day is long too; this person on this project: {usual}.", seen, usual

    def _newcomer(self, row: dict[str, object]) -> tuple[str, str, str]:
        own = self._own.get(str(row["entry_id"]))
        team = self._project.get(str(row["entry_id"]), {"n": 0, "people": 0})
        seen = f"{_entries(len(own.minutes) if own else 0)} of this person on this project before"
        usual = f"{_entries(team['n'])} of {team['people']} people in half a year"
        return f"{seen[0].upper()}{seen[1:]}; the project has {usual}.", seen, usual

    def _off_rate(self, row: dict[str, object]) -> tuple[str, str, str]:
        currency = str(row["currency"])
        seen = f"{money(row['bill_rate'], currency)} an hour"
        own, grade = self._own.get(str(row["entry_id"])), self._grade.get(str(row["entry_id"]))
        held, whose = (own, "this person") if own else (grade, f"others who work as {row['role']}")
        if held is None:
            return f"{seen}; there is no rate to compare it with.", seen, ""
        counted = f"in {_entries(len(held.rates))}"
        usual = usual_text(int(str(row["bill_rate"])), held.rates, shown=lambda rate: money(rate, currency), counted=counted)
        return f"{seen}; {whose} on this project: {usual}.", seen, usual

    def _rare_words(self, row: dict[str, object]) -> tuple[str, str, str]:
        new = self._new_words.get(str(row["entry_id"]), [])[:_MOST_WORDS]
        said = ", ".join(new)
        if not new:
            return f'"{row["narrative"]}": words that are rare with this person and on this project.', str(row["narrative"]), ""
        return (
            f'"{row["narrative"]}": neither this person nor this project has had these words in half a year: {said}.',
            said,
            "not used before",
        )

    def _near_twin(self, row: dict[str, object]) -> tuple[str, str, str]:
        twin = self._twins.get(str(row["entry_id"]))
        seen = f"{hours(row['minutes'])} on {_day(row['worked_on'])}"
        if twin is None:
            return f"{seen}: the same text stands on this project already.", seen, ""
        other = f"{hours(twin['minutes'])} on {_day(twin['worked_on'])}, entry {twin['entry_id']}"
        return f"{seen}; the same text on the same project: {other}.", seen, other


def _before(asked: pl.LazyFrame, facts: pl.LazyFrame, *, by: str) -> pl.LazyFrame:
    """For each entry (`one`) the others of its key that stood when it was entered, of the last half year."""
    others = facts.select(
        *dict.fromkeys([by, "entry_id", "person_id", "worked_on", "minutes", "bill_rate", ENTER, LEAVE]),
    )
    met = asked.select("one", AS_OF, by).join(others, on=by)
    here = (pl.col(ENTER) <= pl.col(AS_OF)) & (pl.col(AS_OF) < pl.col(LEAVE)) & (pl.col(ENTER) > pl.col(AS_OF) - WINDOW_DAYS * DAY)
    return met.filter(here & (pl.col("entry_id") != pl.col("one")))


def _others(before: pl.LazyFrame) -> dict[str, Others]:
    found = before.group_by("one").agg("minutes", "bill_rate")
    return {one: Others(minutes, rates) for one, minutes, rates in found.collect().rows()}


def _people(before: pl.LazyFrame) -> pl.DataFrame:
    return before.group_by("one").agg(n=pl.len(), people=pl.col("person_id").n_unique()).collect()


def _nearest(before: pl.LazyFrame, found: pl.DataFrame) -> pl.DataFrame:
    own = found.lazy().select(one="entry_id", own_day="worked_on", own_minutes="minutes")
    apart = (pl.col("worked_on") - pl.col("own_day")).dt.total_days().abs()
    met = before.join(own, on="one").with_columns(apart=apart, off=(pl.col("minutes") - pl.col("own_minutes")).abs())
    near = met.filter(pl.col("apart") <= NEAR_DAYS).sort("one", "apart", "off", "entry_id")
    return near.unique("one", keep="first", maintain_order=True).collect()


def _new_words(found: pl.DataFrame, facts: pl.LazyFrame) -> dict[str, list[str]]:
    """By entry: its words that neither the person nor the project had, longest first."""
    rows = found.with_row_index("row")
    said = words(rows.lazy()).join(rows.lazy().select("row", AS_OF, "entry_id"), on="row")
    before = words(facts).rename({ENTER: "came", LEAVE: "went"})
    used = []
    for key in ("person_word", "project_word"):
        met = said.join(before.select(key, "came", "went"), on=key)
        earlier = (pl.col("came") < pl.col(AS_OF)) & (pl.col("came") > pl.col(AS_OF) - WINDOW_DAYS * DAY)
        used.append(met.filter(earlier).select("row", "word").unique())
    new = said.join(pl.concat(used), on=["row", "word"], how="anti").sort(pl.col("word").str.len_chars(), "word", descending=[True, False])
    return dict(new.group_by("entry_id").agg("word").collect().rows())


def hours(minutes: object) -> str:
    whole, rest = divmod(int(str(minutes)), 60)
    return f"{whole} h {rest:02}"


def _entries(n: int) -> str:
    return {0: "no entry", 1: "1 entry"}.get(n, f"{n:,} entries")


def _day(value: object) -> str:
    return f"{value:%-d %b %Y}" if isinstance(value, date) else ""


def _instant(value: object) -> str:
    return f"{datetime.fromtimestamp(int(str(value)) / 1e6, tz=UTC):%-d %b %Y, %H:%M} UTC"


UNUSUAL_TIME: Final = Anomaly(
    entity="time_entry",
    key="entry_id",
    says="Time that is unlike what this person, this project and this role have on record",
    past=charged,
    looked_at=unbilled,
    residuals=ENTRY_RESIDUALS,
    measure=entry_residuals,
    alike_by=("pair", "grade", "person_id"),
    shown=(
        ("Entry", lambda row: str(row["entry_id"])),
        ("Day", lambda row: _day(row["worked_on"])),
        ("Time", lambda row: hours(row["minutes"])),
        ("Role", lambda row: str(row["role"] or "")),
        ("Rate", lambda row: money(row["bill_rate"], str(row["currency"]))),
        ("What it says", lambda row: str(row["narrative"] or "")),
    ),
    book=EntryBook,
    actions=(
        ("long_time", "Ask whether the time is right, and whether it belongs on one day, before it is billed."),
        ("newcomer", "Ask the project's manager whether this person works on it; the entry may belong to another project."),
        ("off_rate", "Compare role and rate with the assignment before it is billed."),
        ("rare_words", "Read the text: is it this client's work?"),
        ("near_twin", "Look at the two entries side by side: is it the same work twice?"),
    ),
    clears="It closes by itself once the entry is on an invoice, corrected or deleted.",
)
