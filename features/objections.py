"""How readily a client, a project, a sector objects, and how often what a desk drafts is objected to; lately more than long ago.

What was found on an invoice (drafts.py) explains a part of the disputes. What is left over that is the client's strictness and the
project's mood: so disputes are counted against those that the flaws of the same invoices led to expect.
"""

from typing import Final

import polars as pl

from features.drafts import draft_flaws
from features.feature import feature
from features.histories import disputes, issued
from features.signal import Signal, count, ordered
from features.windows import AS_OF, Aggregate, aggregate
from records.known import DAY, ENTER, FOREVER, LEAVE, MONEY_SCALE, Facts, Known

RECORD: Final = "dispute record"
HALF_LIFE_DAYS: Final = 365
"""A client's ways change with its people, in a year or two."""
MOOD_HALF_LIFE_DAYS: Final = 180
"""A project's mood changes faster: it has one for some months."""
PRIOR_DISPUTES: Final = 1.0
"""Disputes that are added to both sides of a comparison: one that was and one that was to be expected."""
PRIOR_INVOICES: Final = 20
"""Weight of the firm's own rate in that of a sector or a desk, which is nearly the same."""
SECTOR_DAYS: Final = 180
_MOST_FLAWS: Final = 2
"""Two flaws and more are rare enough to be one kind."""
_PRIOR_OF_KIND: Final = 20


@feature(unit="ratio", group=RECORD, phrase="it disputed {seen} times as much as its invoices gave reason to (usual: {usual})")
def client_objects(known: Known) -> Signal:
    """The client's disputes over those that the flaws of its invoices led to expect, those of a year ago counting half."""
    return _over_expected(known, by="client_id", days=HALF_LIFE_DAYS)


@feature(
    unit="ratio", group=RECORD, phrase="this project's invoices were disputed {seen} times as much as they gave reason to (usual: {usual})"
)
def project_objects(known: Known) -> Signal:
    """The project's disputes over those that the flaws of its invoices led to expect, those of half a year ago counting half."""
    return _over_expected(known, by="project_id", days=MOOD_HALF_LIFE_DAYS)


