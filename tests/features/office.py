"""A small office's time and bills, day after day: what an odd entry or line is put beside."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from tests.ledger import Ledger, Value

BEGUN: Final = date(2025, 1, 6)
DAYS: Final = 70
ENDED: Final = BEGUN + timedelta(days=DAYS)
TEAM: Final = {"ann": ("p", "q"), "bob": ("p", "q"), "cid": ("r", "s"), "dee": ("r", "s")}
"""By person: the projects they work on."""
ROLES: Final = {"ann": "senior", "bob": "analyst", "cid": "senior", "dee": "analyst"}
RATES: Final = {"senior": 150, "analyst": 90}
THINGS: Final = ("the ledger", "the cost model", "the plan", "the test cases", "the contract", "the forecast", "the memo")
VERBS: Final = ("Prepared", "Reviewed", "Revised", "Discussed", "Presented")


def office() -> Ledger:
    """Two entries a person, project and working day, of 60 to 165 minutes, entered in the evening; each project's client is `c`."""
    told = Ledger().client("c", recorded="2024-12-01")
    for project in "pqrs":
        told.project(project, "c", starts="2025-01-01")
    turn = 0
    for day in (BEGUN + timedelta(days=number) for number in range(DAYS)):
        if day.weekday() > 4:
            continue
        for person, projects in TEAM.items():
            for place, project in enumerate(projects * 2):
                turn += 1
                entry(told, person, day, project=project, minutes=60 + 15 * ((7 * turn + turn // 4 * 3) % 8), place=place, turn=turn)
    return told


def entry(told: Ledger, person: str, day: date, *, project: str, minutes: int, place: int = 9, turn: int = 0, **more: Value) -> Ledger:
    """One entry, `<person>-<day>-<place>`; what is not given is as this person writes."""
    said = f"{VERBS[turn % len(VERBS)]} {THINGS[turn // 3 % len(THINGS)]} with {THINGS[turn // 7 % len(THINGS)]}"
    columns: dict[str, Value] = {
        "entry_id": f"{person}-{day}-{place}",
        "project_id": project,
        "role": ROLES[person],
        "bill_rate": RATES[ROLES[person]],
        "narrative": said,
        **more,
    }
    return told.time(person, day, entered=datetime.combine(day, time(18), UTC), minutes=minutes, **columns)


def bill(told: Ledger, number: int, *, person: str, project: str, day: date, **more: Value) -> Ledger:
    """A draft of one line, `i<number>-1`, of ten hours at the person's rate."""
    when = f"{day}T09:00"
    told.invoice(f"i{number}", "c", issued=None, due=None, recorded=when, amount=1000, project_id=project)
    rate = RATES[ROLES[person]]
    columns: dict[str, Value] = {
        "line_id": f"i{number}-1",
        "invoice_id": f"i{number}",
        "line_no": 1,
        "project_id": project,
        "person_id": person,
        "role": ROLES[person],
        "quantity": 10,
        "unit": "HUR",
        "unit_price": rate,
        "net_amount": 10 * rate,
        **more,
    }
    return told.row("invoice_line", when, columns)
