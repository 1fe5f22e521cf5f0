"""Forbidden task: what the client has said it does not pay for."""

from typing import Final

import polars as pl

from controls.control import control
from controls.facts.guidelines import GUIDELINE, Terms, Tolerance
from controls.facts.work import work
from records.known import Facts, Known

CODES: Final = Tolerance("codes", "", "task codes, separated by commas", "Without a guideline nothing is forbidden.")
WORDS: Final = Tolerance("text", "", "words of a task or narrative, separated by commas", "Without a guideline nothing is forbidden.")


@control(entity="time_entry", severity="blocker", family="time", unit="text", rests_on="billing_guideline", tolerances=(CODES, WORDS))
def forbidden_task(known: Known, terms: Terms) -> Facts:
    """Time is charged for a task that the client does not pay for.

    Fires: an entry of code A101 for a client whose guideline names A101; a narrative with "training of own staff" where it names that.
    Silent: any other task; a client without such a guideline.
    Rests on: the client's guideline of this name.
    Clears: make the time not billable, or agree it with the client and record that.
    """
    ruled = terms.ruled(known.derived(work), day="worked_on")
    text = pl.concat_str("task", "narrative", separator=" ", ignore_nulls=True).str.to_lowercase()
    coded = pl.col("codes").str.split(",").list.eval(pl.element().str.strip_chars()).list.contains(pl.col("task_code"))
    said = pl.col("text").str.to_lowercase().str.split(",").list.eval(pl.element().str.strip_chars()).list
    return _with(ruled, coded=coded, text=text, said=said.drop_nulls())


def _with(ruled: Facts, *, coded: pl.Expr, text: pl.Expr, said: pl.Expr) -> Facts:
    """The entries whose code or whose text is forbidden; each word is looked for apart, so that rows stay few."""
    told = ruled.frame.with_columns(coded=coded.fill_null(value=False), body=text, each=said)
    spread = told.explode("each", empty_as_null=True, keep_nulls=True)
    hit = (pl.col("each").str.len_chars() > 0) & pl.col("body").str.contains(pl.col("each"), literal=True)
    named = spread.with_columns(worded=hit.fill_null(value=False)).filter(pl.col("coded") | pl.col("worded"))
    once = named.unique(["entry_id", "enter"], keep="first", maintain_order=True)
    found = pl.when("coded").then("task_code").otherwise("each")
    return Facts(ruled.name, once.with_columns(found=found, difference="value", rests_on_id=GUIDELINE))
