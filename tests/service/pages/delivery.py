"""Projects and timesheets of the firm whose findings `firm` makes, by the same rule from a number."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from models.dealings import Dealings
from models.finding import Evidence, Finding, Reason
from models.margin_causes import Cause
from models.project_course import Burn, Mark, ProjectCourse
from tests.service.pages.firm import CURRENCIES, TODAY, client_name, late_invoice


def course(number: int) -> ProjectCourse:
    """Where the margin of a project goes: every cause with a part, one of them for the good."""
    lost = 0.03 + 0.02 * (number % 6)
    causes: dict[Cause, float] = {"scope": -0.01, "effort": -lost, "mix": -0.02, "rate": 0.01, "write-down": 0.0}
    planned = 0.36
    goes_on = planned + sum(causes.values())
    began = TODAY - timedelta(days=150 + number % 40)
    weeks = tuple((began + timedelta(days=7 * week + 6), 1500 * (week + 1) + 40 * week**2) for week in range(20))
    burn = Burn(
        currency=CURRENCIES[number % len(CURRENCIES)],
        starts_on=began,
        ends_on=began + timedelta(days=230),
        read_on=TODAY - timedelta(days=1),
        planned=64_000,
        granted=68_000 + 500 * (number % 3),
        spent=weeks,
        at_completion=71_000 + 900 * (number % 5),
        milestones=(
            Mark(began + timedelta(days=70), "Design", done=True),
            Mark(began + timedelta(days=140), "Build", done=False),
            Mark(began + timedelta(days=225), "Go-live", done=False),
        ),
    )
    return ProjectCourse(planned, goes_on, causes, burn, low=goes_on - 0.05, middle=goes_on + 0.01, high=goes_on + 0.07)


def sinking_project(number: int, *, client: int) -> Finding:
    """A project whose margin may end under its plan: the delivery lead's."""
    base = late_invoice(number, client=client)
    reports = Evidence(
        "Status reports",
        ("Reported", "Done", "Hours remaining", "Health", "Note"),
        (("2026-10-12", "40 %", "420", "green", ""), ("2026-11-09", "48 %", "410", "amber", "Interfaces take longer.")),
        "project_status records, as known at 2026-11-24 00:00 UTC",
    )
    return replace(
        base,
        risk="margin",
        entity_type="project",
        entity_id=f"P-{100 + number}",
        title=f"P-{100 + number} for {client_name(client)} may end 5 points of margin or more under plan",
        owner_role="delivery_lead",
        reference=f"P-{100 + number}",
        due_on=TODAY + timedelta(days=80 - (number * 7) % 90),
        issued_on=None,
        predicted_on=None,
        predicted_low_on=None,
        predicted_high_on=None,
        predicted_dates=(),
        suggestion="Ask what the cost so far has brought, and estimate anew what remains.",
        clears=f"It closes by itself once the records show P-{100 + number} closed.",
        reasons=(
            Reason(
                "effort",
                "for what it cost, 78% of the planned progress was told (usual: 97%)",
                raises=True,
                effect=1.1,
                seen="78%",
                usual="97%",
            ),
            Reason("price", "an hour bills 103% of what was planned (usual: 100%)", raises=False, effect=-0.2, seen="103%", usual="100%"),
        ),
        evidence=(reports,),
        facts={"Project": f"Platform {number}", "Billed by": "fixed", "Planned margin": "36%"},
        dealings=Dealings(),
        provisional=False,
        course=course(number),
    )


def lacking_timesheet(number: int) -> Finding:
    """A timesheet that may miss its deadline: the delivery lead's; its client is a team."""
    person, monday = f"W{number:03}", TODAY - timedelta(days=8)
    days = Evidence(
        "The week",
        ("Day", "Expected hours", "Entered hours", "First entered"),
        (
            ("Mon 16 Nov", "8.00", "8.00", "Mon 16 Nov, 18:00"),
            ("Tue 17 Nov", "0.00", "", "away, as registered"),
            ("Wed 18 Nov", "8.00", "7.50", "Thu 19 Nov, 09:00"),
            ("Thu 19 Nov", "8.00", "", "nothing on record"),
            ("Fri 20 Nov", "8.00", "", "nothing on record"),
        ),
        "calendar_day, absence and time_entry records, as known at 2026-11-24 00:00 UTC",
    )
    return replace(
        sinking_project(number, client=number % 5),
        risk="missing_time",
        entity_type="timesheet",
        entity_id=f"{person}:{monday}",
        title=f"The timesheet of {person}, week of {monday:%-d %b %Y} may be missing at the deadline",
        reference=f"{person}, week of {monday:%-d %b %Y}",
        client_id="",
        client_name=("advisory · Leeds", "audit · Bath")[number % 2],
        due_on=TODAY,
        amount_at_stake=Decimal(640 + 8 * number),
        currency="GBP",
        stake_reporting=Decimal(640 + 8 * number),
        expected_loss=Decimal(320 + 4 * number),
        suggestion="Ask for the days that lack before the deadline.",
        clears="It closes by itself once the records show time on every day that is due, or two weeks after the deadline.",
        reasons=(
            Reason(
                "habit",
                "80% of this person's timesheets missed the deadline (usual: 12%)",
                raises=True,
                effect=1.4,
                seen="80%",
                usual="12%",
            ),
        ),
        evidence=(days,),
        facts={
            "Deadline": "Tue 24 Nov 2026, 12:00 UTC",
            "Days lacking": "2",
            "Leave considered": "1 of the week's days, as registered by then",
        },
        course=None,
    )


def projects(count: int) -> tuple[Finding, ...]:
    return tuple(sinking_project(number, client=number % 9) for number in range(count))


def timesheets(count: int) -> tuple[Finding, ...]:
    return tuple(lacking_timesheet(number) for number in range(count))
