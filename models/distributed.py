"""Scoring over more records than one machine holds: rows, books and closures are made where the records are, findings here.

The entities at risk and what is told of them come to this machine, as the worklists would; the records do not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import polars as pl
from pydantic import TypeAdapter

from features.divisions import Asked, Division, home_of, needs
from features.parts import Totals, Work, packed, unpacked
from features.spark import Records
from features.windows import AS_OF
from models.bundle import Bundle
from models.catalog import risk_named
from models.closures import closures
from models.finding import Closure
from models.risk import Risk
from models.scoring import Scored, told
from models.spine import at_instants
from models.subject import Subject
from records.known import Count, Known

SPINE: Final = "spine"
SUBJECTS: Final = "subjects"
CLOSURES: Final = "closures"
COUNTS: Final = "counts"
_SUBJECTS: Final = TypeAdapter(dict[str, Subject])
_CLOSURES: Final = TypeAdapter(tuple[Closure, ...])
_COUNTS: Final = TypeAdapter(tuple[dict[str, int], ...])


@dataclass(frozen=True)
class _Needs:
    """What scoring a risk reads beside its signals."""

    division: Division
    tables: frozenset[str]
    counts: tuple[Count, ...]
    """What its book asks of the firm as a whole."""


@dataclass(frozen=True)
class _Opened:
    """What the records say of a risk at the instant of scoring."""

    spine: pl.DataFrame
    closures: tuple[Closure, ...]
    subjects: dict[str, Subject]


class SparkBook:
    """Subjects that were told where the records are."""

    def __init__(self, key: str, subjects: dict[str, Subject]) -> None:
        self._key, self._subjects = key, subjects

    def subject(self, row: dict[str, Any]) -> Subject:
        return self._subjects[row[self._key]]


class OnSpark:
    """Scores risks over records on Spark, to the same findings as one machine's. What all of them read is spread once."""

    def __init__(self, records: Records, risks: Sequence[Risk], *, as_of: datetime) -> None:
        self._records, self._as_of = records, as_of
        self._needs = {risk.name: _needs_of(risk, as_of) for risk in risks}
        self._found: dict[str, _Opened] = {}
        reads = [(one.division, one.tables) for one in self._needs.values()]
        reads += [(one.division, one.tables) for risk in risks for one in needs(risk.computed, as_of).values()]
        for division in dict.fromkeys(division for division, _ in reads):
            records.spread(division, frozenset().union(*(tables for own, tables in reads if own is division)))

    @property
    def lake_versions(self) -> dict[str, int]:
        return self._records.lake_versions

    def score(self, risk: Risk, bundle: Bundle | None) -> Scored:
        """As models.scoring.score."""
        opened = self._opened(risk)
        rows = self._records.build(opened.spine, risk.computed)
        return told(self._records.known(), risk, bundle, rows, book=SparkBook(risk.key, opened.subjects), as_of=self._as_of)

    def closures(self, risk: Risk) -> tuple[Closure, ...]:
        """As models.closures.closures."""
        return self._opened(risk).closures

    def _opened(self, risk: Risk) -> _Opened:
        if risk.name not in self._found:
            counts = self._needs[risk.name].counts
            # A book that asks nothing of the firm as a whole can be read on the way.
            first = self._each(risk, partial(_open, risk.name, as_of=self._as_of, counts=counts))
            counted = [_COUNTS.validate_json(answer) for answer in first[COUNTS]]
            totals = {count: _added(each[place] for each in counted) for place, count in enumerate(counts)}
            second = self._each(risk, partial(_describe, risk.name, as_of=self._as_of), totals) if counts else first
            nothing = at_instants(Asked(self._as_of), risk, [self._as_of])
            spine = pl.concat([nothing, *(unpacked(answer) for answer in first[SPINE])]).sort(AS_OF, risk.key)
            ended = [one for answer in first[CLOSURES] for one in _CLOSURES.validate_json(answer)]
            subjects = {key: one for answer in second[SUBJECTS] for key, one in _SUBJECTS.validate_json(answer).items()}
            self._found[risk.name] = _Opened(spine, tuple(sorted(ended, key=lambda one: one.entity_id)), subjects)
        return self._found[risk.name]

    def _each(self, risk: Risk, work: Work, totals: Totals | None = None) -> defaultdict[str, list[bytes]]:
        need = self._needs[risk.name]
        found: defaultdict[str, list[bytes]] = defaultdict(list)
        for label, answer in self._records.each(work, division=need.division, tables=need.tables, totals=totals):
            found[label].append(answer)
        return found


def _needs_of(risk: Risk, as_of: datetime) -> _Needs:
    asked = Asked(as_of)
    asked.derived(risk.at_risk)
    risk.book(asked, as_of)
    closures(asked, risk, as_of=as_of)
    tables = frozenset(asked.tables)
    return _Needs(home_of(tables), tables, tuple(asked.counts))


def _open(name: str, known: Known, *, as_of: datetime, counts: Sequence[Count]) -> Iterator[tuple[str, bytes]]:
    risk = risk_named(name)
    yield SPINE, packed(at_instants(known, risk, [as_of]))
    yield CLOSURES, _CLOSURES.dump_json(closures(known, risk, as_of=as_of))
    yield COUNTS, _COUNTS.dump_json(tuple(dict(count(known, as_of)) for count in counts))
    if not counts:
        yield from _describe(name, known, as_of=as_of)


def _describe(name: str, known: Known, *, as_of: datetime) -> Iterator[tuple[str, bytes]]:
    risk = risk_named(name)
    rows = at_instants(known, risk, [as_of])
    if rows.height:
        book = risk.book(known, as_of)
        yield SUBJECTS, _SUBJECTS.dump_json({row[risk.key]: book.subject(row) for row in rows.to_dicts()})


def _added(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counted:
        total.update(one)
    return dict(total)
