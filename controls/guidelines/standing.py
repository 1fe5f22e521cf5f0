"""Guidelines as rows of the records: what stands for a client, what of it no control can read, and the rows that a signed document makes.

The firm's own rows are read and left as they are. Those of an earlier signed document give way to the next one of the same client.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from controls.guidelines.checking import BY_NAME, faults_of, sound, subject
from controls.guidelines.contradictions import Placed
from controls.guidelines.document import Clause, Reading, Rule
from records.held import Held, as_table
from records.known import Known
from records.lake import RAW, Lake, schema_of

SOURCE: Final = "guideline document"
"""The source of rows that a signed document made."""
TABLE: Final = "billing_guideline"


@dataclass(frozen=True)
class Sign:
    """Who prepared a reading and who signed it, and when."""

    prepared_by: str
    prepared_at: datetime
    signed_by: str
    signed_at: datetime


@dataclass(frozen=True)
class Misfit:
    """A guideline in the records that its control does not read as it stands."""

    guideline_id: str
    client_id: str
    what: str
    mend: str


def standing_rows(known: Known, *, at: datetime, client_id: str | None = None) -> list[dict[str, Any]]:
    """Guidelines as known at an instant, of one client or of all."""
    rows = known.at(at, TABLE)
    return (rows if client_id is None else rows.filter(pl.col("client_id") == client_id)).sort("guideline_id").collect().to_dicts()


def misfits(rows: Sequence[Mapping[str, Any]]) -> list[Misfit]:
    """What of these rows changes no control, or not as it says: nothing of it is an error to the controls, which leave it aside."""
    return [
        Misfit(row["guideline_id"], row["client_id"], what, mend)
        for row in rows
        for what, mend in faults_of(row["rule"], _parameters(row["parameters"]))
    ]


def rules_of(rows: Sequence[Mapping[str, Any]]) -> list[Placed]:
    """The rows that name a control, as rules that can be set beside a document's."""
    return [_placed(row) for row in rows if row["rule"] in BY_NAME]


def signed(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the rows that a signed document made."""
    return [row for row in rows if row["source"] == SOURCE]


def rows_of(reading: Reading, standing: Sequence[Mapping[str, Any]], *, sign: Sign) -> pl.DataFrame:
    """What signing a document adds to the records: its rules, and the end of those of the client's earlier signed documents."""
    ended = [_ended(row, reading) for row in signed(standing) if row["ends_on"] is None or row["ends_on"] >= reading.effective_on]
    made = [_row(rule, reading, sign) for rule in reading.rules]
    return as_table(TABLE, [*ended, *made], recorded_at=sign.signed_at, source=SOURCE)


def with_signed(lake: Lake, reading: Reading, *, sign: Sign) -> Lake:
    """The lake as it would be once a document was signed; the lake itself stays as it is."""
    standing = standing_rows(Known(lake, until=sign.signed_at), at=sign.signed_at, client_id=reading.client_id)
    held = lake.read(TABLE).collect()
    return Held({TABLE: pl.concat([held, rows_of(reading, standing, sign=sign).select(held.columns)])}, lake)


def _ended(row: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name in schema_of(TABLE) and name != "recorded_at"}
    if row["effective_on"] < reading.effective_on:
        return {**kept, "ends_on": reading.effective_on - timedelta(days=1)}
    # It would have begun no earlier than what takes its place.
    return {**kept, "deleted": True}


def _row(rule: Rule, reading: Reading, sign: Sign) -> dict[str, Any]:
    about = subject(rule.control, rule.parameters)
    numbers = "+".join(one.number for one in rule.clauses)
    name = ":".join(part for part in (reading.client_id, reading.digest[:8], numbers, rule.control, about) if part)
    told = {
        "document": reading.digest,
        "clauses": [one.number for one in rule.clauses],
        "prepared_by": sign.prepared_by,
        "prepared_at": sign.prepared_at.isoformat(),
        "signed_by": sign.signed_by,
        "signed_at": sign.signed_at.isoformat(),
    }
    return {
        "guideline_id": name,
        "client_id": reading.client_id,
        "rule": rule.control,
        "parameters": json.dumps(dict(rule.parameters)),
        "text": cited(rule, reading.document),
        "effective_on": reading.effective_on,
        "ends_on": reading.ends_on,
        RAW: json.dumps(told),
    }


def cited(rule: Rule, document: str) -> str:
    """The clauses verbatim, each with its number, and the document that they stand in."""
    clauses = "; ".join(f"clause {one.number}: “{one.text}”" for one in rule.clauses)
    return f"{document}, {clauses}" if document else clauses


def _placed(row: Mapping[str, Any]) -> Placed:
    told = json.loads(row[RAW]) if row["source"] == SOURCE and row[RAW] else {}
    numbers = told.get("clauses") or [row["guideline_id"]]
    clauses = tuple(Clause(number, row["text"] or "", 0) for number in numbers)
    rule = Rule(row["rule"], MappingProxyType(sound(row["rule"], _parameters(row["parameters"]))), clauses)
    place = f"clause {rule.citation} of the document in force" if told else f"guideline {row['guideline_id']} of the records"
    return Placed(rule, row["effective_on"], row["ends_on"], place)


def _parameters(text: str | None) -> dict[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {"parameters": found}
