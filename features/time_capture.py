"""How people's time comes in: signals of their timesheets, past and present, and of their team's."""

from features.feature import feature
from features.signal import NOW, Signal, count, days_between, mean, ordered, standing, total
from features.timesheets import FULL_WEEK, deadlines, timesheets, worked, worked_days
from records.known import Known

HABIT = "habit"
NOW_LACKING = "lacking now"
WEEK = "the week"
LOAD = "load"

PRIOR_SHEETS = 8
"""Weight of the firm's own rate in a person's: some two months of timesheets until a person speaks for itself."""


@feature(unit="share", group=HABIT, phrase="{seen} of this person's timesheets missed the deadline (usual: {usual})")
def person_missing_rate(known: Known) -> Signal:
    """Share of the person's timesheets that were missing at their deadline, drawn to the firm's own share while there are few."""
    past = known.derived(deadlines)
    missed, seen = total(past, "missing", by="person_id"), count(past, by="person_id")
    return (missed + _firm_rate(known) * PRIOR_SHEETS) / (seen + PRIOR_SHEETS)


@feature(unit="share", group=HABIT, phrase="in the last 90 days {seen} of them did (usual: {usual})")
def person_missing_rate_90d(known: Known) -> Signal:
    """Share of the person's timesheets of the last 90 days that were missing, drawn to the person's longer record while there are few."""
    past = known.derived(deadlines)
    missed = total(past, "missing", by="person_id", days=90, event="happened")
    seen = count(past, by="person_id", days=90, event="happened")
    return (missed + person_missing_rate.compute(known) * PRIOR_SHEETS) / (seen + PRIOR_SHEETS)


@feature(
    unit="share", group=HABIT, phrase="when days were lacking before the weekend, {seen} of the sheets missed the deadline (usual: {usual})"
)
def person_missing_when_behind_rate(known: Known) -> Signal:
    """Of the person's timesheets that lacked days two days before the deadline, the share that missed it."""
    past = known.derived(deadlines)
    missed, behind = total(past, "missing", by="person_id"), total(past, "behind", by="person_id")
    firm = (total(past, "missing", by=None) + 0.5) / (total(past, "behind", by=None) + 1.0)
    return (missed + firm * PRIOR_SHEETS) / (behind + PRIOR_SHEETS)


@feature(unit="count", group=HABIT, phrase="deadlines missed one after another, up to now: {seen} (usual: {usual})", missing="zero")
def person_missing_streak(known: Known) -> Signal:
    """How many deadlines the person missed on end, up to the last one."""
    return ordered(known.derived(deadlines), "missing", how="streak", by="person_id", days=365, event="happened")


@feature(unit="ratio", group=HABIT, phrase="missed deadlines, the recent ones weighing more: {seen} (usual: {usual})")
def person_missing_recent(known: Known) -> Signal:
    """Missed deadlines of the person, each counting half as much after 60 days."""
    return ordered(known.derived(deadlines), "missing", how="forgetting", by="person_id", days=60, event="happened")


@feature(unit="share", group="team", phrase="{seen} of the team's timesheets of the last four weeks were missing (usual: {usual})")
def team_missing_rate_28d(known: Known) -> Signal:
    """Share of the practice's timesheets of the last 28 days that were missing at their deadline."""
    past = known.derived(deadlines)
    missed = total(past, "missing", by="practice", days=28, event="happened")
    return (missed + _firm_rate(known) * PRIOR_SHEETS) / (count(past, by="practice", days=28, event="happened") + PRIOR_SHEETS)


@feature(unit="share", group="season", phrase="{seen} of the firm's timesheets of the last four weeks were missing (usual: {usual})")
def firm_missing_rate_28d(known: Known) -> Signal:
    """Share of all timesheets of the last 28 days that were missing: is everybody late just now?"""
    past = known.derived(deadlines)
    missed = total(past, "missing", by=None, days=28, event="happened")
    return (missed + _firm_rate(known) * PRIOR_SHEETS) / (count(past, by=None, days=28, event="happened") + PRIOR_SHEETS)


@feature(unit="count", group=NOW_LACKING, phrase="working days of the week without time: {seen} (usual: {usual})")
def sheet_lacking_days(known: Known) -> Signal:
    """Working days of the week on which no time is on record, when it was last looked at."""
    return standing(known.derived(timesheets), "lacking", by="timesheet_id")


@feature(unit="share", group=NOW_LACKING, phrase="that is {seen} of the days due (usual: {usual})")
def sheet_lacking_share(known: Known) -> Signal:
    """Days lacking over days due."""
    sheets = known.derived(timesheets)
    return standing(sheets, "lacking", by="timesheet_id") / standing(sheets, "needed", by="timesheet_id")


@feature(unit="due", group="timing", phrase="the deadline {seen}")
def sheet_days_to_deadline(known: Known) -> Signal:
    """Days from now to the deadline."""
    return days_between(NOW, standing(known.derived(timesheets), "due", by="timesheet_id"))


@feature(unit="count", group=WEEK, phrase="public holidays in the week: {seen} (usual: {usual})")
def sheet_closed_days(known: Known) -> Signal:
    """Days of Monday to Friday on which the office was closed."""
    return standing(known.derived(timesheets), "closed_days", by="timesheet_id")


@feature(unit="count", group=WEEK, phrase="days of registered leave in the week: {seen} (usual: {usual})")
def sheet_away_days(known: Known) -> Signal:
    """Working days of the week on which the person was away, as registered by then."""
    return standing(known.derived(timesheets), "away_days", by="timesheet_id")


@feature(unit="yes_no", group=WEEK, phrase="the month ends in the week: {seen} (usual: {usual})")
def sheet_month_end(known: Known) -> Signal:
    """Whether the month ends in the week: finance asks for every sheet then."""
    return standing(known.derived(timesheets), "month_end", by="timesheet_id")


@feature(unit="days", group=HABIT, phrase="time was last entered {seen} ago (usual: {usual})")
def person_days_since_entry(known: Known) -> Signal:
    """Days since a day of the person's time last came in."""
    days = known.derived(worked_days)
    came = ordered(days, "enter", how="max", by="person_id", days=90, event="happened")
    return days_between(came, NOW)


@feature(unit="days", group=HABIT, phrase="in the last four weeks a day's time came in {seen} after it (usual: {usual})")
def person_entry_lag_days_28d(known: Known) -> Signal:
    """How long after a day its time came in, on average over the last 28 days."""
    return mean(known.derived(worked_days), "lag_hours", by="person_id", days=28, event="happened") / 24.0


@feature(unit="ratio", group=LOAD, phrase="it worked {seen} full weeks in the last four (usual: {usual})")
def person_load_28d(known: Known) -> Signal:
    """Time on record in the last 28 days, in full weeks."""
    return total(known.derived(worked), "minutes", by="person_id", days=28, event="happened") / float(FULL_WEEK)


@feature(unit="count", group="tenure", phrase="timesheets of this person so far: {seen} (usual: {usual})", missing="zero")
def person_sheets(known: Known) -> Signal:
    """How many deadlines the person has had: the first weeks are when sheets are forgotten."""
    return count(known.derived(deadlines), by="person_id")


def _firm_rate(known: Known) -> Signal:
    """A share before there is anything to count is one half of one case: neither none nor certain."""
    past = known.derived(deadlines)
    return (total(past, "missing", by=None) + 0.5) / (count(past, by=None) + 1.0)
