"""What is other in a guideline: rules added, removed, changed and only cited anew, and what that does to the findings that stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

import polars as pl

from controls.facts.guidelines import Value
from controls.guidelines.checking import BY_NAME, filled, subject
from controls.guidelines.contradictions import Placed
from controls.guidelines.standing import TABLE, signed, standing_rows
from records.known import ENTER, LEAVE, MONEY_SCALE, Known, micros
from records.lake import Lake
from records.receivables import receivables

Kind = Literal["added", "removed", "changed", "cited anew"]
Place = Literal["open draft", "not billed yet", "issued bill"]
CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Change:
    """One rule before and after, by what it is about."""

    kind: Kind
    control: str
    about: str
    before: Placed | None
    after: Placed | None
    parameters: Mapping[str, tuple[Value | None, Value | None]]
    """Those that differ: before, after. Of a rule that was added or removed: all."""


@dataclass(frozen=True)
class Moved:
    """A finding that appears or clears."""

    control: str
    entity_id: str
    period: str | None
    on: str | None
    """The bill, by the number that people call it."""
    place: Place
    money: Decimal
    currency: str | None
    guideline_id: str | None
    """The guideline that it rests on, or rested on."""


@dataclass(frozen=True)
class Effect:
    """What a change of a client's guidelines does to the findings that stand at an instant."""

    appears: tuple[Moved, ...]
    clears: tuple[Moved, ...]


def changes(before: Sequence[Placed], after: Sequence[Placed]) -> list[Change]:
    """Each rule that is other, in the order of the new document, then those that are gone."""
    old = {_key(one): one for one in before}
    new = {_key(one): one for one in after}
    found = [_change(key, old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old))]
    return [one for one in found if one is not None]


def _key(one: Placed) -> tuple[str, str]:
    return one.rule.control, subject(one.rule.control, one.rule.parameters)


def _change(key: tuple[str, str], before: Placed | None, after: Placed | None) -> Change | None:
    first, second = _whole(before), _whole(after)
    names = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    differ = MappingProxyType({name: (first.get(name), second.get(name)) for name in names})
    if before is None or after is None:
        return Change("added" if before is None else "removed", *key, before, after, differ)
    if differ:
        return Change("changed", *key, before, after, differ)
    cited = before.rule.citation != after.rule.citation
    return Change("cited anew", *key, before, after, differ) if cited else None


def _whole(one: Placed | None) -> dict[str, Value]:
    return {} if one is None else filled(one.rule.control, one.rule.parameters)


def effect(before: Lake, after: Lake, *, client_id: str, as_of: datetime) -> Effect:
    """What stands at `as_of` by the guidelines of one lake and by those of another that is else the same: what appears and what clears."""
    first, second = Known(before, until=as_of), Known(after, until=as_of)
    rows = [row for known in (first, second) for row in signed(standing_rows(known, at=as_of, client_id=client_id))]
    names = sorted({row["rule"] for row in rows} & set(BY_NAME))
    drafts = _stages(second, as_of)
    moved = [list(_moved(first, second, name, client_id=client_id, as_of=as_of, stages=drafts)) for name in names]
    listed = [one for found in moved for one in found]
    return Effect(tuple(one for appears, one in listed if appears), tuple(one for appears, one in listed if not appears))


def _moved(
    first: Known, second: Known, name: str, *, client_id: str, as_of: datetime, stages: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[bool, Moved]]:
    """Whether each finding that only one of the two has appears, and the finding."""
    key = (BY_NAME[name].key, "period")
    before, after = (_standing(known, name, client_id=client_id, as_of=as_of) for known in (first, second))
    for appears, rows, others in ((True, after, before), (False, before, after)):
        for row in rows.join(others, on=key, how="anti", nulls_equal=True).to_dicts():
            yield appears, _shown(name, row, stages)


def _standing(known: Known, name: str, *, client_id: str, as_of: datetime) -> pl.DataFrame:
    now = micros(as_of)
    found = BY_NAME[name].findings(known).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE)))
    own = found.filter(pl.col("client_id") == client_id).collect()
    return own.sort("difference", BY_NAME[name].key, descending=[True, False])


def _shown(name: str, row: Mapping[str, Any], stages: Mapping[str, tuple[str, str]]) -> Moved:
    number, stage = stages.get(row["invoice_id"] or "", (row["invoice_id"], ""))
    place: Place = "open draft" if stage == "draft" else "issued bill" if row["invoice_id"] else "not billed yet"
    money = (Decimal(row["difference"]) / MONEY_SCALE).quantize(CENT)
    rests_on = row["rests_on_id"] if row["rests_on_table"] == TABLE else None
    return Moved(name, row[BY_NAME[name].key], row["period"], number, place, money, row["currency"], rests_on)


def _stages(known: Known, as_of: datetime) -> dict[str, tuple[str, str]]:
    """Number and stage of each invoice at an instant."""
    now = micros(as_of)
    held = known.derived(receivables).frame.filter((pl.col(ENTER) <= now) & (now < pl.col(LEAVE)))
    numbers = known.at(as_of, "invoice").select("invoice_id", "number")
    told = held.select("invoice_id", "stage").join(numbers.collect().lazy(), on="invoice_id", how="left").collect()
    return {invoice: (number or invoice, stage) for invoice, stage, number in told.select("invoice_id", "stage", "number").rows()}
