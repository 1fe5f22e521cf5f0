"""Run by feature_sample.py with the interpreter of Featuretools' own environment: those of the 25 features that it can say, and their time.

It knows one time of a row, so a window over days worked, as known then, cannot be said: 8 of 25 are left.
"""

import json
import sys
import time
from pathlib import Path

import featuretools as ft
import pandas as pd

DAY_SECONDS = 86_400
GRAVE_DAYS = 30
FOLDER = Path(sys.argv[1])


def entity_set(key: str, tables: dict[str, tuple[pd.DataFrame, str]]) -> ft.EntitySet:
    """Tables of events of `key`, each with the column that tells when a row came to be known."""
    found = ft.EntitySet("sample")
    owners = pd.DataFrame({key: pd.concat([rows[key] for rows, _ in tables.values()]).unique()})
    found.add_dataframe(owners, dataframe_name="owners", index=key)
    for name, (rows, known) in tables.items():
        numbered = rows.reset_index(drop=True).rename_axis(f"{name}_id").reset_index()
        found.add_dataframe(numbered, dataframe_name=name, index=f"{name}_id", time_index=known)
        found.add_relationship("owners", key, name, key)
    return found


def computed(entities: ft.EntitySet, cutoffs: pd.DataFrame, wanted: list[str], primitives: list[str]) -> pd.DataFrame:
    features = ft.dfs(
        entityset=entities, target_dataframe_name="owners", agg_primitives=primitives, trans_primitives=[], features_only=True
    )
    chosen = [one for one in features if one.get_name() in wanted]
    matrix: pd.DataFrame = ft.calculate_feature_matrix(chosen, entities, cutoff_time=cutoffs)
    return matrix[wanted]


spine = pd.read_parquet(FOLDER / "spine.parquet")
entries = pd.read_parquet(FOLDER / "entries-00.parquet")
invoices = pd.read_parquet(FOLDER / "invoices.parquet")
for frame, columns in ((entries, ["recorded_at"]), (invoices, ["issued_at", "paid_at", "disputed_at"])):
    frame[columns] = frame[columns].apply(lambda one: one.dt.tz_localize(None))
as_of = pd.to_datetime(spine["as_of"], unit="us")
started = time.perf_counter()

entries["worked"] = (pd.to_datetime(entries["worked_on"]) - pd.Timestamp(0)).dt.days.astype("float64")
people = entity_set("person_id", {"entries": (entries[["person_id", "recorded_at", "worked", "rate_cents"]], "recorded_at")})
names = ["MAX(entries.worked)", "TIME_SINCE_LAST(entries.recorded_at)", "LAST(entries.rate_cents)"]
of_person = computed(people, pd.DataFrame({"person_id": spine["person_id"], "time": as_of}), names, ["max", "time_since_last", "last"])

paid = invoices[invoices["paid_at"].notna()][["client_id", "paid_at", "due_on"]].copy()
paid["days_late"] = (paid["paid_at"].dt.normalize() - pd.to_datetime(paid.pop("due_on"))).dt.days.astype("float64")
paid["grave"] = (paid["days_late"] >= GRAVE_DAYS).astype("float64")
told = invoices[invoices["disputed_at"].notna()][["client_id", "disputed_at"]]
clients = entity_set("client_id", {"paid": (paid, "paid_at"), "told": (told, "disputed_at")})
names = ["COUNT(paid)", "MEAN(paid.days_late)", "MAX(paid.days_late)", "MEAN(paid.grave)", "COUNT(told)"]
of_client = computed(clients, pd.DataFrame({"client_id": spine["client_id"], "time": as_of}), names, ["count", "mean", "max"])

took = time.perf_counter() - started
found = pd.DataFrame(
    {
        "days_since_worked": (spine["as_of"] / 1e6 / DAY_SECONDS) - (of_person.iloc[:, 0].to_numpy() + 1),
        "days_since_recorded": of_person.iloc[:, 1].to_numpy() / DAY_SECONDS,
        "last_rate_cents": of_person.iloc[:, 2].astype("float64").to_numpy(),
        "paid_count": of_client.iloc[:, 0].astype("float64").to_numpy(),
        "days_late_mean": of_client.iloc[:, 1].to_numpy(),
        "days_late_max": of_client.iloc[:, 2].to_numpy(),
        "late_30_share": of_client.iloc[:, 3].to_numpy(),
        "disputes": of_client.iloc[:, 4].astype("float64").to_numpy(),
    }
)
found.to_parquet(FOLDER / "featuretools.parquet")
print(json.dumps({"seconds": took, "version": ft.__version__}))
