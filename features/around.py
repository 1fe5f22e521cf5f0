"""Around a draft: the records of its client as a firm of their own, with the draft on top, and what only the whole firm can tell beside.

A draft that nobody has recorded is judged as it would be once it is: of its client's records all are here, of other clients' the time that
the same people worked on the same days, and of the firm as a whole what the draft does not change.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl

from features.divisions import CLIENTS, PEOPLE
from features.feature import Feature
from features.frame import assembled, checked
from features.homes import Homes
from features.windows import aggregate
from records.held import Held
from records.known import Facts, Known

Rows = Mapping[str, pl.DataFrame]
"""By table, versions of its rows, as the lake has them."""
_DAY_OF_A_PERSON: Final = ["person_id", "worked_on"]


class Firm:
    """One state of a firm's records, made ready for the drafts of any client."""

    def __init__(self, known: Known, *, tables: frozenset[str]) -> None:
        self.known = known
        self._homes = Homes(known, CLIENTS, tables=tables)
        whole = [*self._homes.shared, *sorted((tables & set(PEOPLE.routes)) - set(CLIENTS.routes))]
        self._whole = {table: known.recorded(table).collect() for table in whole}
        self._of: dict[str, Rows] = {}

    def records_of(self, client_id: str) -> Rows:
        """All that a draft to this client is held against."""
        if client_id not in self._of:
            own = self._homes.of(client_id)
            if "time_entry" in own:
                own["time_entry"] = self._same_days(own["time_entry"])
            self._of[client_id] = {**self._whole, **own}
        return self._of[client_id]

    def _same_days(self, entries: pl.DataFrame) -> pl.DataFrame:
        """With all versions of what the same people worked on the same days for others."""
        every = self._homes.rows("time_entry")
        days = entries.select(_DAY_OF_A_PERSON).unique()
        named = every.join(days, on=_DAY_OF_A_PERSON, how="semi").select("entry_id").unique()
        return every.join(named, on="entry_id", how="semi")


class Around(Known):
    """The records of one client, and on top of them rows that are supposed to have been recorded at the end of these records."""

    def __init__(self, firm: Firm, client_id: str, supposed: Rows) -> None:
        records = firm.records_of(client_id)
        told = {table: _on_top(records.get(table), rows) for table, rows in supposed.items()}
        super().__init__(Held({**records, **told}), until=firm.known.until)
        self._firm, self._alone = firm, Known(Held(supposed), until=firm.known.until)

    def across(self, build: Callable[[Known], Facts], *, drafts: bool = False) -> Facts:
        whole = self._firm.known.derived(build)
        return Facts(whole.name, pl.concat([whole.frame, self._alone.derived(build).frame])) if drafts else whole

    def build(self, spine: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
        """As features.frame.build of all records with the supposed rows among them.

        What is asked of no client but of the firm is asked of its records alone: an invoice that has not been issued is no part of it.
        """
        checked(spine, self.until)
        signals = {one: one.compute(self) for one in features}
        own = [part for found in signals.values() for part in found.aggregates if part.by is not None]
        firmwide = [part for one in features for part in one.compute(self._firm.known).aggregates if part.by is None]
        return assembled(spine, aggregate(aggregate(spine, own), firmwide), signals)


def _on_top(records: pl.DataFrame | None, rows: pl.DataFrame) -> pl.DataFrame:
    return rows if records is None else pl.concat([records, rows], how="diagonal")
