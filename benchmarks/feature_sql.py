"""The 25 features of benchmarks/features.py in DuckDB's SQL: by running sums and ASOF joins, and by an inequality join, the oracle."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import polars as pl

from benchmarks.feature_queries import GRAVE_DAYS, LATEST, NAMES, OF_CLIENT, SUMS, WINDOWS
from records.known import DAY

_VIEWS: Final = """
SET memory_limit = '8GB';
CREATE VIEW spine AS SELECT file_row_number AS row, * FROM read_parquet('{folder}/spine.parquet', file_row_number = true);
CREATE VIEW entries AS SELECT person_id, epoch_us(recorded_at) AS recorded,
    (datediff('day', DATE '1970-01-01', worked_on) + 1) * {day} AS worked,
    quarters, 1::BIGINT AS entries, CASE WHEN billable THEN quarters ELSE 0 END AS billable_quarters, value_cents, rate_cents
FROM read_parquet('{folder}/entries-*.parquet');
CREATE VIEW invoices AS SELECT client_id, epoch_us(issued_at) AS issued, epoch_us(paid_at) AS paid, epoch_us(disputed_at) AS disputed,
    amount_cents, epoch_us(paid_at) // {day} - datediff('day', DATE '1970-01-01', due_on) AS days_late
FROM read_parquet('{folder}/invoices.parquet');
"""
_BY_PERSON: Final = "PARTITION BY person_id ORDER BY instant"
_BY_CLIENT: Final = "PARTITION BY client_id ORDER BY instant"


def by_asof(folder: Path) -> pl.DataFrame:
    return _asked(folder, _asof_query())


def by_inequality(folder: Path) -> pl.DataFrame:
    return _asked(folder, _naive_query())


def scanned(folder: Path) -> pl.DataFrame:
    """The least that anything can do: add up the columns that the features read."""
    return _asked(
        folder,
        """
        SELECT * FROM
        (SELECT max(person_id) AS person, sum(recorded), sum(worked), sum(quarters), sum(billable_quarters), sum(value_cents),
            sum(rate_cents) FROM entries),
        (SELECT max(client_id) AS client, sum(issued), sum(paid), sum(disputed), sum(amount_cents), sum(days_late)
            FROM invoices),
        (SELECT max(person_id || client_id) AS asked, sum(as_of) FROM spine)
        """,
    )


def _asked(folder: Path, query: str) -> pl.DataFrame:
    # Beyond its limit it writes to disk: at L the ASOF form asked for 15 GB.
    with TemporaryDirectory() as spilled, duckdb.connect(config={"temp_directory": spilled}) as database:
        database.execute(_VIEWS.format(folder=folder, day=DAY))
        return pl.DataFrame(database.execute(query).to_arrow_table())


def _columns() -> str:
    return ", ".join(f"{name}::DOUBLE AS {name}" for name in NAMES)


def _asof_query() -> str:
    sums = ", ".join(f"sum({name}) OVER w AS {name}" for name in SUMS)
    streams = "".join(
        f"left_{days} AS (SELECT person_id, instant, {sums}"
        f" FROM (SELECT *, greatest(recorded, worked + {days} * {DAY}) AS instant FROM entries)"
        f" WINDOW w AS ({_BY_PERSON})),\n"
        for days in WINDOWS
    )
    windowed = ", ".join(
        f"coalesce(come.{name}, 0) - coalesce(left_{days}.{name}, 0) AS {name}_{days}d" for days in WINDOWS for name in SUMS
    )
    joins = "\n".join(
        f"ASOF LEFT JOIN left_{days} ON left_{days}.person_id = spine.person_id AND spine.as_of >= left_{days}.instant" for days in WINDOWS
    )
    return f"""
    WITH {streams}
    come AS (
        SELECT person_id, instant, rate_cents, max(worked) OVER w AS worked, {sums}
        FROM (SELECT *, recorded AS instant FROM entries) WINDOW w AS ({_BY_PERSON})),
    issued AS (
        SELECT client_id, instant, sum(amount_cents) OVER w AS amount
        FROM (SELECT *, issued AS instant FROM invoices) WINDOW w AS ({_BY_CLIENT})),
    paid AS (
        SELECT client_id, instant, sum(amount_cents) OVER w AS amount, count(*) OVER w AS number, sum(days_late) OVER w AS late,
            max(days_late) OVER w AS latest, count(*) FILTER (days_late >= {GRAVE_DAYS}) OVER w AS grave
        FROM (SELECT *, paid AS instant FROM invoices WHERE paid IS NOT NULL) WINDOW w AS ({_BY_CLIENT})),
    told AS (
        SELECT client_id, instant, count(*) OVER w AS number
        FROM (SELECT *, disputed AS instant FROM invoices WHERE disputed IS NOT NULL) WINDOW w AS ({_BY_CLIENT})),
    found AS (
        SELECT spine.row, {windowed},
            (spine.as_of - come.worked) / {DAY} AS {LATEST[0]}, (spine.as_of - come.instant) / {DAY} AS {LATEST[1]},
            come.rate_cents AS {LATEST[2]}, coalesce(paid.number, 0) AS {OF_CLIENT[0]}, paid.late / paid.number AS {OF_CLIENT[1]},
            paid.latest AS {OF_CLIENT[2]}, paid.grave / paid.number AS {OF_CLIENT[3]},
            coalesce(issued.amount, 0) - coalesce(paid.amount, 0) AS {OF_CLIENT[4]}, coalesce(told.number, 0) AS {OF_CLIENT[5]}
        FROM spine
        ASOF LEFT JOIN come ON come.person_id = spine.person_id AND spine.as_of >= come.instant
        {joins}
        ASOF LEFT JOIN issued ON issued.client_id = spine.client_id AND spine.as_of >= issued.instant
        ASOF LEFT JOIN paid ON paid.client_id = spine.client_id AND spine.as_of >= paid.instant
        ASOF LEFT JOIN told ON told.client_id = spine.client_id AND spine.as_of >= told.instant)
    SELECT {_columns()} FROM found ORDER BY row
    """


def _naive_query() -> str:
    windowed = ", ".join(
        f"coalesce(sum({name}) FILTER (as_of < worked + {days} * {DAY}), 0) AS {name}_{days}d" for days in WINDOWS for name in SUMS
    )
    return f"""
    WITH of_person AS (
        SELECT row, {windowed},
            (any_value(as_of) - max(worked)) / {DAY} AS {LATEST[0]}, (any_value(as_of) - max(recorded)) / {DAY} AS {LATEST[1]},
            arg_max(rate_cents, recorded) AS {LATEST[2]}
        FROM spine LEFT JOIN entries ON entries.person_id = spine.person_id AND entries.recorded <= spine.as_of GROUP BY row),
    of_client AS (
        SELECT row, count(*) FILTER (paid <= as_of) AS {OF_CLIENT[0]},
            sum(days_late) FILTER (paid <= as_of) / nullif(count(*) FILTER (paid <= as_of), 0) AS {OF_CLIENT[1]},
            max(days_late) FILTER (paid <= as_of) AS {OF_CLIENT[2]},
            count(*) FILTER (paid <= as_of AND days_late >= {GRAVE_DAYS}) / nullif(count(*) FILTER (paid <= as_of), 0) AS {OF_CLIENT[3]},
            coalesce(sum(amount_cents) FILTER (issued <= as_of AND (paid IS NULL OR as_of < paid)), 0) AS {OF_CLIENT[4]},
            count(*) FILTER (disputed <= as_of) AS {OF_CLIENT[5]}
        FROM spine LEFT JOIN invoices ON invoices.client_id = spine.client_id GROUP BY row)
    SELECT {_columns()} FROM of_person JOIN of_client USING (row) ORDER BY row
    """
