"""One explanation of each kind, as a reader sees it: `python -m benchmarks.explanations HOME --page docs/explanations.md`.

HOME is the folder of `make demo ARGS=--no-serve`. Of each risk, of the first control that found anything and of anomalies the first
recommendation is told, word for word. Where a model abstains, so does its explanation.
"""

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from controls.catalog import CONTROLS
from models.anomaly import ANOMALY
from models.catalog import RISKS
from service.auth import Role
from service.database import open_engine, reading
from service.explanation import Explanation, RecommendationDetail, find_recommendation
from service.permissions import SEES
from service.recommendations import list_recommendations
from service.row import Filters
from service.settings import Settings

SEES_ALL: Final = SEES[Role.AUDITOR]
NOW: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Later than anything; only what is snoozed asks for it."""
_LOOKED_AT: Final = 200
_ROWS: Final = 4
_REASONS: Final = 5
_HEAD: Final = """\
# One explanation of each kind

The first recommendation of each worklist of the demonstration firm, word for word as a reader gets it (`benchmarks/explanations.py`;
`make demo ARGS=--no-serve` and `plumbline check --publish` make them, and the figures change with the day).
Evidence comes first, then how likely, then why; what would clear it comes last.
"""


def told(session: Session) -> Iterator[str]:
    yield _HEAD
    control_told = False
    for name in (*(risk.name for risk in RISKS), *(control.name for control in CONTROLS), ANOMALY):
        listed = list_recommendations(session, SEES_ALL, now=NOW, filters=Filters(risks=(name,)), limit=_LOOKED_AT).items
        # What has happened already is told as a fact, which needs no explanation.
        first = next((one for one in listed if not one.happened), None)
        if first is None or (first.kind == "control" and control_told):
            continue
        control_told = control_told or first.kind == "control"
        detail = find_recommendation(session, SEES_ALL, id=first.id, now=NOW)
        if detail is not None:
            yield f"## {_titled(name)}\n\n" + "\n\n".join(_parts(detail))


def _parts(detail: RecommendationDetail) -> Iterator[str]:
    row, why = detail.row, detail.explanation
    said = row.said
    yield f"**{row.title}**"
    yield from (_table(one.title, one.columns, one.rows) for one in why.evidence[:2])
    stake = f"{row.at_stake.currency} {row.at_stake.amount:,.2f} at stake"
    yield f"{said.words} ({said.about}); {stake}." if said else f"{stake}. Likelihood withheld: {row.withheld}"
    if why.caveat:
        yield f"*{why.caveat}*"
    yield from _reasons(why)
    yield f"Suggested: {row.suggestion} {why.clears}"


def _reasons(why: Explanation) -> Iterator[str]:
    if why.reasons:
        yield "\n".join(f"- {'+' if one.raises else '–'} {one.text}" for one in why.reasons[:_REASONS])
    if why.facts:
        yield "; ".join(f"{name}: {value}" for name, value in list(why.facts.items())[:_REASONS]).rstrip(".") + "."


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(one or ' ' for one in cells)} |" for cells in (columns, ["---"] * len(columns), *rows[:_ROWS])]
    more = f"\n\n({len(rows) - _ROWS} more rows)" if len(rows) > _ROWS else ""
    return f"{title.rstrip('.')}:\n\n" + "\n".join(lines) + more


def _titled(name: str) -> str:
    return name.replace("_", " ").capitalize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    engine = open_engine(Settings(home=given.home).database)
    with reading(engine) as session:
        text = "\n\n".join(part.strip() for part in told(session)) + "\n"
    if given.page:
        given.page.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
