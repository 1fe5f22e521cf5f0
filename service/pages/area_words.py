"""What an area's lines are called, in whole sentences: an invoice has other words than a project or a timesheet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from models.bearing import Stage
from service.status import Verdict

Counted = tuple[str, str]
"""A sentence for one, and one for many."""


@dataclass(frozen=True)
class AreaWords:
    """Messages of the catalogue; `%(number)s` and `%(money)s` are filled in where they are shown."""

    column: str
    """Heading of the names in a list."""
    totals: Counted
    done: Mapping[Verdict, Counted]
    search: str
    currency: str
    counted: tuple[tuple[tuple[Stage, ...], Counted], ...] = ()
    """Stages -> `totals` of a view of bills of that stage."""
    ranked: tuple[str, str] = ("Expected loss", "of the stake")
    """Heading, and the small print beside it, of the money that a list ranks by."""
    as_ranked: str = "Expected loss"
    """The order of a list by it."""
    clear: str = "Nothing is open. Last scored %(scored)s on the records as of %(as_of)s."
    """What an empty list of open work says."""


INVOICES = AreaWords(
    column="Invoice",
    totals=("%(number)s invoice, %(money)s at stake", "%(number)s invoices, %(money)s at stake"),
    done=MappingProxyType(
        {
            Verdict.ACCEPT: ("Accepted %(number)s invoice, %(money)s.", "Accepted %(number)s invoices, %(money)s."),
            Verdict.DISMISS: ("Dismissed %(number)s invoice, %(money)s.", "Dismissed %(number)s invoices, %(money)s."),
            Verdict.SNOOZE: ("Snoozed %(number)s invoice, %(money)s.", "Snoozed %(number)s invoices, %(money)s."),
            Verdict.REOPEN: ("Reopened %(number)s invoice, %(money)s.", "Reopened %(number)s invoices, %(money)s."),
        }
    ),
    search="Client, invoice or words",
    currency="Currency of the invoice",
)
RECOMMENDATIONS = AreaWords(
    column="Project or timesheet",
    totals=("%(number)s recommendation, %(money)s at stake", "%(number)s recommendations, %(money)s at stake"),
    done=MappingProxyType(
        {
            Verdict.ACCEPT: ("Accepted %(number)s recommendation, %(money)s.", "Accepted %(number)s recommendations, %(money)s."),
            Verdict.DISMISS: ("Dismissed %(number)s recommendation, %(money)s.", "Dismissed %(number)s recommendations, %(money)s."),
            Verdict.SNOOZE: ("Snoozed %(number)s recommendation, %(money)s.", "Snoozed %(number)s recommendations, %(money)s."),
            Verdict.REOPEN: ("Reopened %(number)s recommendation, %(money)s.", "Reopened %(number)s recommendations, %(money)s."),
        }
    ),
    search="Client, project or team",
    currency="Currency of the record",
)
BILLS = replace(
    RECOMMENDATIONS,
    column="Invoice or entry",
    search="Client, invoice or words",
    counted=(
        (("draft", "fresh"), ("%(number)s bill to look at, %(money)s at stake", "%(number)s bills to look at, %(money)s at stake")),
        (("draft",), ("%(number)s draft to look at, %(money)s at stake", "%(number)s drafts to look at, %(money)s at stake")),
        (("unbilled",), ("%(number)s record on no bill, %(money)s at stake", "%(number)s records on no bill, %(money)s at stake")),
        (("issued",), ("%(number)s older bill, %(money)s at stake", "%(number)s older bills, %(money)s at stake")),
    ),
    # An anomaly is ranked by its amount: how likely an error is nobody knows, so no loss is expected of it.
    ranked=("Ranked by", "expected loss, or amount"),
    as_ranked="As ranked",
    clear="No draft and no fresh bill has anything open. Last scored %(scored)s on the records as of %(as_of)s.",
)
