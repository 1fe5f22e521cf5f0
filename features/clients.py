"""Who the client is: how long we know it, how often it disputes."""

from features.feature import feature
from features.histories import disputes, issued, open_disputes
from features.signal import NOW, Signal, count, days_between, ordered
from records.known import Known

DISPUTES = "dispute record"

PRIOR_INVOICES = 10
"""Weight of the firm's own dispute rate in a client's: disputes are rare, so a client needs some ten invoices to speak for itself."""


@feature(unit="days", group="relationship", phrase="the first invoice to this client went out {seen} ago (usual: {usual})", missing="zero")
def client_tenure_days(known: Known) -> Signal:
    """Days since the client's first invoice."""
    return days_between(ordered(known.derived(issued), "issued", how="min", by="client_id"), NOW)


@feature(unit="share", group=DISPUTES, phrase="this client disputed {seen} of its invoices (usual: {usual})")
def client_dispute_rate(known: Known) -> Signal:
    """Share of the client's invoices that it disputed, drawn to the firm's own share while there are few."""
    return _shrunk(known, days=None)


@feature(unit="share", group=DISPUTES, phrase="in the last 365 days it disputed {seen} of its invoices (usual: {usual})")
def client_dispute_rate_365d(known: Known) -> Signal:
    """Share of the client's invoices of the last year that it disputed, drawn to the firm's own share while there are few."""
    return _shrunk(known, days=365)


@feature(unit="share", group=DISPUTES, phrase="{seen} of this project's invoices were disputed (usual: {usual})")
def project_dispute_rate(known: Known) -> Signal:
    """Share of the project's invoices that were disputed, drawn to the client's share while there are few."""
    opened, seen = count(known.derived(disputes), by="project_id"), count(known.derived(issued), by="project_id")
    return (opened + client_dispute_rate.compute(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


@feature(unit="count", group="relationship", phrase="invoices of this project that went out before: {seen} (usual: {usual})")
def project_invoices(known: Known) -> Signal:
    """How many invoices of the project had gone out: the first ones are where expectations meet."""
    return count(known.derived(issued), by="project_id")


@feature(unit="count", group=DISPUTES, phrase="open disputes with this client: {seen} (usual: {usual})", missing="zero")
def client_open_disputes(known: Known) -> Signal:
    """How many disputes with the client are not resolved."""
    return count(known.derived(open_disputes), by="client_id")


@feature(unit="share", group="season", phrase="{seen} of the firm's invoices of the last 90 days were disputed (usual: {usual})")
def firm_dispute_rate_90d(known: Known) -> Signal:
    """Share of all invoices of the last 90 days that were disputed: is something wrong with our billing just now?"""
    opened = count(known.derived(disputes), by=None, days=90, event="opened_at")
    return (opened + _firm_rate(known) * PRIOR_INVOICES) / (count(known.derived(issued), by=None, days=90, event="issued") + PRIOR_INVOICES)


def _shrunk(known: Known, *, days: int | None) -> Signal:
    opened = count(known.derived(disputes), by="client_id", days=days, event="opened_at")
    seen = count(known.derived(issued), by="client_id", days=days, event="issued")
    return (opened + _firm_rate(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


def _firm_rate(known: Known) -> Signal:
    """A share before there is anything to count is one half of one case: neither none nor certain."""
    return (count(known.derived(disputes), by=None) + 0.5) / (count(known.derived(issued), by=None) + 1.0)
