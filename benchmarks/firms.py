"""Quality on many simulated firms that nothing was built on: each simulated, learned from, scored and judged; then pooled by mechanism.

  python -m benchmarks.firms WORK [--firms additive=101,102,103,104] [--people 120] [--months 30] [--risk collections] [--json]

WORK is a folder for the firms; what is done already is not done again, so a run that was broken off goes on. Another size, or other code,
takes another folder. What the figures mean is in docs/quality.md.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Final

import polars as pl

from benchmarks.judging import tables
from benchmarks.learned import Firm, bounded, made, scored
from benchmarks.pooled import FirmTable, as_json, keep, kept, pooled_page
from benchmarks.quality import USAGE
from benchmarks.truths import subject_named
from models.catalog import RISKS, UnknownRiskError, risk_named
from models.risk import Risk
from simulation.plan import Plan

FIRMS: Final = ("additive=101,102,103,104", "hurdle=201,202,203,204", "chance=301,302,303,304")
"""By mechanism of disputes: seeds that nothing in this repository is built on."""
PEOPLE: Final = 120
MONTHS: Final = 30
OF_ALL_SHEETS: Final = "missing_time"
"""The risk whose capacity is a share of all timesheets, while those alone are scored that lack days."""
DRAWS: Final = 300
"""Of clusters, for each firm: pooling draws firms again and takes one of these each time."""


BEGINS, ENDS = "<!-- firms: made by benchmarks.firms -->", "<!-- firms: end -->"
"""Between them a page holds what is said here."""


def judge(firm: Firm, risk: Risk, *, draws: int) -> Path:
    """The firm's table of a risk, with its draws."""
    output = firm.place / f"judged-{risk.name}.npz"
    if not output.is_file():
        made(firm)
        scores, ceiling = scored(firm, risk), bounded(firm, risk)
        capacities = {risk.name: capacity(firm, ceiling)} if risk.name == OF_ALL_SHEETS else {}
        [table] = tables(firm.tables, [scores], targets={}, capacities=capacities, draws=draws, ceilings=[ceiling])
        keep(table, output)
    return output


def capacity(firm: Firm, judged: Path) -> float:
    """The share of the sheets that lack days which is the owner's share of all the sheets of their weeks."""
    rows = pl.read_parquet(judged, columns=["as_of"])
    asked = rows["as_of"].str.to_datetime("%+", time_unit="us", time_zone="UTC").unique()
    due = pl.read_parquet(firm.tables / "truth" / "week.parquet", columns=["as_of"]).filter(pl.col("as_of").is_in(asked.implode()))
    return min(1.0, subject_named(OF_ALL_SHEETS).capacity * due.height / rows.height)


def judged_firms(arguments: argparse.Namespace) -> Iterator[tuple[Firm, Risk, Path]]:
    """One firm after another, with the minutes that it took on stderr."""
    for named in arguments.firms or FIRMS:
        mechanism, _, seeds = named.partition("=")
        for seed in seeds.split(","):
            begun = monotonic()
            plan = Plan(arguments.people, arguments.months, int(seed), mechanism=mechanism)
            firm = Firm(plan, arguments.work / f"{mechanism}-{seed}")
            firm.place.mkdir(parents=True, exist_ok=True)
            for risk in arguments.risks:
                yield firm, risk, judge(firm, risk, draws=arguments.draws)
            print(f"{firm.name}: {monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="firms.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, metavar="WORK", help="folder for the firms and what comes of them")
    parser.add_argument("--firms", action="append", metavar="MECHANISM=SEEDS", help=f"may be given again (default: {' '.join(FIRMS)})")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of each firm (%(default)s)")
    parser.add_argument("--months", type=int, default=MONTHS, help="of each firm's records; the first 70 %% are learned from (%(default)s)")
    parser.add_argument("--risk", action="append", dest="risks", metavar="RISK", help="may be given again; all of them by default")
    parser.add_argument("--draws", type=int, default=DRAWS, help="of clusters, for each firm (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--page", type=Path, metavar="FILE", help=f"write the tables into a page, between {BEGINS} and {ENDS}")
    found = parser.parse_args(given)
    found.risks = [risk_named(name) for name in found.risks] if found.risks else list(RISKS)
    return found


def main(given: list[str]) -> int:
    try:
        arguments = _arguments(given)
        found = [(firm, risk, FirmTable(firm.plan.mechanism, firm.plan.seed, kept(file))) for firm, risk, file in judged_firms(arguments)]
    except (UnknownRiskError, ValueError) as error:
        print(f"firms: {error}", file=sys.stderr)
        return USAGE
    by_risk = [[table for _, of, table in found if of is risk] for risk in arguments.risks]
    said = "\n\n".join([_measured(arguments, found), *(f"### {own[0].table.subject.risk}\n\n{pooled_page(own)}" for own in by_risk)])
    if arguments.page is not None:
        return _paged(arguments.page, said)
    if arguments.json:
        print(json.dumps({"schema_version": 1, "pooled": [one for own in by_risk for one in as_json(own)]}, indent=1))
    else:
        print(said)
    return 0


def _measured(arguments: argparse.Namespace, found: list[tuple[Firm, Risk, FirmTable]]) -> str:
    firms = ", ".join(dict.fromkeys(firm.name.replace("-", " ") for firm, _, _ in found))
    until = found[0][0].learned_until
    return f"{arguments.people} people and {arguments.months} months each, learned from until {until}, scored after it: {firms}."


def _paged(page: Path, said: str) -> int:
    before, begins, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not ends:
        print(f"firms: {page} has no place for the tables: write {BEGINS} and {ENDS} into it", file=sys.stderr)
        return USAGE
    page.write_text(f"{before}{begins}\n\n{said}\n\n{ends}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
