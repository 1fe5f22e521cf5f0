"""A small firm as records: clients with habits, billed fortnightly; the last invoices are open. Its outcomes can be drawn by a coin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from models.catalog import RISKS
from records.known import instant_of
from records.lake import Lake
from tests.ledger import Ledger
from training.train import Trained, train

BEGUN: Final = date(2024, 1, 1)
TURNS: Final = 24
CLIENTS: Final = 36
PEOPLE: Final = 20
PROJECTS: Final = 360
ENDED: Final = BEGUN + timedelta(14 * TURNS)
UNTIL: Final = instant_of(ENDED)
"""End of the records."""
NOW: Final = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When training is said to happen."""


def firm(root: Path, *, by_coin: bool = False, seed: int = 11, clients: int = CLIENTS) -> Lake:
    """The firm's lake at `root`. By coin: whether an invoice is late or disputed has nothing to do with anything on record."""
    draw = np.random.default_rng(seed)
    told = Ledger()
    for number in range(clients):
        client = f"C{number:02}"
        told.client(client)
        habit, quarrel = (0.0, 0.2) if by_coin else (draw.normal(0, 14), draw.random() ** 2 * 0.6)
        for turn in range(TURNS):
            issued = BEGUN + timedelta(14 * turn + number % 13)
            _bill(told, draw, client=client, issued=issued, habit=habit, quarrel=quarrel, by_coin=by_coin)
    _with_projects(told, np.random.default_rng(seed + 2), clients=clients)
    return _with_weeks(told, np.random.default_rng(seed + 1), by_coin=by_coin).lake(root)


def _with_weeks(told: Ledger, draw: np.random.Generator, *, by_coin: bool) -> Ledger:
    """People of whom each forgets Friday more or less often, and some of whom write it on Monday morning."""
    weeks = (ENDED - BEGUN).days // 7
    told.calendar(BEGUN, weeks)
    for number in range(PEOPLE):
        person = f"P{number:02}"
        told.person(person)
        misses = 0.3 if by_coin else 0.75 * draw.random() ** 1.5
        for day in (BEGUN + timedelta(days=7 * week + place) for week in range(weeks) for place in range(5)):
            evening, friday = datetime.combine(day, time(17), UTC), day.weekday() == 4
            wait = 6.0 if friday and draw.random() < misses else 2.7 if friday and draw.random() < 0.3 else 0.0
            entered = evening + timedelta(days=wait)
            if entered < UNTIL:
                told.time(person, day, entered=entered)
    return told


def _with_projects(told: Ledger, draw: np.random.Generator, *, clients: int) -> None:
    """Six-week projects at a fixed price, some of which take far more than planned and report it; billed on the client's invoices."""
    for number in range(PROJECTS):
        project, starts = f"J{number:03}", BEGUN + timedelta(days=number * 320 // PROJECTS)
        ends, shut = starts + timedelta(days=42), starts + timedelta(days=50)
        over = max(0.6, draw.normal(1.0, 0.25))
        client, closed = f"C{number % clients:02}", f"{shut}" if shut < ENDED else None
        told.project(
            *(project, client), starts=f"{starts}", ends=f"{ends}", closed=closed, billing_method="milestone", project_no=f"No {project}"
        )
        for week in range(1, 7):
            day = starts + timedelta(days=7 * week)
            if day >= ENDED:
                break
            minutes = round(1000 * over * draw.uniform(0.8, 1.2))
            evening = datetime.combine(day, time(18), UTC)
            told.time(f"W{number:03}", day, entered=evening, minutes=minutes, project_id=project, cost_per_hour=60)
            told.status(project, on=f"{day}", complete=min(round(100 * week / 6), 99), remaining=round(1000 * over * (6 - week)))
        if shut < ENDED:
            told.line(f"{client}-{BEGUN + timedelta(number % clients % 13):%y%j}", project, net=10_000, recorded=f"{shut}", number=number)


def _bill(told: Ledger, draw: np.random.Generator, *, client: str, issued: date, habit: float, quarrel: float, by_coin: bool) -> None:
    invoice, due = f"{client}-{issued:%y%j}", issued + timedelta(21)
    amount = int(draw.uniform(500, 20_000))
    if issued >= ENDED:
        return
    told.invoice(invoice, client, issued=issued.isoformat(), due=due.isoformat(), amount=amount, number=f"No {invoice}")
    # By coin, everybody pays on one of two days: nothing that is known while an invoice is open tells which.
    late = int(draw.choice([-2, 2])) if by_coin else round(draw.normal(habit, 6))
    paid = max(due + timedelta(late), issued + timedelta(2))
    if draw.random() < quarrel and issued + timedelta(9) < ENDED:
        told.dispute(invoice, at=f"{issued + timedelta(9)}T09:00")
    if paid < ENDED:
        told.payment(invoice, client, on=paid.isoformat(), amount=amount)


@dataclass(frozen=True)
class Home:
    """A home folder with the firm's records, and a challenger of each risk."""

    place: Path
    lake: Lake
    trained: Mapping[str, Trained]


@cache
def home(session: Path) -> Home:
    """The firm's home below a session's folder, made once for all tests of the session."""
    place = session / "home-of-the-firm"
    lake = firm(place / "lake")
    return Home(place, lake, {risk.name: train(lake, risk, home=place, until=UNTIL, now=NOW) for risk in RISKS})
