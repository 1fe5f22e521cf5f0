"""How people's time comes in: signals of their timesheets, past and present, and of their team's."""

from features.feature import feature
from features.signal import NOW, Signal, count, days_between, mean, ordered, standing, total
from features.timesheets import against_usual, deadlines, timesheets, worked_days
from records.known import Known

HABIT = "habit"
NOW_LACKING = "lacking now"
WEEK = "the week"
LOAD = "load"

PRIOR_SHEETS = 8
"""Weight of the firm's own rate in a person's: some two months of timesheets until a person speaks for itself."""
HALF_LIFE_DAYS = 120
"""After so long a deadline counts half: habits last for months and drift over years. From 90 to 180 days makes little difference."""
PRIOR_CATCH_UPS = 16
"""Weight of the firm's share in a person's: few sheets are caught up with, so that it takes more of them to tell a person apart."""
PRIOR_MINUTES = 1200
"""Half a full week of billable time: with less on record the load is hardly told from the usual."""


@feature(unit="share", group=HABIT, phrase="{seen} of this person's timesheets missed the deadline (usual: {usual})")
def person_missing_rate(known: Known) -> Signal:
    """Share of the person's timesheets that were missing at their deadline, drawn to the firm's own share while there are few."""
    past = known.derived(deadlines)
    missed, seen = total(past, "missing", by="person_id"), count(past, by="person_id")
    return (missed + _firm_rate(known) * PRIOR_SHEETS) / (seen + PRIOR_SHEETS)


@feature(unit="share", group=HABIT, phrase="of late {seen} of this person's timesheets missed the deadline (usual: {usual})")
def person_missing_recent_rate(known: Known) -> Signal:
    """Share of the person's timesheets that were missing, each counting half after 120 days, drawn to the firm's while there are few."""
    missed = _recent(known, "missing")
    return (missed + _firm_rate(known) * PRIOR_SHEETS) / (missed + _recent(known, "in_time") + PRIOR_SHEETS)


@feature(unit="share", group=HABIT, phrase="by its last deadlines {seen} of such sheets of this person miss theirs (usual: {usual})")
def person_missing_when_behind_rate(known: Known) -> Signal:
    """Of sheets that lack days two days before the deadline, the share that miss it, at the person's recent share of missed deadlines.

    All of a person's deadlines tell of the habit, and all the firm's sheets of how many who are behind catch up: the few sheets with which
    one person was behind would tell less of both.
    """
    missed = person_missing_recent_rate.compute(known)
    return missed / (missed + (missed * -1.0 + 1.0) * _firm_catch_up_rate(known))


@feature(unit="share", group=HABIT, phrase="{seen} of its sheets in time were caught up with in the last two days (usual: {usual})")
def person_catch_up_rate(known: Known) -> Signal:
    """Of the person's timesheets that were in time, the share that lacked days two days before, drawn to the firm's while there are few."""
    past = known.derived(deadlines)
    caught_up, in_time = (total(past, of, by="person_id") for of in ("caught_up", "in_time"))
    return (caught_up + _firm_catch_up_rate(known) * PRIOR_CATCH_UPS) / (in_time + PRIOR_CATCH_UPS)


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


@feature(unit="share", group=NOW_LACKING, phrase="of the days due {seen} have no time yet (usual: {usual})")
def sheet_lacking_share(known: Known) -> Signal:
    """Working days of the week on which no time is on record, when it was last looked at, over the days due."""
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


@feature(
    unit="ratio", group=LOAD, phrase="entries of the last three weeks took {seen} times what they take this person on the same projects"
)
def person_load_21d(known: Known) -> Signal:
    """Billable minutes of the last 21 days over what as many entries usually take this person on the same projects."""
    entries = known.derived(against_usual)
    spent, usual = (total(entries, of, by="person_id", days=21, event="happened") for of in ("minutes", "usual"))
    return (spent + PRIOR_MINUTES) / (usual + PRIOR_MINUTES)


@feature(unit="count", group="tenure", phrase="timesheets of this person so far: {seen} (usual: {usual})", missing="zero")
def person_sheets(known: Known) -> Signal:
    """How many deadlines the person has had: the first weeks are when sheets are forgotten."""
    return count(known.derived(deadlines), by="person_id")


def _firm_rate(known: Known) -> Signal:
    """A share before there is anything to count is one half of one case: neither none nor certain."""
    past = known.derived(deadlines)
    return (total(past, "missing", by=None) + 0.5) / (count(past, by=None) + 1.0)


def _firm_catch_up_rate(known: Known) -> Signal:
    """Of all sheets in time, the share that lacked days two days before."""
    past = known.derived(deadlines)
    return (total(past, "caught_up", by=None) + 0.5) / (total(past, "in_time", by=None) + 1.0)


def _recent(known: Known, of: str) -> Signal:
    """Sum over the person's deadlines, each counting half after HALF_LIFE_DAYS; nought where there is none."""
    found = ordered(known.derived(deadlines), of, how="forgetting", by="person_id", days=HALF_LIFE_DAYS, event="happened")
    return found.apply(lambda value: value.fill_null(0.0))
