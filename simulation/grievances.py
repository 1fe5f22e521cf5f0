"""The words in which clients object, by the error that they found, or by their reason when they found none."""

from typing import Final

import polars as pl

from simulation.faults import KINDS

BY_FAULT: Final[dict[str, tuple[str, ...]]] = {
    "stale_rate": (
        "Rates are not those of the current agreement.",
        "You billed the old rate card, pls correct.",
        "hourly rate too high, see amendment",
    ),
    "wrong_grade": ("The colleague is not of the grade invoiced.", "Senior rate charged for consultant work."),
    "duplicate": ("Hours appear twice on this invoice.", "line is double, we pay only once"),
    "out_of_period": ("Contains hours from a period already closed.", "Time is outside the invoice period."),
    "over_cap": ("The agreed cap has been exceeded.", "Not-to-exceed amount reached, no approval for more."),
    "missing_po": ("No purchase order on invoice.", "PO number missing - returned unpaid"),
    "unapproved_expense": ("Expenses without approval are not reimbursed.", "Receipt missing for travel."),
    "vague_text": ("We cannot tell what the hours were for.", "Description insufficient, details needed."),
    "wrong_entity": ("Invoice comes from an entity we have no contract with.",),
    "milestone_unsigned": ("The milestone has not been accepted.", "Deliverable still under review, invoice premature."),
    "rounding": ("Totals do not match hours times rate.",),
    "split": ("Two invoices for one month, please issue one.",),
    "wrong_contact": ("Sent to a person who left us.",),
}
BY_REASON: Final[dict[str, str]] = {
    "PRI": "We do not agree with the price.",
    "QTY": "The hours seem high for what was done.",
    "REF": "Reference is not known to us.",
    "DEL": "We have not received everything.",
    "QUA": "Quality was not what we expected.",
    "OTH": "Please clarify before we pay.",
}


def dispute_text() -> pl.Expr:
    """From the columns fault (number, -1 for none), reason and project; one in nine clients says nothing."""
    number = pl.col("project") % 3
    text = pl.col("reason").replace_strict(BY_REASON, return_dtype=pl.String)
    for fault, kind in enumerate(KINDS):
        words = BY_FAULT[kind.name]
        said = (number % len(words)).replace_strict(dict(enumerate(words)), return_dtype=pl.String)
        text = pl.when(pl.col("fault") == fault).then(said).otherwise(text)
    return pl.when(pl.col("project") % 9 > 0).then(text)