@feature(unit="share", group="desk", phrase="of what was drafted at the same desk {seen} was disputed (usual: {usual})")
def desk_dispute_rate(known: Known) -> Signal:
    """Share of the invoices drafted by whoever drafted this one that were disputed, those of a year ago counting half."""
    opened = _recent(known.across(opened_on), by="prepared_by", days=HALF_LIFE_DAYS, event="opened_at")
    seen = _recent(known.across(expected), by="prepared_by", days=HALF_LIFE_DAYS, event="issued")
    return (opened + _firm_rate(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


@feature(unit="share", group="season", phrase="{seen} of the sector's invoices were disputed in the last 180 days (usual: {usual})")
def sector_dispute_rate_180d(known: Known) -> Signal:
    """Share of the invoices to clients of the same sector in the last 180 days that were disputed, drawn to the firm's own."""
    opened = count(known.across(opened_on), by="segment", days=SECTOR_DAYS, event="opened_at")
    seen = count(known.across(expected), by="segment", days=SECTOR_DAYS, event="issued")
    return (opened + _firm_rate(known) * PRIOR_INVOICES) / (seen + PRIOR_INVOICES)


@feature(
    unit="count", group="client's rules", phrase="billing rules that the client has written down: {seen} (usual: {usual})", missing="zero"
)
def client_billing_rules(known: Known) -> Signal:
    """How many rules for invoices the client has laid down: who writes them down also checks them."""
    return count(known.facts("billing_guideline", take=("client_id",)), by="client_id")


@feature(unit="count", group="contract", phrase="amendments of the contract in the last 180 days: {seen} (usual: {usual})", missing="zero")
def contract_amendments_180d(known: Known) -> Signal:
    """How many amendments of the contract came on record in the last 180 days: what was agreed anew may not have reached the draft."""
    return count(known.facts("contract_amendment", take=("contract_id",)), by="contract_id", days=SECTOR_DAYS)


@feature(unit="days", group="timing", phrase="it has been out for {seen} without objection (usual: {usual})", missing="zero")
def invoice_days_out(known: Known) -> Signal:
    """Days since the invoice was issued; nought for a draft."""
    since = ordered(known.derived(issued), "issued", how="min", by="invoice_id")
    return Signal((pl.col(AS_OF) - since.value) / DAY, since.aggregates).apply(lambda days: days.clip(lower_bound=0))


def expected(known: Known) -> Facts:
    """Invoices from their issue on, once each.

    Columns: client_id, project_id, prepared_by, segment, kind (flaws on it then), issued, one, and `expected` disputes (engine number):
    the share of earlier invoices with as many flaws that was disputed.
    """
    rows = known.derived(issued).frame.sort("invoice_id", ENTER).unique("invoice_id", keep="first", maintain_order=True)
    sent = rows.select("invoice_id", "client_id", "project_id", "contract_id", "issued", pl.col(ENTER).alias(AS_OF)).collect()
    flaws = draft_flaws.compute(known)
    told = aggregate(sent, list(flaws.aggregates)).with_columns(kind=flaws.value.fill_null(0).clip(0, _MOST_FLAWS).cast(pl.Int64))
    named = desks(known, told.select("invoice_id", "client_id", "project_id", "issued", "kind", AS_OF), at=AS_OF)
    held = named.with_columns(pl.col(AS_OF).alias(ENTER), pl.lit(FOREVER).alias(LEAVE), one=pl.lit(MONEY_SCALE, pl.Int64))
    sent_of_kind = Facts("sent", held.select("kind", ENTER, LEAVE).lazy())
    met = (
        known.derived(disputes)
        .frame.select("invoice_id", ENTER, LEAVE)
        .collect()
        .join(held.select("invoice_id", "kind", AS_OF), on="invoice_id")
    )
    disputed = Facts("opened", met.filter(pl.col(AS_OF) <= pl.col(ENTER)).drop(AS_OF).lazy())
    counts = {
        (what, by): Aggregate(facts, "sum", None, by)
        for what, facts in (("sent", sent_of_kind), ("opened", disputed))
        for by in ("kind", None)
    }
    found = aggregate(held, list(counts.values()))
    column = {of: pl.col(one.name).fill_null(0) for of, one in counts.items()}
    firm = (column["opened", None] + 0.5) / (column["sent", None] + 1)
    rate = (column["opened", "kind"] + firm * _PRIOR_OF_KIND) / (column["sent", "kind"] + _PRIOR_OF_KIND)
    kept = found.with_columns(expected=(rate.clip(0, 1) * MONEY_SCALE).round().cast(pl.Int64)).drop(one.name for one in counts.values())
    return Facts("expected", kept.drop(AS_OF).lazy())


def opened_on(known: Known) -> Facts:
    """Disputes of issued invoices with their prepared_by and segment; `one` is an engine number."""
    sent = known.across(expected).frame.select("invoice_id", "prepared_by", "segment", sent=pl.col(ENTER))
    told = known.derived(disputes).frame.join(sent, on="invoice_id").filter(pl.col("sent") <= pl.col(ENTER))
    return Facts("opened_on", told.drop("sent").with_columns(one=pl.lit(MONEY_SCALE, pl.Int64)))


def desks(known: Known, rows: pl.DataFrame, *, at: str) -> pl.DataFrame:
    """The rows with `prepared_by` of the invoice and `segment` of its client, as known at their instant `at`, by invoice and instant."""
    found = rows.sort(at)
    for table, key, column in (("invoice", "invoice_id", "prepared_by"), ("client", "client_id", "segment")):
        held = known.facts(table, take=(column,)).frame.select(key, column, since=pl.col(ENTER)).sort("since", column).collect()
        found = found.join_asof(held, left_on=at, right_on="since", by=key, check_sortedness=False).drop("since")
    return found.sort("invoice_id", at)


def _over_expected(known: Known, *, by: str, days: int) -> Signal:
    opened = _recent(known.across(opened_on), by=by, days=days, event="opened_at")
    awaited = _recent(known.across(expected), of="expected", by=by, days=days, event="issued")
    return (opened + PRIOR_DISPUTES) / (awaited + PRIOR_DISPUTES)


def _recent(facts: Facts, *, by: str, days: int, event: str, of: str = "one") -> Signal:
    found = ordered(facts, of, how="forgetting", by=by, days=days, event=event) / MONEY_SCALE
    return found.apply(lambda value: value.fill_null(0.0))


def _firm_rate(known: Known) -> Signal:
    return (count(known.across(opened_on), by=None) + 0.5) / (count(known.across(expected), by=None) + 1.0)
