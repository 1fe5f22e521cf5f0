"""What is usual of a value that stands out, in words: the range of the others, or where it lies in that, how few are as far out."""

from collections.abc import Callable, Sequence
from math import exp, fsum, log
from typing import Literal

Side = Literal["either", "above"]
"""Which way a value stands out: far from the others' average, or above it."""

_SAME = 1e-9
"""Of a logarithm: values that differ by less are the same, whatever the order in which floats were added."""


def usual_text(seen: int, others: Sequence[int], *, shown: Callable[[int], str], counted: str, side: Side = "either") -> str:
    """Of `others`, at least one and all above 0, as `counted` ("on 40 lines"); `shown` writes a value.

    A range that holds the value says nothing of what makes it odd. What was measured is its distance from their average, as a ratio.
    """
    low, high = min(others), max(others)
    if not low <= seen <= high:
        return f"{shown(low) if low == high else f'{shown(low)} to {shown(high)}'} {counted}"
    middle = fsum(log(one) for one in others) / len(others)
    reach = (log(seen) - middle) if side == "above" else abs(log(seen) - middle)
    far = [log(one) - middle if side == "above" else abs(log(one) - middle) for one in others]
    as_far = sum(1 for one in far if one >= reach - _SAME)
    return f"on average {shown(round(exp(middle)))} {counted}, {as_far:,} of them {'as long' if side == 'above' else 'as far from it'}"
