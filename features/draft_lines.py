"""The lines of an invoice as a reviewer reads them, each with what it can be held against: one row a line and span of knowledge time.

All is as known when the span began: when the line came, was corrected, or its invoice was drafted, issued or corrected. Money is in the
invoice's currency, in engine units; shares are engine numbers (MONEY_SCALE is all).
"""

from typing import Final

import polars as pl

from features.billed_before import born, earlier_price, new_to_client, repeated
from features.drafted import drafted
from features.line_prices import assigned_roles, card_rates
from features.line_proofs import accepted, expense_proofs, recorded_time
from features.wordings import wording_rates
from records.known import ENTER, LEAVE, MONEY_SCALE, Facts, Known

_CENT: Final = MONEY_SCALE // 100
"""Ledgers round each line; a cent is no error."""
_MINUTES_IN_AN_HOUR: Final = 60
_MOST: Final = 2.0
"""Three times the agreed price is as far out as any: beyond it, somebody has mistaken a unit."""
_PRICED: Final = ("price", "agreed", "agreed_since", "own_role", "agreed_own", "earlier")


def judged(known: Known) -> Facts:
    """The drafted lines with what each can be held against.

    over_card, over_grade, price_rise: share over the agreed price, over that of the role the person has on the project, over the price of
    the invoice before. over_money: money over the agreed price. miscounted: share by which quantity x price misses the amount. again: the
    same was billed before (0 or 1). overlap: share of its days for which the person's same task was billed before. days_before: days from
    its end to the first day of the invoice's period. unrecorded: share of its hours without time on record. days_off: days by which its
    time on record lies outside its period. unapproved, unproven: an expense without approval, without receipt. unaccepted: a milestone that
    the client has not accepted. words: of its description. fresh: the person was never billed to the client before. hours: engine number.
    """
    lines = known.derived(drafted).frame.collect().with_row_index("place").with_columns(at=pl.col(ENTER))
    lines = born(known, lines)
    day = pl.coalesce("begins", "ends", "closes", "opens", pl.from_epoch(pl.col("at"), time_unit="us").dt.date())
    lines = lines.with_columns(day=day, hourly=(pl.col("unit") == "HUR").fill_null(value=False) & (pl.col("quantity") > 0))
    parts = (
        card_rates(known, lines),
        assigned_roles(known, lines),
        earlier_price(lines),
        repeated(lines),
        new_to_client(lines),
        recorded_time(known, lines),
        expense_proofs(known, lines),
        accepted(known, lines),
        wording_rates(known, lines),
    )
    for part in parts:
        lines = lines.join(part, on="place", how="left", maintain_order="left")
    told = lines.with_columns(**_held_against()).drop("place", "at", "day", "born")
    return Facts("judged_line", told.lazy().sort("invoice_id", "line_id", ENTER))


def _held_against() -> dict[str, pl.Expr]:
    quantity, price, net = pl.col("quantity"), pl.col("price"), pl.col("net")
    product = quantity * price / MONEY_SCALE
    other_role = (pl.col("own_role") != pl.col("role")).fill_null(value=False)
    off = (net - product).abs()
    time = pl.col("hourly")
    lacking = (quantity * _MINUTES_IN_AN_HOUR - pl.col("recorded") * MONEY_SCALE) / (quantity * _MINUTES_IN_AN_HOUR)
    return {
        "over_card": _share_over(price, pl.col("agreed"), when=time),
        "over_money": pl.when(time)
        .then(((price - pl.col("agreed")).clip(0) * (quantity / MONEY_SCALE)).round().cast(pl.Int64))
        .fill_null(0),
        "over_grade": _share_over(price, pl.col("agreed_own"), when=time & other_role),
        "price_rise": _share_over(price, pl.col("earlier"), when=time),
        "miscounted": _scaled(pl.when((off > _CENT) & (product.abs() > _CENT)).then(off / product.abs()).otherwise(0.0)),
        "days_before": (pl.col("opens") - pl.col("ends")).dt.total_days().clip(0).fill_null(0),
        "unrecorded": _scaled(pl.when(time).then(lacking.clip(0, 1)).otherwise(0.0)),
        "words": pl.col("description").str.count_matches(r"[\p{L}\p{N}]+").fill_null(0).cast(pl.Int64),
        "hours": pl.when(time).then(quantity).otherwise(0),
        "of_expenses": pl.when(pl.col("line_kind") == "expense").then(net).otherwise(0),
        "of_milestones": pl.when(pl.col("line_kind") == "milestone").then(net).otherwise(0),
        "of_fresh": pl.when(pl.col("fresh") == 1).then(net).otherwise(0),
        **{name: pl.col(name).fill_null(0) for name in ("again", "days_off", "unapproved", "unproven", "unaccepted", "fresh", "overlap")},
    }


