"""Margin on outcomes as they fell: is what is called the truth the likeliest to be right, or do the records tell more than it knows?

  python -m benchmarks.margin_outcomes WORK [--json]

WORK is the folder in which `python -m benchmarks.firms WORK --risk margin` left its firms. Of each, the projects that ended within the
records are taken, at every instant at which they were scored. Nothing that is known at an instant can have less log loss, over many
projects, than the true likelihood given all that is; so where the model has less than the truth, by more than chance, the truth leaves
something out that the records tell.
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

from benchmarks.quality import USAGE
from benchmarks.truths import QualityError, judged, read_scores, subject_named
from training.metrics import METRICS, TOO_FEW, compared, mean_interval

Floats = NDArray[np.float64]

SCORERS: Final = {"model": "probability", "observable ceiling": "ceiling", "omniscient truth": "truth"}
COMPARED: Final = ("auc", "log_loss")


@dataclass(frozen=True)
class Outcomes:
    """Rows of projects that ended, over firms: what each scorer said, and what came."""

    fell: Floats
    said: dict[str, Floats]
    project: NDArray[np.int64]

    def told(self) -> dict[str, dict[str, object]]:
        """By scorer: AUC and log loss on outcomes, predicted over observed, and each less those of the truth, by projects drawn again."""
        ones = np.ones(len(self.fell))
        found: dict[str, dict[str, object]] = {}
        for name, scores in self.said.items():
            measured: dict[str, object] = {metric: round(METRICS[metric](self.fell, scores, ones), 4) for metric in COMPARED}
            against = compared(self.fell, scores, self.said["omniscient truth"], self.project)
            off = mean_interval(scores - self.fell, self.project)
            less = {metric: against[metric] for metric in COMPARED}
            found[name] = {**measured, "predicted_to_observed": round(scores.sum() / self.fell.sum(), 3), "off": off, "less_truth": less}
        return found


def ended(place: Path) -> pl.DataFrame:
    """Of one firm: project, entity_id, as_of, the scorers and fell, of projects that ended and were billed. Raises QualityError."""
    subject = subject_named("margin")
    rows = judged(read_scores([place / "scores-margin.parquet"]), subject, "fell", folder=place / "firm").rows
    ceiling = read_scores([place / "ceiling-margin.parquet"]).select("entity_id", "as_of", ceiling="probability")
    done = pl.read_parquet(place / "firm" / "truth" / "project.parquet").filter("ended", pl.col("final_margin").is_finite())
    shut = done.select(entity_id="project_id", fell=pl.col("fell").cast(pl.Float64))
    known = rows.join(shut, on="entity_id", maintain_order="left").join(ceiling, on=["entity_id", "as_of"], maintain_order="left")
    return known.select(
        pl.concat_str(pl.lit(f"{place.name}:"), "entity_id").alias("project"), "entity_id", "as_of", *SCORERS.values(), "fell"
    )


def judged_firms(work: Path) -> list[Path]:
    """Folders of the firms that have scores and a ceiling of margin. Raises QualityError where none has."""
    places = sorted(file.parent for file in work.glob("*/ceiling-margin.parquet"))
    if not places:
        raise QualityError(f"{work} has no firm with scores and a ceiling of margin: run python -m benchmarks.firms {work} --risk margin")
    return places


def outcomes(work: Path) -> Outcomes:
    """Raises QualityError where no firm was scored and bounded."""
    rows = pl.concat([ended(place) for place in judged_firms(work)])
    said = {name: rows[column].to_numpy() for name, column in SCORERS.items()}
    return Outcomes(rows["fell"].to_numpy(), said, rows["project"].rank("dense").cast(pl.Int64).to_numpy())


def page(found: Outcomes) -> str:
    head = "| on outcomes | AUC | log loss | log loss less the truth's | predicted / fell |\n| --- | ---: | ---: | ---: | ---: |"
    lines = [
        f"{len(found.fell):,} rows of {len(np.unique(found.project)):,} projects that ended, {found.fell.mean():.3f} of them fell.",
        "",
        head,
    ]
    for name, one in found.told().items():
        less = one["less_truth"]["log_loss"]  # type: ignore[index]
        ends = less["interval"]
        between = f"{less['difference']:+.3f} ({TOO_FEW if ends is None else f'{ends[0]:+.3f} to {ends[1]:+.3f}'})"
        lines.append(f"| {name} | {one['auc']:.3f} | {one['log_loss']:.3f} | {between} | {one['predicted_to_observed']:.2f} |")
    return "\n".join(lines)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="margin_outcomes.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, metavar="WORK", help="folder in which benchmarks.firms left its firms")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args(given)
    try:
        found = outcomes(arguments.work)
    except QualityError as error:
        print(f"margin_outcomes: {error}", file=sys.stderr)
        return USAGE
    print(json.dumps({"schema_version": 1, "rows": len(found.fell), "scorers": found.told()}, indent=1) if arguments.json else page(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
