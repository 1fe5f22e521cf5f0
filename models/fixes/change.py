"""Change: one thing that a person could do about a draft, as data. It is read, and scored as if done; nothing can carry it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from controls.catalog import CONTROLS
from controls.control import Control

Kind = Literal["correct", "add", "take out", "move", "ask"]
"""correct: another value in a field. add: a value, or a line, that is lacking. take out: a line off the bill. move: to another bill. ask:
what only somebody else can say or give."""
Value = str | int | bool | Decimal | date | datetime | None
Finding = Mapping[str, Any]
"""A row of `controls.catalog.standing`."""
Named = tuple[str, str, str]
"""Which finding: control, the record that it is about, and its period, empty for most."""
CONTROL: Final[Mapping[str, Control]] = MappingProxyType({one.name: one for one in CONTROLS})
"""By name."""

CORRECT_MINUTES: Final = 3
"""Open the draft, look up the one record that the change names, type the value."""
REWORD_MINUTES: Final = 5
"""As for a value, and a sentence must be read over before a client does."""
MERGE_MINUTES: Final = 10
"""Two drafts are opened, the lines of one are entered on the other, and the empty one is cancelled."""
ASK_MINUTES: Final = 15
"""A message to somebody in the firm, and the answer recorded: what is waited is not worked."""
ASK_CLIENT_MINUTES: Final = 30
"""A client is asked with care: the letter is read by a second person, and the answer filed."""


@dataclass(frozen=True)
class Cell:
    """One value of one record."""

    table: str
    record_id: str
    column: str
    old: Value
    new: Value
    supposed: bool = False
    """Whether `new` only stands in while the draft is scored: nobody has recorded it, so it is asked for and never shown."""

    @property
    def place(self) -> tuple[str, str, str]:
        return self.table, self.record_id, self.column


@dataclass(frozen=True)
class Change:
    """What to do, in words and in values."""

    kind: Kind
    says: str
    """The sentence that a person reads."""
    cells: tuple[Cell, ...] = ()
    """What is other afterwards; amounts and totals that follow from it are recomputed and not listed."""
    source: tuple[str, str] | None = None
    """Table and id of the record that the new value is from; None where there is no new value, or it is asked for."""
    minutes: int = CORRECT_MINUTES
    """Of work."""
    held_back: Decimal = Decimal(0)
    """Money that is rightly the firm's and would not be on this bill any more, net."""
    fits: frozenset[Named] = frozenset()
    """The findings that it was thought of for."""
    answers: frozenset[Named] = frozenset()
    """Of those, the ones that an answer clears without any value: they are taken as cleared when the draft is scored again."""
    lines: frozenset[str] = frozenset()
    """Lines that it touches, or what they bill."""

    @property
    def cost(self) -> tuple[Decimal, int]:
        """What makes one change dearer than another: rightful money first, which a few minutes of asking may save."""
        return self.held_back, self.minutes

    def against(self, other: "Change") -> bool:
        """Whether both cannot be made: they put different values in one place."""
        own = {one.place: one.new for one in self.cells}
        return any(one.place in own and own[one.place] != one.new for one in other.cells)


def named(found: Finding) -> Named:
    return found["control"], found[CONTROL[found["control"]].key], found["period"] or ""


def all_of(founds: Iterable[Finding]) -> frozenset[Named]:
    return frozenset(named(one) for one in founds)
