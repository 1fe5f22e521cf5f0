"""Staging: a signal of parts that it needs several times over, each worked out once.

An expression holds another as often as it names it, and what holds what is held so grows with each floor: a likelihood made of a habit made
of a payment run came to fifty thousand nodes, and half a minute to plan for one row.
"""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from features.signal import Signal

_MADE: Final = "#made"

Parts = Mapping[str, Signal]


def staged(parts: Parts, make: Callable[[Parts], Signal]) -> Signal:
    """What `make` makes of the parts, which it may name as often as it likes."""
    held = pl.struct(part.value.alias(name) for name, part in parts.items())
    made = make({name: Signal(pl.field(name)) for name in parts})
    value = held.struct.with_fields(made.value.alias(_MADE)).struct.field(_MADE)
    return Signal(value, tuple({one.name: one for part in parts.values() for one in part.aggregates}.values()))