def _share_over(price: pl.Expr, agreed: pl.Expr, *, when: pl.Expr) -> pl.Expr:
    return _scaled(pl.when(when & (agreed > 0)).then((price / agreed - 1).clip(0, _MOST)).otherwise(0.0))


def _scaled(share: pl.Expr) -> pl.Expr:
    return (share.fill_null(0.0) * MONEY_SCALE).round().cast(pl.Int64)


def heads(known: Known) -> Facts:
    """Invoices that are not cancelled: invoice_id, project_id, contract_id, legal_entity, currency, prepared_by, drafted (microseconds)."""
    take = ("client_id", "project_id", "contract_id", "legal_entity", "currency", "prepared_by", "kind")
    sold = known.facts("invoice", until=("cancelled_at",), take=(*take, "drafted_at")).where(pl.col("kind") == "invoice", name="sold")
    told = sold.frame.with_columns(drafted=pl.min_horizontal("drafted_at", ENTER).cum_min().over("invoice_id", order_by=ENTER))
    return Facts(sold.name, told.drop("drafted_at", "kind"))


def other_party(known: Known) -> Facts:
    """Invoices whose legal entity or currency is not the contract's."""
    contracts = known.facts("contract", take=("legal_entity", "currency")).frame.rename(
        {"legal_entity": "agreed_entity", "currency": "agreed"}
    )
    both = known.derived(heads).joined(Facts("contract", contracts), on="contract_id", take=("agreed_entity", "agreed"))
    differs = (pl.col("legal_entity") != pl.col("agreed_entity")) | (pl.col("currency") != pl.col("agreed"))
    return both.where(differs.fill_null(value=False), name="other_party")


SIBLING_DAYS: Final = 5
"""Drafts of one billing round are made within the week; those of the next month weeks later."""
_SIBLING: Final = SIBLING_DAYS * 86_400_000_000


def siblings(known: Known) -> Facts:
    """Pairs of invoices of one project drafted within SIBLING_DAYS of each other, by the first one's invoice_id."""
    mine = known.derived(heads).frame.filter(pl.col("project_id").is_not_null()).select("invoice_id", "project_id", "drafted", ENTER, LEAVE)
    firsts = mine.group_by("invoice_id", "project_id").agg(pl.col("drafted").min(), pl.col(ENTER).min(), pl.col(LEAVE).max())
    theirs = firsts.rename({"invoice_id": "other", "drafted": "then", ENTER: "came", LEAVE: "went"})
    near = (pl.col("other") != pl.col("invoice_id")) & ((pl.col("drafted") - pl.col("then")).abs() <= _SIBLING)
    pairs = mine.join(theirs, on="project_id").filter(near)
    spanned = pairs.with_columns(pl.max_horizontal(ENTER, "came").alias(ENTER), pl.min_horizontal(LEAVE, "went").alias(LEAVE))
    return Facts("sibling", spanned.filter(pl.col(ENTER) < pl.col(LEAVE)).select("invoice_id", "other", ENTER, LEAVE))
