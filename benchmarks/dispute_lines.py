"""Judge dispute on a simulated firm in one process: scores of its drafts, whether reasons name the true cause, and lines the true line.

  python -m benchmarks.dispute_lines FIRM HOME --trained 2025-03-31 --scores scores.parquet 2025-04-05 2025-04-08 ...

FIRM holds the firm's truth/, HOME the lake that it was imported into. The score file is read by benchmarks.quality. A cause is an error
that the simulator put on a draft; of several, the one whose repair lowers the probability most. What was measured is in docs/quality.md.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.frame import build
from features.line_signals import SIGNALS
from features.windows import AS_OF
from models.catalog import risk_named
from models.estimators.adapted import Model
from models.estimators.line_blame import LineBlame
from models.finding import LinePart, Reason
from models.line_split import LineSplit
from models.reasons import RAISING_MOST, put_to_parts, reasons
from models.spine import at_instants
from plumbline.workflow import SCORE_COLUMNS
from records.intake import LAKE
from records.known import MONEY_SCALE, Known, instant_of, micros
from records.lake import Lake
from training.fit import fit, matrix, rows_of
from training.history import history
from training.line_blame import fit_line_blame

Floats = NDArray[np.float64]

DISPUTE: Final = risk_named("dispute")
CAPACITY: Final = 0.10
"""Share of a week's drafts that a reviewer looks at."""
TOLD_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "stale_rate": frozenset({"price"}),
        "wrong_grade": frozenset({"grade"}),
        "duplicate": frozenset({"billed twice", "time on record"}),
        "out_of_period": frozenset({"period", "billed twice"}),
        "over_cap": frozenset({"cap"}),
        "missing_po": frozenset({"reference"}),
        "unapproved_expense": frozenset({"expenses", "wording"}),
        "vague_text": frozenset({"wording"}),
        "wrong_entity": frozenset({"party"}),
        "milestone_unsigned": frozenset({"acceptance"}),
        "rounding": frozenset({"arithmetic"}),
        "split": frozenset({"split"}),
    }
)
"""Error -> groups of reasons that tell of it. A wrong contact leaves no trace in the records, so it is not asked for."""


@dataclass(frozen=True)
class Drafts:
    """Drafts when first scored: `rows` with their likelihood, reasons and parts, one a row."""

    rows: pl.DataFrame
    probability: Floats
    reasons: list[tuple[Reason, ...]]
    parts: list[tuple[LinePart, ...]]
    by_money: list[tuple[LinePart, ...]]


def drafts(lake: Lake, *, trained: datetime, days: list[datetime]) -> Drafts:
    """Train on what was decided by `trained`, score each draft on the first of `days` on which it is there.

    Without a model the rule stands in, and there are no reasons.
    """
    target = DISPUTE.decided_by
    past = history(lake, DISPUTE, until=max(days))
    model = fit(rows_of(past.labelled(target, at=trained), DISPUTE), DISPUTE, target.rule)
    blame = fit_line_blame(Known(lake, until=trained))
    known = past.known
    spine = at_instants(known, DISPUTE, days).filter(pl.col("stage") == "draft").sort(AS_OF, "invoice_id")
    rows = build(known, spine.unique("invoice_id", keep="first", maintain_order=True), list(DISPUTE.computed))
    values = matrix(rows, DISPUTE.features)
    first = matrix(past.frame.filter(pl.col(AS_OF) <= micros(trained)), DISPUTE.features)
    usual = {
        one.name: float(np.nanmedian(column)) for one, column in zip(DISPUTE.features, first.T, strict=True) if not np.isnan(column).all()
    }
    said: list[tuple[Reason, ...]] = _reasons(model, values, usual, rows) if model else [() for _ in range(rows.height)]
    probability = model.probability(values) if model else rows[target.rule.name].to_numpy()
    return Drafts(
        rows,
        probability,
        said,
        list(_parts(known, blame, rows, probability)),
        list(_parts(known, LineBlame.of_money(SIGNALS), rows, probability)),
    )


def _reasons(model: Model, values: Floats, usual: Mapping[str, float], rows: pl.DataFrame) -> list[tuple[Reason, ...]]:
    moved = put_to_parts(DISPUTE, values, model.contributions(values))
    instants = [datetime.fromtimestamp(micro / 1e6, UTC) for micro in rows[AS_OF]]
    told = zip(values, moved, instants, strict=True)
    return [reasons(DISPUTE, one, by, usual=usual, currency="", as_of=as_of) for one, by, as_of in told]


def _parts(known: Known, blame: LineBlame, rows: pl.DataFrame, probability: Floats) -> Iterator[tuple[LinePart, ...]]:
    placed = rows.select("invoice_id", AS_OF, p=pl.Series(probability))
    for (at,), drafted in placed.group_by(AS_OF, maintain_order=True):
        split = LineSplit(known, blame, as_of=_instant(int(str(at))), invoices=drafted["invoice_id"])
        yield from (split.parts(invoice, likely) for invoice, likely in drafted.select("invoice_id", "p").iter_rows())


