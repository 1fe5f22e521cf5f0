"""Days from and to a due date: the one count of every reason, title and page.

They are calendar days to the day on which it is read. The records of a day end with the first instant of the next, on whose morning a
worklist is read: a date that was over with those records is one day overdue.

Worked: due on 28 September; scored as of the end of 25 November, which is 26 November 00:00, and read on the 26th: 59 days overdue.
"""

from datetime import date, datetime, timedelta
from typing import Final

from features.feature import Feature
from features.payments import client_oldest_overdue_days

_JUST_BEFORE: Final = timedelta(seconds=1)
"""A day that is due ends with the first instant of the next. Signals are floats of a day: a microsecond may be lost in them."""


def days_overdue(due_on: date, today: date) -> int:
    """Negative while it is not due yet."""
    return (today - due_on).days


def days_as_read(feature: Feature, value: float, *, as_of: datetime) -> float:
    """The signal; where it is a time to or since the end of a due date or a deadline, as the days that a reader counts at `as_of`."""
    if feature.unit == "due":
        return -_overdue_at(as_of + timedelta(days=value), as_of)
    # Nought stands for no overdue invoice at all.
    if feature == client_oldest_overdue_days and value > 0:
        return _overdue_at(as_of - timedelta(days=value), as_of)
    return value


def _overdue_at(end: datetime, as_of: datetime) -> int:
    return days_overdue((end - _JUST_BEFORE).date(), as_of.date())
