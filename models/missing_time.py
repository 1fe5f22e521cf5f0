"""Missing time: which timesheet will not be complete at its deadline, while there is still time to ask for it.

Fires: a person who missed four of the last five deadlines has nothing on Thursday and Friday on Saturday noon.
Silent: a person who writes Friday's time every Monday morning lacks Friday on Saturday noon.
"""

from typing import Final

from features import time_capture
from features.timesheets import lacking_sheets
from models.risk import Happened, Missing, Risk, Target, Use
from models.segment import Segment
from models.timesheet_book import TimesheetBook

NEW_PERSON_SHEETS: Final = 13.0
"""A quarter of a year of timesheets: before it a person has hardly a record of its own."""

MISSING_TIME: Final = Risk(
    name="missing_time",
    says="A timesheet will be missing at its deadline",
    entity="timesheet",
    cluster="person_id",
    at_risk=lacking_sheets,
    # Two days and one day before the deadline: Saturday noon and Sunday noon for one on Monday noon.
    ages_days=(0, 1),
    # In the first month nobody has a record to tell from.
    burn_in_days=28,
    history=time_capture.person_sheets,
    targets=(
        Target(
            "missing",
            "missing at the deadline",
            Missing(),
            time_capture.person_missing_when_behind_rate,
            "what the person's own share of missed deadlines, the recent ones weighing more, means where days lack before the weekend",
        ),
    ),
    uses=(
        Use(time_capture.person_missing_when_behind_rate, 1),
        Use(time_capture.person_missing_rate, 1),
        Use(time_capture.person_catch_up_rate, -1),
        Use(time_capture.team_missing_rate_28d, 1),
        Use(time_capture.firm_missing_rate_28d, 1),
        Use(time_capture.sheet_lacking_share),
        Use(time_capture.sheet_days_to_deadline),
        Use(time_capture.sheet_closed_days),
        Use(time_capture.sheet_away_days, 1),
        Use(time_capture.sheet_month_end),
        Use(time_capture.person_days_since_entry),
        Use(time_capture.person_entry_lag_days_28d, 1),
        Use(time_capture.person_load_21d, 1),
        Use(time_capture.person_sheets),
    ),
    segments=(
        Segment("timesheets on record", time_capture.person_sheets, (NEW_PERSON_SHEETS,)),
        Segment("month end in the week", time_capture.sheet_month_end, (0.5,)),
    ),
    predicts_payment=False,
    stake="stake",
    book=TimesheetBook,
    clears="It closes by itself once the records show time on every day that is due, or two weeks after the deadline.",
    title="The timesheet of {reference} may be {outcome}",
    happened=Happened(
        title="The timesheet of {reference} was not complete at its deadline",
        reason="Its deadline was on {due}, and days that were due have no time on record.",
    ),
    owner_role="delivery_lead",
    actions=(
        ("", "Ask for the days that lack."),
        (time_capture.LOAD, "Ask for the days that lack, and look at the load: the last weeks were more than full."),
        (time_capture.WEEK, "Ask for the days that lack; check first whether leave was registered."),
    ),
)