def _instant(micros: int) -> datetime:
    found = pl.Series([micros]).cast(pl.Datetime("us", "UTC")).item()
    if not isinstance(found, datetime):
        raise TypeError(f"{micros} is no instant")
    return found


def causes(firm: Path) -> pl.DataFrame:
    """By invoice_id: `kind` and `line` of the error whose repair lowers the probability of a dispute most, and by how much (`less`)."""
    told = pl.read_parquet(firm / "truth" / "fault.parquet").filter(pl.col("kind").is_in(list(TOLD_BY)))
    ranked = told.with_columns(less=pl.col("p_dispute") - pl.col("p_dispute_repaired")).sort("less", "kind", "invoice_id")
    return ranked.unique("invoice_id", keep="last").select("invoice_id", "kind", "less", line="line_id")


def told(found: Drafts, firm: Path) -> pl.DataFrame:
    """Drafts with an error.

    Columns: `kind`, `named` (its reason is among the first three), `first` and `first_by_money` (null without a line), `within` (the draft
    is within capacity of its week).
    """
    week = (found.rows[AS_OF] - 1) // (7 * 86_400_000_000)
    scored = found.rows.select("invoice_id").with_row_index("place").with_columns(week, pl.Series("p", found.probability))
    ranked = scored.with_columns(within=pl.col("p").rank("ordinal", descending=True).over(AS_OF) <= pl.len().over(AS_OF) * CAPACITY)
    both = ranked.join(causes(firm), on="invoice_id").sort("place")
    rows = both.to_dicts()
    return both.with_columns(
        named=pl.Series([_names(found.reasons[row["place"]], row["kind"]) for row in rows], dtype=pl.Boolean),
        first=pl.Series([_first(found.parts[row["place"]], row["line"]) for row in rows], dtype=pl.Boolean),
        first_by_money=pl.Series([_first(found.by_money[row["place"]], row["line"]) for row in rows], dtype=pl.Boolean),
    )


def _names(said: tuple[Reason, ...], kind: str) -> bool:
    raising = [one.code for one in said if one.raises][:RAISING_MOST]
    return not TOLD_BY[kind].isdisjoint(raising)


def _first(parts: tuple[LinePart, ...], line: str | None) -> bool | None:
    """Whether the line, or the copy of it, stands first; None on an invoice of one line, where any order is right."""
    if line is None or len(parts) < 2 or line not in {one.line_id for one in parts}:  # noqa: PLR2004
        return None
    return parts[0].line_id in {line, f"{line}-D"}


def summary(found: pl.DataFrame) -> str:
    """As Markdown."""
    lines = [
        "| error on the draft | drafts | cause among three reasons | its line first | the largest line |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    groups = [("any", found), ("any, within capacity", found.filter("within"))]
    groups += [(kind, found.filter(pl.col("kind") == kind)) for kind in sorted(found["kind"].unique())]
    for name, rows in groups:
        shares = [rows[column].mean() for column in ("named", "first", "first_by_money")]
        lines.append(
            "| " + " | ".join([name, f"{rows.height:,}", *(f"{one:.2f}" if isinstance(one, float) else "–" for one in shares)]) + " |"
        )
    return "\n".join(lines)


def scores(found: Drafts) -> pl.DataFrame:
    """In the form of `plumbline score --output`, as far as benchmarks.quality reads it."""
    share = pl.col(DISPUTE.stake_share.name) if DISPUTE.stake_share else pl.lit(1.0)
    rows = found.rows.select(
        kind=pl.lit("risk"),
        risk=pl.lit(DISPUTE.name),
        entity_id="invoice_id",
        as_of=pl.from_epoch(AS_OF, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        probability=pl.Series(found.probability),
        amount_at_stake=pl.col(DISPUTE.stake) / MONEY_SCALE * share,
        currency="currency",
    )
    return rows.with_columns(pl.lit(None).cast(pl.String).alias(name) for name in SCORE_COLUMNS if name not in rows.columns)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dispute_lines.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firm", type=Path, metavar="FIRM", help="folder of a simulated firm, with truth/ below it")
    parser.add_argument("home", type=Path, metavar="HOME", help="folder that it was imported into")
    parser.add_argument("--trained", type=date.fromisoformat, required=True, help="last day of what is learned from")
    parser.add_argument("--scores", type=Path, required=True, metavar="FILE", help="where to write the scores, a .parquet")
    parser.add_argument("days", type=date.fromisoformat, nargs="+", metavar="DAY", help="days on whose end drafts are scored")
    asked = parser.parse_args(given)
    found = drafts(Lake(asked.home / LAKE), trained=instant_of(asked.trained), days=[instant_of(day) for day in asked.days])
    scores(found).write_parquet(asked.scores)
    print(summary(told(found, asked.firm)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
