"""A stored run beside the same run worked out again: what differs, to the last bit. Nothing is written."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.scoring import Scored
from service.runs import Run
from service.scores import score_row
from service.stored_dealings import dealings_rows
from service.tables import Base, StoredDealings, StoredScore
from service.triage import rank

Row = Mapping[str, object]

THE_RUN: Final = "the run"
ABSENT: Final = "(not there)"
"""What stands where one side has no such row or no such part."""
_WORDS: Final = re.compile(
    r"(title|client_name|reference|search_text|top_reason|suggestion|notices|withheld|explanation\.(reasons|evidence|facts|clears|caveat))\b"
)
"""Columns of what was written beside the figures, which a later version of the code may say otherwise."""


@dataclass(frozen=True)
class Difference:
    """One value that is not as it was stored."""

    about: str
    """Id of the finding, or of the client whose dealings they are; "the run" for what the run says of itself."""
    column: str
    """Of a JSON column with the way to the value, such as explanation.reasons[0].effect."""
    stored: object
    rebuilt: object

    @property
    def by(self) -> float | None:
        """Rebuilt less stored; None where one of them is no number."""
        numbers = [
            float(one) for one in (self.stored, self.rebuilt) if isinstance(one, int | float | Decimal) and not isinstance(one, bool)
        ]
        return numbers[1] - numbers[0] if len(numbers) == 2 else None  # noqa: PLR2004 - both of them

    @property
    def in_words(self) -> bool:
        """Whether it is in what was written beside the figures alone."""
        return self.by is None and _WORDS.match(self.column) is not None


def compared(session: Session, run: Run, scored: Scored) -> tuple[Difference, ...]:
    """All that differs between a stored run and what scoring finds now, every column of every row; empty where it is the same."""
    ranked = rank(scored.findings, withheld=bool(scored.withheld))
    scores = [score_row(run.id, one) for one in ranked]
    dealings = dealings_rows(run.id, [one.finding for one in ranked])
    return (
        *_of_the_run(run, scored),
        *_rows(_stored(session, StoredScore, run), scores, key="finding_id"),
        *_rows(_stored(session, StoredDealings, run), dealings, key="client_id"),
    )


def _of_the_run(run: Run, scored: Scored) -> Iterator[Difference]:
    # What comes before tells how the model stood that day, which scoring does not know.
    told = run.notices[max(len(run.notices) - len(scored.notices), 0) :]
    for column, stored, rebuilt in (
        ("findings", run.findings, len(scored.findings)),
        ("withheld", run.withheld, scored.withheld),
        ("notices", list(told), list(scored.notices)),
    ):
        yield from _values(THE_RUN, column, stored, rebuilt)


def _stored(session: Session, table: type[Base], run: Run) -> list[Row]:
    columns = table.__table__.columns
    return [dict(row) for row in session.execute(sa.select(*columns).where(columns["run_id"] == run.id)).mappings()]


def _rows(stored: Iterable[Row], rebuilt: Iterable[Row], *, key: str) -> Iterator[Difference]:
    befores, afters = ({str(row[key]): row for row in rows} for rows in (stored, rebuilt))
    for about in sorted(befores.keys() | afters.keys()):
        before, after = befores.get(about), afters.get(about)
        if before is None or after is None:
            yield Difference(about, "row", *(ABSENT if one is None else "there" for one in (before, after)))
            continue
        for column in sorted(before.keys() | after.keys()):
            yield from _values(about, column, before.get(column, ABSENT), after.get(column, ABSENT))


def _values(about: str, column: str, stored: object, rebuilt: object) -> Iterator[Difference]:
    """The leaves of two values that differ."""
    if isinstance(stored, Mapping) and isinstance(rebuilt, Mapping):
        for name in sorted(stored.keys() | rebuilt.keys()):
            yield from _values(about, f"{column}.{name}", stored.get(name, ABSENT), rebuilt.get(name, ABSENT))
    elif isinstance(stored, Sequence) and isinstance(rebuilt, Sequence) and not isinstance(stored, str) and not isinstance(rebuilt, str):
        for place, (before, after) in enumerate(zip_longest(stored, rebuilt, fillvalue=ABSENT)):
            yield from _values(about, f"{column}[{place}]", before, after)
    elif stored != rebuilt:
        yield Difference(about, column, stored, rebuilt)
