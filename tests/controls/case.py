"""A control's case as data: rows of a firm, and what is found in them at an instant.

A case says `fires:` or `silent:` (its name), and may say:

- `rows`: table -> rows. A row with the key of a standing row says what is other about it; with `recorded` it is a later version of it;
  any other row is one more, as usual but for what it says. An empty list takes the standing rows of a table away.
- `at`: the instant that is looked at, `AT` unless said.
- `found`: for each finding, the columns that matter; money in units.
- `later`: further instants, each with its `at` and `found`.
- `border`: the name of a tolerance that the case lies just within, or just beyond.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from controls.control import Control
from records.held import Held
from records.known import ENTER, LEAVE, MONEY_SCALE, Known, micros
from records.tables import TABLES
from tests.ledger import DOOMSDAY, Ledger, Row, moment

HERE: Final = Path(__file__).parent
AT: Final = "2025-04-02"
"""The day after the standing firm's invoice was drafted."""
BEGUN: Final = "2025-01-01"
_WORDS: Final = {"fires", "silent", "rows", "at", "found", "later", "border"}

Told = dict[str, Any]


@dataclass(frozen=True)
class Case:
    control: str
    name: str
    fires: bool
    border: str | None
    rows: dict[str, list[Told]]
    moments: tuple[tuple[str, list[Told]], ...]
    """Instants, and what is found at each."""

    def __str__(self) -> str:
        return f"{self.control}: {'fires' if self.fires else 'silent'}: {self.name}"

    def ledger(self) -> Ledger:
        return told(self.rows)


def known(ledger: Ledger, *, until: str = DOOMSDAY) -> Known:
    return Known(Held(ledger.frames()), until=moment(until))


def cases(control: str) -> Iterator[Case]:
    """The cases of a control's file, in their order. Raises ValueError on a word that no case has."""
    for said in yaml.load((HERE / "cases" / f"{control}.yaml").read_text("utf-8"), Loader=_Plain) or []:  # noqa: S506 - dates stay text
        if unknown := set(said) - _WORDS:
            raise ValueError(f"{control}: a case says {', '.join(sorted(unknown))}; it may say {', '.join(sorted(_WORDS))}")
        name = said.get("fires") or said["silent"]
        first = (said.get("at", AT), said.get("found", []))
        moments = (first, *((one["at"], one.get("found", [])) for one in said.get("later", [])))
        yield Case(control, name, "fires" in said, said.get("border"), said.get("rows", {}), moments)


def told(rows: dict[str, list[Told]]) -> Ledger:
    """The standing firm with these rows in it."""
    usual = _usual()
    made = Ledger()
    for table in TABLES:
        standing = [usual["stands"][table]] if table in usual["stands"] and rows.get(table, [{}]) else []
        template = {**usual["stands"].get(table, {}), **usual["would"].get(table, {})}
        for row in _versions(table, standing, rows.get(table, []), template=template):
            recorded = row.pop("recorded", BEGUN)
            empty: Row = dict.fromkeys(TABLES[table].schema)
            made.rows[table].append({**empty, "source": "test", "deleted": False, **row, "recorded_at": moment(recorded)})
    return made


def _versions(table: str, standing: list[Told], given: list[Told], *, template: Told) -> Iterator[Told]:
    """Each version of each row, oldest first."""
    key = TABLES[table].key
    versions: dict[tuple[object, ...], list[Told]] = {_key(row, key): [dict(row)] for row in standing}
    for row in given:
        name = _key({**template, **row}, key)
        if name not in versions:
            versions[name] = [{**template, **row}]
        elif "recorded" in row:
            versions[name].append({**versions[name][-1], **row})
        else:
            versions[name][-1] |= row
    yield from (row for of_key in versions.values() for row in of_key)


def _key(row: Told, key: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(row[name] for name in key)


@cache
def _usual() -> dict[str, dict[str, Told]]:
    text = (HERE / "usual.yaml").read_text("utf-8")
    return yaml.load(text, Loader=_Plain)  # type: ignore[no-any-return]  # noqa: S506 - a safe loader that leaves dates as text


class _Plain(yaml.SafeLoader):
    """Dates and instants stay the text that a ledger takes."""


_Plain.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def found_at(control: Control, records: Known, at: str) -> list[Told]:
    """What a control finds at an instant; money in units, empty columns left out."""
    now = micros(moment(at))
    held = control.findings(records).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE))).collect()
    rows = held.drop(ENTER, LEAVE).sort(pl.all()).rows(named=True)
    shown = [{**row, "difference": row["difference"] / MONEY_SCALE} for row in rows]
    return [{name: value for name, value in row.items() if value is not None} for row in shown]
