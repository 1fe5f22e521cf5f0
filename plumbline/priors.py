"""Make the priors that ship with the package, from simulated firms: `make priors`, some five minutes on one core.

The front door alone may bring the simulated firm and the learning together, as `make docs` does with declarations and pages. Made again
from the same code the files are the same to the byte.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from models.bundle import save
from models.catalog import RISKS
from models.prior import PRIORS
from models.risk import Risk
from records.intake import import_folder
from records.lake import Lake
from simulation.firm import simulate
from training.history import History, history
from training.prior import prior_bundle

FIRMS: Final = 40
"""As many as fit into ten minutes, at some five seconds each; they hold some 1,300 disputes, the rarest of the outcomes."""
FIRST_SEED: Final = 7000
"""Far from the seeds on which quality is judged, and from those of docs/small_firms.md."""
MONTHS: Final = 18
"""Long enough for outcomes to mature, short enough that a young firm's rows are no rarity."""
PEOPLE: Final = (12, 20, 36, 60, 90)
"""From some seven clients to some fifty: a prior is for firms of that size, and a larger one soon has outcomes of its own."""
MECHANISMS: Final = ("additive", "hurdle")
"""How disputes come about, by turns. Of a firm in which nothing can be foretold there is nothing to learn."""
MADE: Final = datetime(2024, 7, 1, tzinfo=UTC)
"""End of the simulated records, and the hour that a prior bears: no clock, so that it can be made again to the byte."""


@dataclass(frozen=True)
class Recipe:
    """One firm of the pool."""

    seed: int
    people: int
    mechanism: str


def recipes(firms: int = FIRMS) -> Iterator[Recipe]:
    """Each size under each mechanism in turn; the seed draws all other parameters from their published ranges."""
    for number in range(firms):
        turn, size = divmod(number, len(PEOPLE))
        yield Recipe(FIRST_SEED + number, PEOPLE[size], MECHANISMS[turn % len(MECHANISMS)])


def make(folder: Path, *, firms: int = FIRMS, months: int = MONTHS) -> dict[str, str]:
    """Write the prior of every risk below a folder; returns the digest of each."""
    digests: dict[str, str] = {}
    with TemporaryDirectory() as beside:
        lakes = [_lake(Path(beside) / str(recipe.seed), recipe, months=months) for recipe in recipes(firms)]
        for risk in RISKS:
            bundle = prior_bundle(risk, [_history(lake, risk) for lake in lakes], version=f"prior.{firms}x{months}", made=MADE)
            digests[risk.name] = save(bundle, Path(beside) / risk.name)
            # The old one stands until the new one is whole: nothing scores with half a prior.
            shutil.rmtree(folder / risk.name, ignore_errors=True)
            shutil.move(Path(beside) / risk.name, folder / risk.name)
            print(f"{risk.name} {digests[risk.name][:12]}: {bundle.metrics}", file=sys.stderr)  # noqa: T201 - a tool of the house
    return digests


def _lake(place: Path, recipe: Recipe, *, months: int) -> Lake:
    simulate(place / "firm", people=recipe.people, months=months, seed=recipe.seed, mechanism=recipe.mechanism)
    import_folder(place / "firm", place, mapping=None, now=MADE)
    shutil.rmtree(place / "firm")
    return Lake(place / "lake")


def _history(lake: Lake, risk: Risk) -> History:
    """As known at the end of the records."""
    return history(lake, risk, until=lake.last_recorded() or MADE)


if __name__ == "__main__":
    make(PRIORS)
