"""The detail of what is selected: the same object for the pane beside the list and for the full page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.finding import Role
from service.charts import DotPlot, ReasonBars, dot_plot
from service.explanation import Event, Explanation, RecommendationDetail, find_recommendation
from service.money import Money
from service.pages.messages import stakes_of
from service.pages.places import Area, Place
from service.pages.wording import Wording, say, say_count
from service.recommendations import list_case
from service.row import Filters, RecommendationRow
from service.status import PERSONS_VERDICTS, Status, Verdict
from service.words import Likelihood, likelihood
from service.worklist import AccountDetail, find_account

ROWS_AT_FIRST = 5
"""Invoices of an account that its detail shows at once: with the verdict above them they fill half a screen."""
MORNING = time(9)
"""When a snooze ends on its day: the start of the working day, in the pages' time zone."""


@dataclass(frozen=True)
class SnoozeChoice:
    value: str
    """The day, ISO."""
    label: str


@dataclass(frozen=True)
class Pane:
    """One account with its leading (or chosen) record, or one record."""

    area: Area
    key: str
    """What the list selects."""
    account: AccountDetail | None
    record: RecommendationDetail | None
    """None for an account on which nothing is open."""
    chosen: bool
    """Whether the reader chose this record of the account; else it is the leading one."""
    others: tuple[RecommendationRow, ...] = ()
    """What else is open about the same bill, or about the same record that is on none."""

    @property
    def row(self) -> RecommendationRow | None:
        return self.record.row if self.record else None

    @property
    def explanation(self) -> Explanation | None:
        return self.record.explanation if self.record else None

    @property
    def events(self) -> tuple[Event, ...]:
        if self.account and not self.chosen:
            return self.account.events
        return self.record.events if self.record else ()

    @cached_property
    def scope(self) -> tuple[RecommendationRow, ...]:
        """What a verdict given here is about: every open record of the account, or the one that was chosen."""
        if self.account and not self.chosen:
            return tuple(row for row in self.account.rows if row.status == Status.OPEN)
        return (self.record.row,) if self.record else ()

    @property
    def scope_stake(self) -> tuple[Money, ...]:
        """Money that the verdict is about."""
        return stakes_of(self.scope)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What a person may still do with all of the scope."""
        return tuple(verdict for verdict in PERSONS_VERDICTS if self.scope and all(row.status.after(verdict) for row in self.scope))

    @property
    def plot(self) -> DotPlot | None:
        if not self.record:
            return None
        row = self.record.row
        dates = self.record.explanation.predicted_dates
        return dot_plot(dates, due_on=row.due_on, low_on=row.predicted_low_on, high_on=row.predicted_high_on)

    @cached_property
    def bars(self) -> ReasonBars:
        return ReasonBars(self.record.explanation.reasons if self.record else ())

    @property
    def rule(self) -> Likelihood | None:
        """What the simple rule says, in the same words as the model."""
        probability = self.record.explanation.rule_probability if self.record else None
        return None if probability is None else likelihood(probability)

    @cached_property
    def rows(self) -> tuple[RecommendationRow, ...]:
        """The records of the account that are not closed: what is disputed or promised first, then by expected loss."""
        rows = self.account.rows if self.account else ()
        return tuple(sorted(rows, key=lambda row: not row.in_dispute and row.promise_state in {None, "kept"}))

    @property
    def first_rows(self) -> tuple[RecommendationRow, ...]:
        """The first of them: all where only a few more would follow."""
        rows = self.rows
        return rows if len(rows) < 2 * ROWS_AT_FIRST else rows[:ROWS_AT_FIRST]

    @property
    def further_rows(self) -> tuple[RecommendationRow, ...]:
        """The rest of them, behind a word: the evidence must not be a screen away."""
        return self.rows[len(self.first_rows) :]


def find_pane(session: Session, sees: Collection[Role], *, place: Place, now: datetime, capacity: int) -> Pane | None:
    """What `place` selects; None when it is gone or this reader may not see it."""
    if not place.selected:
        return None
    if not place.area.lists_accounts(place.tab):
        record = find_recommendation(session, sees, id=place.selected, now=now)
        if record is None:
            return None
        beside = Filters(owner_roles=(place.area.owner_role,))
        others = list_case(session, sees, id=place.selected, now=now, filters=beside) if place.area.stages else ()
        return Pane(place.area, place.selected, None, record, chosen=True, others=others)
    account = find_account(session, sees, client_id=place.selected, now=now, capacity=capacity, owner_roles=(place.area.owner_role,))
    if account is None:
        return None
    chosen = find_recommendation(session, sees, id=place.record, now=now) if place.record else None
    if chosen and chosen.row.client_id != account.client_id:
        chosen = None
    return Pane(place.area, place.selected, account, chosen or account.top, chosen=chosen is not None)


def snooze_choices(wording: Wording) -> tuple[SnoozeChoice, ...]:
    """Tomorrow and next Monday; any other day is a date field."""
    tomorrow = wording.today + timedelta(days=1)
    monday = wording.today + timedelta(days=7 - wording.today.weekday())
    named = [(tomorrow, say("Tomorrow, %(day)s", {"day": wording.short(tomorrow)}))]
    if monday != tomorrow:
        named.append((monday, say("Monday, %(day)s", {"day": wording.short(monday)})))
    return tuple(SnoozeChoice(day.isoformat(), label) for day, label in named)


def morning_of(day: date, wording: Wording) -> datetime:
    """The instant at which a snooze until that day ends."""
    return datetime.combine(day, MORNING, ZoneInfo(wording.time_zone))


def message_draft(account: AccountDetail, wording: Wording) -> str:
    """A letter about what is overdue or due next, to edit and copy; nothing is sent from here."""
    rows = sorted((row for row in account.rows if row.due_on), key=lambda row: (row.due_on or date.max, row.reference))
    overdue = [row for row in rows if row.due_on and row.due_on < wording.today]
    listed = overdue or rows
    lines = [
        say(
            "– %(reference)s: %(money)s, due %(day)s",
            {"reference": row.reference, "money": wording.money(row.at_stake), "day": wording.day(row.due_on)},
        )
        for row in {row.entity_id: row for row in listed}.values()
        if row.due_on
    ]
    opening = (
        say_count(
            "our records show this invoice as past its due date and not yet paid:",
            "our records show these invoices as past their due dates and not yet paid:",
            number=len(lines),
        )
        if overdue
        else say_count(
            "this invoice falls due soon, and we would like to make sure that you have all you need to pay it:",
            "these invoices fall due soon, and we would like to make sure that you have all you need to pay them:",
            number=len(lines),
        )
    )
    asking = say("Could you tell us on which date payment will be made? If anything stands in its way, please let us know what it is.")
    return "\n".join([say("Dear colleagues at %(client)s,", {"client": account.client_name}), "", opening, "", *lines, "", asking, ""])
