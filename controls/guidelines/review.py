"""All that a person should see of a document before signing it: its rules with their examples, what goes against what, what is not read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from controls.guidelines.contradictions import Contradiction, Placed, against_contract, contradictions, money_elsewhere, placed
from controls.guidelines.document import Fault, Reading
from controls.guidelines.examples import Example, Untold, prove
from controls.guidelines.standing import rules_of, signed, standing_rows
from records.known import Known

MEND_CLIENT = "Write the client's id as the records have it, and import the client first."


@dataclass(frozen=True)
class Review:
    """A reading, tried."""

    reading: Reading
    examples: tuple[Example, ...]
    untold: tuple[Untold, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What keeps the document from being signed."""
        faults = [f"line {one.line}: {one.what}. {one.mend}" for one in self.reading.faults]
        unproved = [
            f"clause {one.rule.citation}: {one.rule.control} does not confirm: {one.says}" for one in self.examples if not one.confirmed
        ]
        idle = [f"clause {one.rule.citation}: {one.rule.control}: {one.why}" for one in self.untold if one.idle]
        apart = [f"{one.one} and {one.other}: {one.what}. {one.mend}" for one in self.contradictions if one.blocks]
        nothing = [] if self.reading.rules else ["no rule was read, so there is nothing to sign"]
        return (*faults, *unproved, *idle, *apart, *nothing)


def review(reading: Reading, known: Known | None = None, *, at: datetime | None = None) -> Review:
    """Try a reading; with records also against the client's contracts and guidelines as known at `at`."""
    examples, untold = prove(reading.rules, on=reading.effective_on)
    rules = placed(reading)
    if known is None or at is None:
        return Review(reading, tuple(examples), tuple(untold), tuple(contradictions(rules)))
    rows = standing_rows(known, at=at, client_id=reading.client_id)
    made = [row["guideline_id"] for row in signed(rows)]
    # What an earlier document of the client said gives way to this one, so it contradicts nothing.
    own = rules_of([row for row in rows if row["guideline_id"] not in made])
    client = known.at(at, "client").filter(pl.col("client_id") == reading.client_id).collect().to_dicts()
    if not client:
        fault = Fault(1, f"the records know no client {reading.client_id}", MEND_CLIENT)
        reading = replace(reading, faults=(fault, *reading.faults))
    found = [*contradictions(rules, beside=own), *_in_records(rules, known, at=at, clients=client)]
    return Review(reading, tuple(examples), tuple(untold), tuple(found))


def _in_records(rules: Sequence[Placed], known: Known, *, at: datetime, clients: Sequence[dict[str, Any]]) -> list[Contradiction]:
    found: list[Contradiction] = []
    for client in clients:
        found += money_elsewhere(rules, client["currency"])
        contracts = known.at(at, "contract").filter(pl.col("client_id") == client["client_id"]).sort("contract_id").collect()
        found += [one for contract in contracts.to_dicts() for one in against_contract(rules, contract)]
    return found + _categories(rules, known, at=at)


def _categories(rules: Sequence[Placed], known: Known, *, at: datetime) -> list[Contradiction]:
    """Categories that no expense has: a rule about one would never speak."""
    named = [(one, str(one.rule.parameters["of_category"])) for one in rules if one.rule.parameters.get("of_category")]
    if not named:
        return []
    there = known.at(at, "expense").select(pl.col("category").unique()).collect()["category"].sort().to_list()
    mend = f"Name one of those that there are: {', '.join(there) or 'none yet'}."
    return [
        Contradiction(one.place, "the records", f"no expense has the category {category}", mend)
        for one, category in named
        if category not in there
    ]
