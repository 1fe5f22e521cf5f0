"""Cash forecast: what the open invoices of a client, a portfolio or the firm will bring, week by week, with ranges. Pure.

Each open invoice comes with 20 equally likely dates of payment. What is expected in a week is the share of its dates that lie in it, times
what is owed; added up over invoices. For the ranges all invoices are paid many times over by chance, at one of their dates each. They are
not independent: the invoices of a client come in one payment run or wait for one, and in a bad month all clients wait. So the place of each
among its dates hangs on a chance of its own, one of its client and one of all (a Gaussian copula), as strongly as was seen in training.

Example: invoices of 1,000 and 500, each with half of its dates in the coming week: 750 are expected. Independent, all or nothing comes one
time in two; of one client that pays them together, nearly always.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from models.finding import Finding

Floats = NDArray[np.float64]

SHARES: Final = (0.5, 0.8, 0.95)
"""Of ranges: as likely as not, the usual one, and nearly sure."""
DRAWS: Final = 2000
"""The ends of a 95 % range rest on 50 draws each: a few hundredths of its width."""
_SEED: Final = 7
_A_WEEK: Final = 7
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class CashSpread:
    """How payments depart from their own distributions, on held-out history; each share from 0 to 1, together at most 1."""

    client: float
    """Share of the departure that the invoices of a client have in common."""
    firm: float
    """Share that all have in common."""
    width: float
    """Departures in units of those expected: 1 is as wide as was said."""


UNKNOWN_SPREAD: Final = CashSpread(client=0.3, firm=0.02, width=1.1)
"""Where too few payments were held out to tell: the middle of what was seen on simulated firms, and a little wider."""


@dataclass(frozen=True)
class OpenItem:
    """An open invoice as a forecast needs it."""

    client_id: str
    currency: str
    owed: Decimal
    dates: tuple[date, ...]
    """Equally likely days of payment, in order; none where the invoice has no due date or no model stands."""


@dataclass(frozen=True)
class CashRange:
    """From `low` to `high` comes in with probability `share`."""

    share: float
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class CashWeek:
    """Seven days, from `begins` to `ends` with both."""

    begins: date
    ends: date
    expected: Decimal
    ranges: tuple[CashRange, ...]
    """By SHARES."""


@dataclass(frozen=True)
class CashForecast:
    """What is open now in one currency, and when it comes. Invoices still to be issued are not in it."""

    currency: str
    owed: Decimal
    weeks: tuple[CashWeek, ...]
    later: Decimal
    """Expected after the last week, or never."""
    undated: Decimal
    """Owed without a date: not in the weeks, nor in `later`."""


def open_items(findings: Sequence[Finding]) -> tuple[OpenItem, ...]:
    """The open invoices of a scoring."""
    return tuple(OpenItem(one.client_id, one.currency, one.amount_at_stake, one.predicted_dates) for one in findings)


def forecasts(items: Sequence[OpenItem], *, as_of: date, weeks: int, spread: CashSpread) -> tuple[CashForecast, ...]:
    """One forecast a currency, the largest sum owed first. `as_of`: the last day that is known; the first week begins after it."""
    currencies = sorted({one.currency for one in items})
    found = [
        _forecast([one for one in items if one.currency == name], name, as_of=as_of, weeks=weeks, spread=spread) for name in currencies
    ]
    return tuple(sorted(found, key=lambda one: (-one.owed, one.currency)))


def _forecast(items: Sequence[OpenItem], currency: str, *, as_of: date, weeks: int, spread: CashSpread) -> CashForecast:
    expected, sums = simulated(items, as_of=as_of, weeks=weeks, spread=spread)
    told = tuple(_week_of(number, expected[number], sums[:, number], as_of=as_of) for number in range(weeks))
    undated = sum((one.owed for one in items if not one.dates), Decimal(0))
    return CashForecast(currency, sum((one.owed for one in items), Decimal(0)), told, _money(expected[weeks]), undated)


def simulated(items: Sequence[OpenItem], *, as_of: date, weeks: int, spread: CashSpread) -> tuple[Floats, Floats]:
    """What is expected in each week and, last, after them; and DRAWS x weeks of what may come in. Items of one currency."""
    dated = sorted((one for one in items if one.dates), key=lambda one: (one.client_id, one.owed, one.dates))
    # One column for what comes after the last week.
    places = [np.array([_week(day, as_of=as_of, weeks=weeks) for day in one.dates]) for one in dated]
    owed = np.array([float(one.owed) for one in dated])
    expected = np.zeros(weeks + 1)
    for amount, place in zip(owed, places, strict=True):
        expected += amount * np.bincount(place, minlength=weeks + 1) / len(place)
    return expected, _drawn(owed, places, clients=[one.client_id for one in dated], weeks=weeks, spread=spread)


def _drawn(owed: Floats, places: Sequence[NDArray[np.int64]], *, clients: Sequence[str], weeks: int, spread: CashSpread) -> Floats:
    """DRAWS x weeks: what comes in each week when every invoice is paid by chance. `places`: the week of each of an invoice's dates."""
    chance = np.random.default_rng(_SEED)
    own = max(1.0 - spread.client - spread.firm, 0.0)
    everybody = chance.standard_normal(DRAWS) * np.sqrt(spread.firm)
    sums = np.zeros((DRAWS, weeks + 1))
    rows = np.arange(DRAWS)
    client, shared = "", np.zeros(DRAWS)
    for place, (amount, choices) in enumerate(zip(owed, places, strict=True)):
        if place == 0 or clients[place] != client:
            client, shared = clients[place], everybody + chance.standard_normal(DRAWS) * np.sqrt(spread.client)
        level = ndtr(spread.width * (shared + chance.standard_normal(DRAWS) * np.sqrt(own)))
        chosen = choices[np.minimum((level * len(choices)).astype(np.int64), len(choices) - 1)]
        sums[rows, chosen] += amount
    return sums[:, :weeks]


def _week(day: date, *, as_of: date, weeks: int) -> int:
    return min(max((day - as_of).days - 1, 0) // _A_WEEK, weeks)


def _week_of(number: int, expected: float, sums: Floats, *, as_of: date) -> CashWeek:
    ranges = tuple(
        CashRange(share, *(_money(float(end)) for end in np.quantile(sums, [(1 - share) / 2, (1 + share) / 2]))) for share in SHARES
    )
    begins = as_of + timedelta(days=_A_WEEK * number + 1)
    return CashWeek(begins, begins + timedelta(days=_A_WEEK - 1), _money(float(expected)), ranges)


def _money(amount: float) -> Decimal:
    return Decimal(repr(round(float(amount), 2))).quantize(_CENT)
