"""Where clients and offices are: currency, tax, how punctually business is settled there, and the firm's legal entity for it.

Payment habits by country follow the order of the Intrum and Atradius barometers (Germany and the Netherlands early, Italy late); the
spread around them, not the level, is what modeling.md 2.3 fixes.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Place:
    code: str
    currency: str
    habit_days: float
    """Mean of the clients' habitual days past due, before the wait for the next payment run."""
    tax_rate: float
    entity: str
    """The firm's company that invoices clients of this country."""
    weight: float
    """Relative number of clients."""
    city: str


PLACES: Final = (
    Place("DE", "EUR", -9.0, 0.19, "PL-DE", 0.30, "Hamburg"),
    Place("GB", "GBP", -5.0, 0.20, "PL-UK", 0.22, "Leeds"),
    Place("US", "USD", -6.5, 0.00, "PL-US", 0.18, "Boston"),
    Place("NL", "EUR", -8.0, 0.21, "PL-DE", 0.12, "Utrecht"),
    Place("FR", "EUR", -4.0, 0.20, "PL-DE", 0.11, "Lyon"),
    Place("IT", "EUR", -1.0, 0.22, "PL-DE", 0.07, "Turin"),
)
OFFICES: Final = (0, 1, 2)
"""Places with an office."""
HOME_CURRENCY: Final = "EUR"
UNITS_PER_EURO: Final = {"EUR": 1.0, "GBP": 0.86, "USD": 1.09}
"""Level of the exchange rates on the first day."""
