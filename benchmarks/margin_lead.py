"""How early a falling margin is told: alarms of which seven in ten are right, what they tell by half of the time, how long before the end.

  python -m benchmarks.margin_lead WORK [--json]

WORK is the folder in which `python -m benchmarks.firms WORK --risk margin` left its firms. Of each, the projects are taken that ended
within the records and were scored from their beginning on. A project is alarmed from the first Monday on which its score reaches a level:
the least at which 70 % of the projects that are ever alarmed did fall. The level is chosen so for each scorer, the simple rule too.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.margin_outcomes import SCORERS, ended, judged_firms
from benchmarks.quality import USAGE
from benchmarks.simple_rules import margin_grounds
from benchmarks.truths import QualityError
from records.intake import LAKE
from records.known import Known
from records.lake import Lake

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RIGHT: Final = 0.70
"""Share of alarmed projects that fell (modeling of the risk: fewer, and nobody looks at an alarm)."""
HALF: Final = 0.5
BEGINNING: Final = 0.15
"""A project whose first score comes later than this share of its time was not watched from its beginning."""
DRAWS: Final = 500
RULE: Final = "CPI (earned over actual cost)"
FIGURES: Final = {"caught": 2, "by_half": 2, "lead_weeks": 1, "lead_share": 2}
"""With their decimal places."""


@dataclass(frozen=True)
class Watched:
    """Projects x weeks, in order; past a project's end nothing is said (minus infinity)."""

    fell: Flags
    share: Floats
    """Of the project's time that had passed."""
    left: Floats
    """Weeks to its end."""
    said: dict[str, Floats]
    """By scorer: the highest score so far."""

    def told(self, name: str, chosen: NDArray[np.int64]) -> tuple[float, ...]:
        """FIGURES of the projects that fell: how many are alarmed, how many by half of the time, and those' median lead; NaN for none."""
        said, fell = self.said[name][chosen], self.fell[chosen]
        alarmed = said[fell] >= level(said[:, -1], fell)
        early = self.share[chosen][fell] <= HALF
        ever, half = alarmed.any(axis=1), (alarmed & early).any(axis=1)
        if not ever.any():
            return 0.0, 0.0, float("nan"), float("nan")
        first = alarmed[ever].argmax(axis=1)[:, None]
        weeks, passed = (np.take_along_axis(table[chosen][fell][ever], first, axis=1) for table in (self.left, self.share))
        return float(ever.mean()), float(half.mean()), float(np.median(weeks)), float(np.median(1 - passed))


def level(highest: Floats, fell: Flags) -> float:
    """The least score at which so many of the projects that reach it fell; infinite where no level is right so often."""
    order = np.argsort(-highest, kind="stable")
    reached = np.cumsum(fell[order]) / np.arange(1, len(order) + 1)
    last_of_score = np.r_[highest[order][1:] != highest[order][:-1], True]
    good = np.flatnonzero((reached >= RIGHT) & last_of_score & np.isfinite(highest[order]))
    return float(highest[order][good[-1]]) if len(good) else float("inf")


def watched(place: Path) -> pl.DataFrame:
    """Of one firm, a row a project and Monday: project, share, left (weeks), fell, and what each scorer says. Raises QualityError."""
    rows = ended(place)
    passed = pl.read_parquet(place / "firm" / "truth" / "margin.parquet").select(
        "percent_elapsed", entity_id="project_id", on=pl.col("as_of_on").cast(pl.Date)
    )
    ends = pl.read_parquet(place / "firm" / "truth" / "project.parquet").select(
        entity_id="project_id", ends=pl.col("ends_on").cast(pl.Date)
    )
    # The truth is told of a day's end, which is the first instant of the next.
    dated = (
        rows.with_columns(on=pl.col("as_of").dt.date().dt.offset_by("-1d")).join(passed, on=["entity_id", "on"]).join(ends, on="entity_id")
    )
    known = Known(Lake(place / "home" / LAKE), until=rows["as_of"].max())  # type: ignore[arg-type]
    performance = margin_grounds(known, rows.select("entity_id", "as_of"), "fell").select("entity_id", "as_of", rule=-pl.col("cpi"))
    both = dated.join(performance, on=["entity_id", "as_of"], how="left")
    left = (pl.col("ends") - pl.col("on")).dt.total_days() / 7
    return both.select("project", "fell", *SCORERS.values(), "rule", "as_of", share="percent_elapsed", left=left)


def gathered(work: Path) -> Watched:
    """Raises QualityError where no firm was scored, or no project was watched from its beginning."""
    rows = pl.concat([watched(place) for place in judged_firms(work)]).sort("project", "as_of")
    begun = rows.filter(pl.col("share").min().over("project") <= BEGINNING)
    if begun.is_empty():
        raise QualityError(f"no project of {work} began and ended while it was scored: let the firms be of more months")
    place = begun["project"].rle_id().to_numpy()
    week = begun.select(pl.int_range(pl.len()).over("project")).to_series().to_numpy()
    shape = (int(place[-1]) + 1, int(week.max()) + 1)

    def laid(column: str, empty: float) -> Floats:
        table = np.full(shape, empty)
        table[place, week] = begun[column].to_numpy()
        return table

    scorers = {"model": "probability", RULE: "rule", "observable ceiling": "ceiling", "omniscient truth": "truth"}
    said = {name: np.maximum.accumulate(laid(column, -np.inf), axis=1) for name, column in scorers.items()}
    return Watched(laid("fell", 0.0).max(axis=1) > 0, laid("share", np.inf), laid("left", 0.0), said)


def figures(found: Watched) -> dict[str, dict[str, tuple[float, ...]]]:
    """By scorer and figure: the figure and its 95 % interval over projects drawn again, the level chosen anew each time."""
    draw, many = np.random.default_rng(0), len(found.fell)
    again = [np.arange(many), *(draw.integers(0, many, many) for _ in range(DRAWS))]
    told: dict[str, dict[str, tuple[float, ...]]] = {}
    for name in found.said:
        drawn = np.array([found.told(name, chosen) for chosen in again])
        low, high = np.nanquantile(drawn[1:], [0.025, 0.975], axis=0)
        told[name] = dict(zip(FIGURES, zip(drawn[0].tolist(), low.tolist(), high.tolist(), strict=True), strict=True))
    return told


def page(found: Watched) -> str:
    length = np.median(found.left[found.fell].max(axis=1))
    lines = [
        f"{len(found.fell):,} projects began and ended while scored; {found.fell.mean():.3f} fell, in {length:.0f} weeks (median).",
        "",
        f"| alarms of which {RIGHT:.0%} are right | falls alarmed | by half of the time | median lead, weeks | as share of the time |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, one in figures(found).items():
        cells = (
            f"{told:.{FIGURES[figure]}f} ({low:.{FIGURES[figure]}f} to {high:.{FIGURES[figure]}f})"
            for figure, (told, low, high) in one.items()
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="margin_lead.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, metavar="WORK", help="folder in which benchmarks.firms left its firms")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args(given)
    try:
        found = gathered(arguments.work)
    except QualityError as error:
        print(f"margin_lead: {error}", file=sys.stderr)
        return USAGE
    told = {"schema_version": 1, "projects": len(found.fell), "scorers": figures(found)}
    print(json.dumps(told, indent=1) if arguments.json else page(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
