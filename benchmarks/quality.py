"""What scores are worth on a simulated firm, against its true probabilities, beside simple rules and the truth itself.

  python -m benchmarks.quality FIRM SCORES [SCORES ...]

FIRM is a folder with a firm's tables and, below it, truth/ (docs/simulation.md). SCORES are files of `plumbline score --output`: several
instants as several files, or one file with several as_of. What the figures mean and what was measured is in docs/quality.md.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.judging import Table, tables
from benchmarks.soft_labels import GAINS, METRICS, Floats
from benchmarks.truths import QualityError, subject_named
from training.metrics import DRAWS, interval

HEADS: Final = ("AUC", "log loss", "precision", "money", "predicted / true", "soft ECE")
"""By METRICS."""
USAGE: Final = 2
"""Exit code where the arguments or the files they name are at fault."""


def as_markdown(table: Table) -> str:
    """As it goes into a page: what was judged, the table, and what was left out."""
    found = table.measured
    head = [f"{table.subject.risk}: {table.target}", *HEADS]
    body = [[name, *(_cell(table, place, at) for at in range(len(METRICS)))] for place, name in enumerate(found.names)]
    body.append(["**model less best rule**", *(_shown(table.less_rule(metric), sign=True) for metric in METRICS)])
    if table.ceiling is not None:
        body.append(["**share of the reachable gain (G)**", *(_shown(table.reachable(metric), sign=False) for metric in METRICS)])
    body.append(["**share of the omniscient gain**", *(_shown(table.omniscient(metric), sign=False) for metric in METRICS)])
    grid = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---", *["---:"] * len(HEADS)], *body])
    best = {metric: table.best_rule(metric) for metric in GAINS}
    chosen = "; ".join(f"{HEADS[METRICS.index(metric)]}: {found.names[rule]}" for metric, rule in best.items() if rule is not None)
    money = f"money in {table.currency}" + "".join(f", {one} one for one for want of a rate" for one in table.without_exchange_rate)
    said = (
        f"{table.rows:,} rows of {table.clusters:,} {table.subject.cluster}, {table.instants} instants, {table.worklists} worklists; "
        f"mean true probability {table.base_rate:.4f}; capacity {table.capacity:.0%} of each worklist; {money}. Best rule by {chosen}."
    )
    left_out = [f"- left out: {count:,} {why}" for why, count in table.left_out.items()]
    warned = [f"**The ceiling is not one: {table.refused}.**"] if table.refused else []
    if table.alarms:
        named = ", ".join(HEADS[METRICS.index(metric)] for metric in table.alarms)
        warned.append(f"**Alarm: the model beats the ceiling in {named}. Look for a leak, or for what the ceiling misses.**")
    return "\n".join([grid, "", said, *(line for one in warned for line in ("", one)), *([""] if left_out else []), *left_out])


def _cell(table: Table, place: int, at: int) -> str:
    found = table.measured
    shown = _shown((float(found.values[place, at]), found.drawn[:, place, at]), sign=False)
    return f"{shown}, floor {found.floor[place]:.3f}" if METRICS[at] == "ece" and shown != "–" else shown


def _shown(found: tuple[float, Floats] | None, *, sign: bool) -> str:
    if found is None or np.isnan(found[0]):
        return "–"
    within = interval(found[1].tolist())
    plus = "+" if sign else ""
    return f"{found[0]:{plus}.3f}" + (f" ({within[0]:{plus}.3f} to {within[1]:{plus}.3f})" if within else "")


def _named(texts: list[str], option: str) -> dict[str, str]:
    """RISK=VALUE as given, checked for the risk."""
    found = {}
    for text in texts:
        risk, equals, value = text.partition("=")
        if not equals:
            raise QualityError(f"{option} {text}: write it as {option} RISK=VALUE")
        found[subject_named(risk).risk] = value
    return found


def _targets(texts: list[str]) -> dict[str, str]:
    found = _named(texts, "--target")
    for risk, target in found.items():
        if target not in (known := subject_named(risk).targets):
            raise QualityError(f"--target {risk}={target}: {risk} has the targets {', '.join(known)}")
    return found


def _capacities(texts: list[str]) -> dict[str, float]:
    found = {}
    for risk, text in _named(texts, "--capacity").items():
        try:
            found[risk] = float(text)
        except ValueError as error:
            raise QualityError(f"--capacity {risk}={text}: write a share such as {risk}=0.15") from error
        if not 0 < found[risk] <= 1:
            raise QualityError(f"--capacity {risk}={text}: a share lies above 0 and is at most 1")
    return found


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firm", type=Path, metavar="FIRM", help="folder of a firm, with truth/ below it")
    parser.add_argument("scores", type=Path, nargs="+", metavar="SCORES", help="score files, .csv or .parquet")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--draws", type=int, default=DRAWS, help="how often clusters are drawn again for the intervals (%(default)s)")
    parser.add_argument(
        "--capacity", action="append", default=[], metavar="RISK=SHARE", help="share of a worklist that its owner works through"
    )
    parser.add_argument(
        "--target", action="append", default=[], metavar="RISK=TARGET", help="outcome that the scores are of, if not the last"
    )
    parser.add_argument(
        "--ceiling", action="append", default=[], type=Path, metavar="SCORES", help="what the tables allow, of benchmarks.ceilings"
    )
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    arguments = _arguments(given)
    try:
        found = tables(
            arguments.firm,
            arguments.scores,
            targets=_targets(arguments.target),
            capacities=_capacities(arguments.capacity),
            draws=arguments.draws,
            ceilings=arguments.ceiling,
        )
    except QualityError as error:
        print(f"quality: {error}", file=sys.stderr)
        return USAGE
    if arguments.json:
        print(json.dumps({"schema_version": 1, "draws": arguments.draws, "tables": [table.to_dict() for table in found]}, indent=1))
    else:
        print("\n\n".join(as_markdown(table) for table in found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
