# %% [markdown]
# # What would the model have said?
# Simulate a small firm, read it in, and hold the collections model against its simple rule, fold by fold.

# %%
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from models.catalog import risk_named
from records.intake import LAKE, import_folder
from records.lake import Lake
from simulation.firm import simulate
from training.backtest import backtest, rolling
from training.history import history

home = TemporaryDirectory()
firm = Path(home.name, "firm")
simulate(firm, people=40, months=14, seed=7)
report = import_folder(firm, Path(home.name), now=datetime(2026, 1, 1, tzinfo=UTC))
assert report.rows.quarantined == 0

# %%
lake = Lake(Path(home.name, LAKE))
until = lake.last_recorded()
assert until is not None
past = history(lake, risk_named("collections"), until=until)
measured = backtest(past, rolling(past, folds=3))

# %% [markdown]
# One row a fold: areas under the curve beside each other, and whether likelihoods add up.

# %%
folds = pd.json_normalize(measured["targets"]["late"]["folds"], max_level=2)
table = folds[["test_from", "model.n", "model.auc", "rule.auc", "model.brier", "rule.brier", "model.calibration.predicted_to_observed"]]
print(table.to_string(index=False))
assert table["model.auc"].between(0.5, 1.0).all()

# %%
home.cleanup()
