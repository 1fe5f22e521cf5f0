"""Changes to contracts as text: twelve kinds, in varied words, recorded weeks after they were agreed. Two of them change what is billed."""

import json
from typing import Final

import numpy as np
import polars as pl

from simulation.days import NEVER
from simulation.draws import Ints
from simulation.naming import named
from simulation.plan import Plan
from simulation.projects import contract_id

KINDS: Final = (
    "rates", "cap", "purchase_order", "term", "payment_terms", "scope", "entity", "rebate", "expenses", "approval", "staffing", "invoicing",
)  # fmt: skip
WEIGHTS: Final = (0.30, 0.08, 0.12, 0.14, 0.06, 0.10, 0.02, 0.04, 0.05, 0.03, 0.03, 0.03)
RATES, PURCHASE_ORDER = 0, 2
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "rates": (
        "With effect from {day} the hourly rates of the schedule are reduced by {percent} per cent.",
        "The parties agree that from {day} a rebate of {percent} % applies to all rates on the current card.",
        "Effective {day}, bill rates will be {percent}% below those listed in Annex B.",
    ),
    "cap": ("The not-to-exceed amount is raised by {percent} per cent as of {day}.", "From {day} the cap grows by {percent} %."),
    "purchase_order": ("From {day} invoices must quote order PO-{number}.", "The purchase order is replaced by PO-{number} as of {day}."),
    "term": (
        "The term is extended by {percent} weeks from {day}.",
        "This agreement is prolonged; the new end lies {percent} weeks after {day}.",
    ),
    "payment_terms": (
        "From {day} invoices fall due {percent} days after receipt.",
        "Payment terms change to {percent} days net as of {day}.",
    ),
    "scope": ("As of {day} the scope includes work package {number}.", "Change request {number} is accepted, effective {day}."),
    "entity": ("From {day} invoices are issued by the affiliate named in exhibit {number}.",),
    "rebate": ("A volume rebate of {percent} % is granted once yearly fees pass the threshold, from {day}.",),
    "expenses": (
        "Travel is charged at cost up to {percent} per cent of fees from {day}.",
        "As of {day} expenses above {percent} % of fees need consent.",
    ),
    "approval": ("From {day} time above {percent} hours a week needs prior approval by the client.",),
    "staffing": ("Key person {number} may be replaced from {day} with two weeks' notice.",),
    "invoicing": ("From {day} invoices are sent through portal {number} with time records attached.",),
}
AGREED_BEFORE: Final = (3, 60)
"""Days between the effective day, on which it was agreed by mail, and the signature that makes it known."""


def amendments(plan: Plan, contracts: pl.DataFrame) -> pl.DataFrame:
    """One row an amendment: contract, seq, kind, effective, signed, percent, number."""
    number_of = plan.draws.pick((0.62, 0.24, 0.10, 0.04), "amendment.count", contracts["contract"].to_numpy())
    rows = (
        contracts.select("contract", "starts", "ends", seq=pl.int_ranges(1, pl.lit(pl.Series(number_of)) + 1))
        .explode("seq")
        .drop_nulls("seq")
    )
    key = (rows["contract"].to_numpy(), rows["seq"].to_numpy().astype(np.int64))
    draws, span = plan.draws, (rows["ends"] - rows["starts"]).to_numpy()
    effective = rows["starts"].to_numpy() + np.round(span * draws.between(0.15, 0.8, "amendment.effective", *key)).astype(np.int64)
    kind = draws.pick(WEIGHTS, "amendment.kind", *key)
    found = rows.with_columns(
        seq=pl.lit(pl.Series(key[1])),
        kind=pl.lit(pl.Series(kind)),
        effective=pl.lit(pl.Series(effective)),
        signed=pl.lit(pl.Series(effective + draws.whole(*AGREED_BEFORE, "amendment.signed", *key))),
        percent=pl.lit(pl.Series(draws.whole(3, 12, "amendment.percent", *key))),
        number=pl.lit(pl.Series(draws.whole(100_000, 999_999, "amendment.number", *key))),
    )
    return found.sort("contract", "effective", "seq").with_columns(seq=pl.int_range(1, pl.len() + 1).over("contract"))


def rate_cuts(contracts: pl.DataFrame, found: pl.DataFrame) -> tuple[Ints, pl.Series]:
    """By contract: the day from which its rates are cut (NEVER for none) and the factor of its first such amendment."""
    first = found.filter(pl.col("kind") == RATES).group_by("contract", maintain_order=True).agg(pl.col("effective", "percent").first())
    joined = contracts.select("contract").join(first, on="contract", how="left", maintain_order="left")
    return joined["effective"].fill_null(NEVER).to_numpy(), 1 - joined["percent"].fill_null(0) / 100


def orders(found: pl.DataFrame) -> pl.DataFrame:
    """The purchase orders that replaced a contract's: contract, number, signed."""
    return found.filter(pl.col("kind") == PURCHASE_ORDER).select("contract", "number", "signed")


def export_amendments(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        "seq",
        amendment_id=named("N{}-{}", "contract", "seq"),
        contract_id=contract_id("contract"),
        signed_on="signed",
        effective_on="effective",
        text=pl.Series([_text(row) for row in found.iter_rows(named=True)], dtype=pl.String),
        changes=pl.Series([_changes(row) for row in found.iter_rows(named=True)], dtype=pl.String),
    )


def _text(row: dict[str, int]) -> str:
    words = WORDS[KINDS[row["kind"]]]
    chosen = words[row["number"] % len(words)]
    return chosen.format(day=np.datetime64(row["effective"], "D"), percent=row["percent"], number=row["number"])


def _changes(row: dict[str, int]) -> str | None:
    """What the register notes beside the text; half of the amendments are only text."""
    if row["number"] % 2:
        return None
    return json.dumps(
        [{"field": KINDS[row["kind"]], "old": None, "new": row["number"] if row["kind"] == PURCHASE_ORDER else row["percent"]}]
    )
