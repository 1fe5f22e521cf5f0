"""What the risks are worth on a public receivables ledger: model, simple rule and plain LightGBM, on the newest 30 % of its invoices.

The records lie beside the checkout, in ../shared/data/ibm_ar (2,466 settled invoices of 100 clients; its dispute flag has no date and is
taken as known on the day of settlement, the latest that it can have been).
Run it from the checkout: .venv/bin/python -m benchmarks.receivables

Not purged, all rows before the cut train, with outcomes that came later: as splits in the literature do. Purged, only those that were
decided by the cut: as in life. Intervals are 95 %, over clients drawn again.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.windows import AS_OF
from models.collections import COLLECTIONS
from models.dispute import DISPUTE
from models.risk import Target
from records.intake import LAKE, import_folder
from records.known import micros
from records.lake import Lake
from training.backtest import scored, split_at
from training.fit import matrix
from training.history import History, history
from training.labels import LABEL
from training.metrics import compared, evaluate

Floats = NDArray[np.float64]

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "ibm_ar"
SHARE: Final = 0.7
PLAIN: Final = {"objective": "binary", "num_threads": 1, "deterministic": True, "force_col_wise": True, "seed": 7, "verbosity": -1}
"""LightGBM as it comes: 31 leaves, 20 rows a leaf, learning rate 0.1; and 100 rounds."""
ROUNDS: Final = 100
SHOWN: Final = ("auc", "pr_auc", "brier", "log_loss")


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    outcome: str
    training: str
    who: str
    measured: dict[str, Any]
    less_rule: dict[str, Any] | None
    """The difference to the rule, paired; None for the rule itself."""

    def cells(self) -> list[str]:
        found = [_with(self.measured[name], self.measured["intervals"][name]) for name in SHOWN]
        differences = (self.less_rule[name] for name in ("auc", "brier")) if self.less_rule else ()
        return [self.outcome, self.training, self.who, *found, *(_with(one["difference"], one["interval"]) for one in differences)]


def _with(value: float | None, interval: list[float] | None) -> str:
    if value is None or interval is None:
        return "not defined"
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def lines(lake: Lake) -> Iterator[Line]:
    until = lake.last_recorded()
    if until is None:
        raise SystemExit(f"{DATA} gave no rows")
    for risk in (COLLECTIONS, DISPUTE):
        past = history(lake, risk, until=until)
        for target in risk.targets:
            for purged in (False, True):
                yield from _compared(past, target, purged=purged)


def _compared(past: History, target: Target, *, purged: bool) -> Iterator[Line]:
    [(start, end)] = split_at(past, SHARE)
    found = scored(past, target, start=start, end=end, purged=purged)
    clients = found.rows["client_id"].rank("dense").cast(pl.Int64).to_numpy()
    plain = _plain(past, target, found.rows, start=start, purged=purged)
    training = "purged" if purged else "not purged"
    for who, said in (
        ("model" if found.modelled else "model (the rule)", found.model),
        ("simple rule", found.rule),
        ("plain LightGBM", plain),
    ):
        beside = None if who == "simple rule" else compared(found.labels, said, found.rule, clients)
        yield Line(target.name, training, who, evaluate(found.labels, said, clients), beside)


def _plain(past: History, target: Target, ahead: pl.DataFrame, *, start: datetime, purged: bool) -> Floats:
    """The same rows and features through LightGBM with its usual parameters."""
    labelled = past.labelled(target, at=start if purged else past.known.until)
    rows = labelled.filter(pl.col(LABEL).is_not_null() & (pl.col(AS_OF) < micros(start)))
    data = lgb.Dataset(matrix(rows, past.risk.features), label=rows[LABEL].cast(pl.Float64).to_numpy(), params={"verbosity": -1})
    booster = lgb.train(dict(PLAIN), data, num_boost_round=ROUNDS)
    return np.asarray(booster.predict(matrix(ahead, past.risk.features), num_threads=1), dtype=np.float64)


def table(found: list[Line]) -> str:
    """As Markdown, so that it goes into a page as it is."""
    head = ["outcome", "training", "who", *SHOWN, "AUC less rule", "Brier less rule"]
    rows = [head, ["---"] * len(head), *(line.cells() for line in found)]
    counted = "\n".join(
        f"{line.outcome}, {line.training}: {line.measured['n']:,} invoices tested, {line.measured['positives']:,} with the outcome"
        for line in found
        if line.who == "simple rule"
    )
    return "\n".join("| " + " | ".join([*row, *[""] * (len(head) - len(row))]) + " |" for row in rows) + f"\n\n{counted}"


def main() -> int:
    if not DATA.is_dir():
        print(f"There are no records at {DATA}: put the folder `shared` with data/ibm_ar beside the checkout.", file=sys.stderr)
        return 1
    with TemporaryDirectory() as home:
        import_folder(DATA, Path(home), mapping="ibm_ar", now=datetime.now(UTC))
        print(table(list(lines(Lake(Path(home) / LAKE)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
