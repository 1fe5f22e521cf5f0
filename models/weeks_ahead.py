"""How far a cash forecast looks: apart from the forecast, so that who only asks how far need not wait for it."""

from typing import Final

DEFAULT_WEEKS: Final = 13
"""A quarter, as treasurers plan."""
MOST_WEEKS: Final = 52
