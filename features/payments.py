"""How a client pays: signals of its settled and its still open invoices."""

from features.feature import feature
from features.histories import issued, overdue, settlements, very_overdue
from features.signal import NOW, Signal, count, days_between, in_units, mean, ordered, total
from records.known import Known

HABIT = "payment habit"
BACKLOG = "open items"

PRIOR_INVOICES = 5
"""Weight of the firm's own rate in a client's: with fewer settled invoices than this the firm's rate says more."""


@feature(unit="share", group=HABIT, phrase="{seen} of this client's invoices were paid late, with those overdue now (usual: {usual})")
def client_late_rate(known: Known) -> Signal:
    """Share of the client's invoices paid late or overdue now, drawn to the firm's own share while there are few."""
    paid, late_now = known.derived(settlements), known.derived(overdue)
    late = total(paid, "late", by="client_id") + count(late_now, by="client_id")
    seen = count(paid, by="client_id") + count(late_now, by="client_id")
    return (late + _firm_late_rate(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


@feature(unit="share", group=HABIT, phrase="{seen} of this client's invoices went more than 30 days over (usual: {usual})")
def client_very_late_rate(known: Known) -> Signal:
    """Share of the client's invoices paid more than 30 days late, or that much overdue now, drawn to the firm's share."""
    paid, late_now = known.derived(settlements), known.derived(very_overdue)
    late = total(paid, "very_late", by="client_id") + count(late_now, by="client_id")
    seen = count(paid, by="client_id") + count(late_now, by="client_id")
    firm = _rate(total(paid, "very_late", by=None) + count(late_now, by=None), count(paid, by=None) + count(late_now, by=None))
    return (late + firm * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


@feature(unit="share", group=HABIT, phrase="{seen} of its invoices settled in the last 90 days were late (usual: {usual})")
def client_late_rate_90d(known: Known) -> Signal:
    """Share of the client's invoices settled in the last 90 days that were late, drawn to its own longer record while there are few."""
    paid = known.derived(settlements)
    late = total(paid, "late", by="client_id", days=90, event="paid_at")
    return (late + client_late_rate.compute(known) * PRIOR_INVOICES) / (
        count(paid, by="client_id", days=90, event="paid_at") + PRIOR_INVOICES
    )


@feature(unit="lateness", group=HABIT, phrase="on average it pays {seen} (usual: {usual})")
def client_days_late_mean_365d(known: Known) -> Signal:
    """How many days after the due date the client paid on average in the last year; negative is early."""
    return mean(known.derived(settlements), "days_late", by="client_id", days=365, event="paid_at")


@feature(unit="lateness", group=HABIT, phrase="in the middle of its record it pays {seen} (usual: {usual})")
def client_days_late_median(known: Known) -> Signal:
    """The client's median of days late over all its settled invoices; negative is early."""
    return ordered(known.derived(settlements), "days_late", how="median", by="client_id")


@feature(unit="days", group=HABIT, phrase="its payment dates spread by {seen} (usual: {usual})")
def client_days_late_spread(known: Known) -> Signal:
    """Standard deviation of the client's days late over all its settled invoices."""
    paid = known.derived(settlements)
    square = mean(paid, "squared", by="client_id")
    centre = mean(paid, "days_late", by="client_id")
    return (square - centre * centre).apply(lambda variance: variance.clip(lower_bound=0).sqrt())


@feature(unit="shift", group=HABIT, phrase="in the last 90 days it paid {seen} than in the last year (usual: {usual})")
def client_days_late_trend(known: Known) -> Signal:
    """Mean days late in the last 90 days less the mean of the last year: is the client slowing down?"""
    paid = known.derived(settlements)
    recent = mean(paid, "days_late", by="client_id", days=90, event="paid_at")
    return recent - mean(paid, "days_late", by="client_id", days=365, event="paid_at")


@feature(unit="count", group=BACKLOG, phrase="its invoices overdue now: {seen} (usual: {usual})", missing="zero")
def client_overdue_count(known: Known) -> Signal:
    """How many of the client's invoices are overdue now."""
    return count(known.derived(overdue), by="client_id")


@feature(unit="money", group=BACKLOG, phrase="{seen} is overdue from it now (usual: {usual})", missing="zero")
def client_overdue_amount(known: Known) -> Signal:
    """What the client owes on overdue invoices now, in their currency."""
    return in_units(total(known.derived(overdue), "owed", by="client_id"))


@feature(unit="days", group=BACKLOG, phrase="its oldest overdue invoice is {seen} over (usual: {usual})", missing="zero")
def client_oldest_overdue_days(known: Known) -> Signal:
    """Age of the client's oldest overdue invoice, in days after its due date."""
    return days_between(ordered(known.derived(overdue), "due", how="min", by="client_id"), NOW)


@feature(unit="count", group="relationship", phrase="invoices it has settled so far: {seen} (usual: {usual})", missing="zero")
def client_settled_count(known: Known) -> Signal:
    """How many invoices the client has settled: how much its record can be trusted."""
    return count(known.derived(settlements), by="client_id")


@feature(unit="count", group="relationship", phrase="invoices that went to it in the last 90 days: {seen} (usual: {usual})", missing="zero")
def client_invoices_90d(known: Known) -> Signal:
    """How many invoices went to the client in the last 90 days."""
    return count(known.derived(issued), by="client_id", days=90, event="issued")


@feature(unit="share", group="season", phrase="{seen} of all invoices the firm saw settled in 90 days were late (usual: {usual})")
def firm_late_rate_90d(known: Known) -> Signal:
    """Share of all invoices settled in the last 90 days that were late: is everybody slow just now?"""
    paid = known.derived(settlements)
    late, seen = (total(paid, "late", by=None, days=90, event="paid_at"), count(paid, by=None, days=90, event="paid_at"))
    return (late + _firm_late_rate(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


def _firm_late_rate(known: Known) -> Signal:
    paid, late_now = known.derived(settlements), known.derived(overdue)
    return _rate(total(paid, "late", by=None) + count(late_now, by=None), count(paid, by=None) + count(late_now, by=None))


def _rate(events: Signal, seen: Signal) -> Signal:
    """A share before there is anything to count is one half of one case: neither none nor certain."""
    return (events + 0.5) / (seen + 1.0)
