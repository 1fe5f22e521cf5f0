"""Client format rule: what a client's portal refuses before a person reads it."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.bills import bills
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from records.known import Facts, Known

FIELDS: Final = ("po_ref", "number", "legal_entity", "due_on", "period_start_on", "period_end_on", "tax_amount")
"""What a rule may be about."""
FIELD: Final = Tolerance(
    "field",
    "po_ref",
    "one of po_ref, number, legal_entity, due_on, period_start_on, period_end_on, tax_amount",
    "The order number is what portals look at first.",
)
PATTERN: Final = Tolerance(
    "pattern", ".+", "regular expression for the whole of it", "A rule without a pattern asks that something is there."
)


@control(entity="invoice", severity="blocker", family="head", unit="text", rests_on="billing_guideline", tolerances=(FIELD, PATTERN))
def client_format_rule(known: Known, terms: Terms) -> Facts:
    """A bill does not have the form that the client's portal takes.

    Fires: order "PO-7" where the client's guideline says `45[0-9]{8}`; no due date where it asks for one.
    Silent: a field that fits; a client without such a guideline; a number that is given only when the bill is issued.
    Rests on: the client's guideline of this name.
    Clears: write the field as the client takes it.
    """
    told, named = known.derived(bills), terms.subjects(FIELD.name)
    asked = [told.frame.with_columns(value=pl.col(name).cast(pl.String), field=pl.lit(name)) for name in FIELDS if name in named]
    if not asked:
        return Facts(told.name, told.frame.filter(pl.lit(value=False)))
    ruled = terms.each(Facts(told.name, pl.concat(asked)), day="drafted_on", about=FIELD.name)
    given = ruled.frame.filter((pl.col("field") != "number") | pl.col("value").is_not_null()).collect()
    # Each pattern is looked for by itself: the engine takes no column of them. One that cannot be read says nothing of what is there.
    fits = [pl.lit(value=False)]
    for pattern in given["pattern"].unique().sort():
        whole = pl.col("value").str.contains(f"^(?:{pattern})$", strict=False).fill_null(pl.col("value").is_not_null())
        fits.append((pl.col("pattern") == pattern) & whole)
    found = given.lazy().filter(~pl.any_horizontal(fits))
    return Facts(
        ruled.name,
        found.with_columns(
            expected=pl.concat_str("field", "pattern", separator=": "),
            found="value",
            difference="net_amount",
            rests_on_id=GUIDELINE,
            period="field",
        ),
    )
