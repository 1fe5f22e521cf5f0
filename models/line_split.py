"""A draft's probability split over its lines, each with what is amiss with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from features.line_signals import SIGNALS, lines_at, log_money, sayings, signals
from models.estimators.line_blame import LineBlame
from models.finding import Evidence, LinePart, Reason
from records.known import MONEY_SCALE, Known

ON_LINES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "price": ("over_card", "price_rise"),
        "grade": ("over_grade",),
        "arithmetic": ("miscounted",),
        "billed twice": ("again", "overlap"),
        "period": ("days_off", "days_before"),
        "time on record": ("unrecorded",),
        "wording": ("wording_rate",),
        "expenses": ("unapproved", "unproven", "wording_rate"),
        "acceptance": ("unaccepted",),
    }
)
"""Group of a reason -> what on a line it speaks of, the clearest first."""
_SHOWN: Final = 12
"""Lines in the table of evidence: as many as fit on a page beside it; the rest is told in one row."""
_PLACE: Final = Decimal("0.01")


class LineSplit:
    """The lines of some invoices (their ids) as known at one instant."""

    def __init__(self, known: Known, blame: LineBlame | None, *, as_of: datetime, invoices: pl.Series) -> None:
        lines = lines_at(known, as_of, invoices=invoices)
        invoice = lines["invoice_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
        shares = (blame or LineBlame.of_money(SIGNALS)).shares(signals(lines), log_money(lines), invoice)
        weights = dict(zip(SIGNALS, blame.weights if blame else np.zeros(len(SIGNALS)), strict=True))
        told = lines.select("invoice_id", "line_id", "line_no", "description", "line_kind", "net").to_dicts()
        self._parts: dict[str, list[LinePart]] = {}
        self._sayings: dict[str, list[tuple[int, dict[str, float], dict[str, str]]]] = {}
        sizes = lines.select(SIGNALS).to_dicts()
        for row, share, said, size in zip(told, shares, sayings(lines), sizes, strict=True):
            why = max(said, key=lambda name: (weights[name], -SIGNALS.index(name)), default="")
            part = LinePart(
                line_id=row["line_id"],
                line_no=row["line_no"],
                what=row["description"] or row["line_kind"],
                amount=(Decimal(row["net"]) / MONEY_SCALE).quantize(_PLACE),
                share=float(share),
                probability=None,
                why=said.get(why, ""),
            )
            self._parts.setdefault(row["invoice_id"], []).append(part)
            self._sayings.setdefault(row["invoice_id"], []).append((row["line_no"], size, said))

    def parts(self, invoice_id: str, probability: float | None) -> tuple[LinePart, ...]:
        """The invoice's lines, the likeliest to be objected to first; their probabilities add up to the invoice's."""
        held = sorted(self._parts.get(invoice_id, ()), key=lambda part: (-part.share, part.line_no, part.line_id))
        return tuple(replace(part, probability=None if probability is None else probability * part.share) for part in held)

    def placed(self, reasons: Sequence[Reason], invoice_id: str) -> tuple[Reason, ...]:
        """The reasons; one that speaks of what stands on a line names that line."""
        return tuple(replace(one, text=self._on_line(one, invoice_id) or one.text) if one.raises else one for one in reasons)

    def _on_line(self, reason: Reason, invoice_id: str) -> str:
        for signal in ON_LINES.get(reason.code, ()):
            told = [(size[signal], -number, said[signal]) for number, size, said in self._sayings.get(invoice_id, ()) if signal in said]
            if told:
                _, number, clause = max(told)
                return f"Line {-number}: {clause}."
        return ""


def as_evidence(parts: Sequence[LinePart], *, currency: str, source: str) -> Evidence | None:
    """The lines as a small table; None for an invoice without lines on record."""
    if not parts:
        return None
    rows = [(str(one.line_no), one.what, f"{currency} {one.amount:,.2f}", _share(one), one.why) for one in parts[:_SHOWN]]
    rest = parts[_SHOWN:]
    if rest:
        share = sum(one.share for one in rest)
        money = sum((one.amount for one in rest), Decimal(0))
        rows.append(("", f"{len(rest)} more lines", f"{currency} {money:,.2f}", f"{share:.0%}", ""))
    columns = ("Line", "What", "Amount", "Share of the likelihood", "What is amiss")
    return Evidence("Its lines, the likeliest to be objected to first", columns, tuple(rows), source)


def _share(part: LinePart) -> str:
    return f"{part.share:.0%}"
