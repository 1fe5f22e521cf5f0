"""What the controls find on an invoice, counted by severity and summed by money. What a control checks is its own affair."""

from typing import Final

import polars as pl

from controls.catalog import findings_on_bills
from controls.control import LEVEL
from features.feature import feature
from features.histories import invoices
from features.signal import Signal, count, standing, total
from records.known import Facts, Known

FINDINGS: Final = "controls"


@feature(unit="count", group=FINDINGS, phrase="errors that controls find on it: {seen} (usual: {usual})", missing="zero")
def invoice_errors(known: Known) -> Signal:
    """How many findings of controls stand on the invoice that are wrong by the firm's or the client's own rules."""
    return count(known.derived(_grave), by="invoice_id")


@feature(unit="count", group=FINDINGS, phrase="warnings that controls give of it: {seen} (usual: {usual})", missing="zero")
def invoice_warnings(known: Known) -> Signal:
    """How many findings of controls stand on the invoice that are allowed, but likely to be asked about."""
    return count(known.derived(_light), by="invoice_id")


@feature(unit="percent", group=FINDINGS, phrase="what controls find makes {seen} of the invoice (usual: {usual})", missing="zero")
def invoice_findings_share(known: Known) -> Signal:
    """Money that controls find to be at stake on the invoice, over its amount; at most all of it."""
    money = total(known.derived(_on_invoices), "difference", by="invoice_id")
    return (money / standing(known.derived(invoices), "amount", by="invoice_id")).apply(lambda share: share.clip(0, 1))


def _on_invoices(known: Known) -> Facts:
    return known.derived(findings_on_bills).where(pl.col("invoice_id").is_not_null(), name="on_invoice")


def _grave(known: Known) -> Facts:
    return known.derived(_on_invoices).where(pl.col("severity") >= LEVEL["error"], name="grave")


def _light(known: Known) -> Facts:
    return known.derived(_on_invoices).where(pl.col("severity") < LEVEL["error"], name="light")
