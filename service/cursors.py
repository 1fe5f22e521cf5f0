"""Opaque cursors: where a page ended, in which order, of which scoring runs."""

import base64
import binascii
import hashlib
import json
from dataclasses import astuple, dataclass

from service.columns import storable
from service.problems import BadCursor

LONGEST = 8192
"""Characters; a cursor of fifty scoring runs takes some 3,000."""


@dataclass(frozen=True)
class Cursor:
    asked: str
    """Fingerprint of filters and order: a cursor works with its own only."""
    runs: tuple[str, ...]
    """Scoring runs that the first page was read from."""
    key: str
    """Sort key of the last row, as text."""
    id: str
    """Its id, which decides between equal keys."""
    places: int
    """Rows on the pages before."""

    def encode(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(astuple(self)).encode()).decode().rstrip("=")


def fingerprint(*asked: object) -> str:
    """Short, and the same for the same filters in any process."""
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def decode(text: str, *, asked: str) -> Cursor:
    """Raises BadCursor for what `Cursor.encode` did not write, or wrote for something else."""
    if len(text) > LONGEST:
        raise BadCursor("The cursor is too long.")
    try:
        fields = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("The cursor is damaged.") from error
    match fields:
        case [str(own), [*runs], str(key), str(id), int(places)] if all(isinstance(run, str) for run in runs):
            cursor = Cursor(own, tuple(runs), key, id, places)
        case _:
            raise BadCursor("The cursor is damaged.")
    if not all(map(storable, (*cursor.runs, key, id))):
        raise BadCursor("The cursor is damaged.")
    if cursor.asked != asked:
        raise BadCursor("The cursor was given for other filters or another order.")
    return cursor
