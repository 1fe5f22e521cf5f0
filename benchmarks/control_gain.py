"""What the counts of findings add to dispute: the same rows, learned from with them and without them, judged by the true probability.

  python -m benchmarks.control_gain WORK [--firms hurdle=201,202] [--people 80] [--months 24] [--page docs/controls_measured.md]

WORK holds the firms that benchmarks.firms made, or is where they are made. Of several seeds the first firm is judged and all are learned
from, each until the same day. No shipped prior stands beside, since it was learned with the counts. A draft counts once, when it is first
scored; the interval draws clients. The second pair leaves out all that dispute reads off the draft's own lines, which hold most of what
controls say: it is what the counts are worth where nothing else looks at a draft.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from benchmarks.controls import marked
from benchmarks.learned import INSTANTS, Firm, made
from benchmarks.soft_labels import METRICS, Floats, Rows, Scorer, measure
from features import drafts, findings
from features.feature import Feature
from features.frame import build
from features.windows import AS_OF
from models.catalog import risk_named
from models.risk import Risk
from models.spine import at_instants
from records.known import Known, instant_of
from simulation.plan import Plan
from training.fit import fit, matrix, rows_of
from training.history import history
from training.metrics import interval

FIRMS: Final = ("additive=101", "hurdle=201,202,203,204")
"""Of the seeds that nothing in this repository is built on. Small firms with a hurdle have too few disputes to learn from one alone."""
DISPUTE: Final = risk_named("dispute")
CAPACITY: Final = 0.10
DRAWS: Final = 300
COUNTS: Final = (findings.invoice_errors, findings.invoice_warnings, findings.invoice_findings_share)
LINES: Final = tuple(one for one in DISPUTE.features if vars(drafts).get(one.name) is one)
"""What dispute reads off the draft itself."""
PAIRS: Final[Mapping[str, tuple[tuple[Feature, ...], tuple[Feature, ...]]]] = MappingProxyType(
    {"beside all other features": ((), COUNTS), "beside what does not look at the draft's lines": (LINES, (*LINES, *COUNTS))}
)
"""What is left out with the counts in, and without them."""
BEGINS, ENDS = "<!-- gain: made by benchmarks.control_gain -->", "<!-- gain: end -->"


@dataclass(frozen=True)
class Gain:
    """AUC with the counts and without them, and the difference with its draws over clients."""

    firm: str
    beside: str
    drafts: int
    clients: int
    outcomes: int
    """Disputed invoices learned from."""
    within: float
    without: float
    less: float
    drawn: Floats


def gains(firms: list[Firm]) -> Iterator[Gain]:
    """The first firm's gains, one for each of PAIRS; all are learned from."""
    firm = firms[0]
    for one in firms:
        made(one)
    instants = list(INSTANTS["dispute"](firm))
    learned = pl.concat(_learned(one) for one in firms)
    known = Known(firm.lake, until=max(instants))
    spine = at_instants(known, DISPUTE, instants).filter(pl.col("stage") == "draft").sort(AS_OF, "invoice_id")
    first = build(known, spine.unique("invoice_id", keep="first", maintain_order=True), list(DISPUTE.computed))
    truth = pl.read_parquet(firm.tables / "truth" / "invoice.parquet").filter(~pl.col("cancelled")).select("invoice_id", "p_dispute")
    scored = first.join(truth, on="invoice_id", maintain_order="left")
    week = (scored[AS_OF] - 1) // (7 * 86_400_000_000)
    rows = Rows(
        scored["p_dispute"].to_numpy(), np.ones(scored.height), week.rank("dense").cast(pl.Int64).to_numpy(), _clusters(scored["client_id"])
    )
    for beside, left_out in PAIRS.items():
        scorers = [Scorer(str(place), _probability(learned, scored, without(out)), likelihood=True) for place, out in enumerate(left_out)]
        found = measure(rows, scorers, capacity=CAPACITY, draws=DRAWS)
        auc = METRICS.index("auc")
        less, drawn = found.less("auc", 0, 1)
        disputed = rows_of(learned, DISPUTE)
        counted = (scored.height, scored["client_id"].n_unique(), len(np.unique(disputed.entities[disputed.labels > 0])))
        yield Gain(firm.name, beside, *counted, found.values[0, auc], found.values[1, auc], less, drawn)


def _learned(firm: Firm) -> pl.DataFrame:
    """The rows of a firm with what was decided by the day until which it is learned from; names tell firms apart."""
    until = instant_of(firm.learned_until)
    rows = history(firm.lake, DISPUTE, until=until).labelled(DISPUTE.decided_by, at=until)
    return rows.with_columns(pl.concat_str(pl.lit(f"{firm.name}-"), name).alias(name) for name in (DISPUTE.key, DISPUTE.cluster))


def without(features: tuple[Feature, ...]) -> Risk:
    """Dispute without some of its features."""
    return replace(DISPUTE, uses=tuple(use for use in DISPUTE.uses if use.feature not in features), spread=None)


def _probability(learned: pl.DataFrame, scored: pl.DataFrame, risk: Risk) -> Floats:
    model = fit(rows_of(learned, risk), risk, risk.decided_by.rule)
    return model.probability(matrix(scored, risk.features)) if model else scored[risk.decided_by.rule.name].to_numpy()


def _clusters(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return column.rank("dense").cast(pl.Int64).to_numpy()


def table(found: list[Gain]) -> str:
    """As Markdown."""
    lines = [
        "| firm | counts of findings, beside | drafts | clients | learned from | AUC with | without | gain (95 %) |",
        "|" + " --- |" * 8,
    ]
    for one in found:
        low, high = interval(one.drawn.tolist()) or (float("nan"), float("nan"))
        cells = (one.firm, one.beside.removeprefix("beside "), one.drafts, one.clients, f"{one.outcomes} disputed", f"{one.within:.3f}")
        lines.append(f"| {' | '.join(map(str, cells))} | {one.without:.3f} | {one.less:+.3f} ({low:+.3f} to {high:+.3f}) |")
    return "\n".join(lines)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="control_gain.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, metavar="WORK", help="folder of the firms")
    parser.add_argument("--firms", action="append", metavar="MECHANISM=SEEDS", help=f"may be given again (default: {' '.join(FIRMS)})")
    parser.add_argument("--people", type=int, default=80, help="of each firm (%(default)s)")
    parser.add_argument("--months", type=int, default=24, help="of each firm's records; the first 70 %% are learned from (%(default)s)")
    parser.add_argument("--page", type=Path, metavar="FILE", help=f"write the table into a page, between {BEGINS} and {ENDS}")
    asked = parser.parse_args(given)
    found: list[Gain] = []
    for named in asked.firms or FIRMS:
        mechanism, _, seeds = named.partition("=")
        plans = {seed: Plan(asked.people, asked.months, int(seed), mechanism=mechanism) for seed in seeds.split(",")}
        found += gains([Firm(plan, asked.work / f"{mechanism}-{seed}") for seed, plan in plans.items()])
    if asked.page is None:
        print(table(found))
    else:
        marked(asked.page, table(found), begins=BEGINS, ends=ENDS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
