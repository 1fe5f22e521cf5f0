"""What is unusual tonight: records in the worst tail of the firm's own past, few enough to look at, each with its like. Pure.

A record is judged by what was known when it was entered, so its place does not change from night to night. A score is a rank: it is the
share of past records that were at least as unusual, and says nothing of how likely something is wrong.
"""

from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Final

import numpy as np
import polars as pl

from features.residuals import SPINE_DAYS, WINDOW_DAYS
from features.windows import AS_OF
from models.anomaly import ANOMALY, Anomaly, Told
from models.anomaly_catalog import ANOMALIES
from models.anomaly_model import AnomalyModel
from models.bearing import Bearing, Bearings
from models.currency import Exchange, exchange
from models.dealings import Dealings
from models.estimators.worst_tail import Floats, WorstTail
from models.finding import Evidence, Finding, Reason
from models.scoring import Scored
from models.similar import similar
from records.known import DAY, ENTER, LEAVE, MONEY_SCALE, Known, micros

SHOWN_DAYS: Final = 35
"""Days after its entry for which a record is looked at: until the month's invoices are out."""
MOST_UNUSUAL: Final = 0.01
"""One in a hundred records: as many as a reviewer can look at, and as were worth looking at where it was measured (docs/anomalies.md)."""
STANDS_OUT: Final = 0.01
"""A residual as large in fewer than so many of past records is told as a reason."""
MOST_REASONS: Final = 3
NO_MODEL: Final = "Nothing has been learned of what is usual yet: run `plumbline train anomalies`."

if SHOWN_DAYS + WINDOW_DAYS > SPINE_DAYS:
    raise ValueError("the similar cases of a record that is shown lie before what is read")


def unusual(known: Known, model: AnomalyModel | None, *, as_of: datetime, reporting: str | None = None) -> Scored:
    """The most unusual records that a person can still act on, those with the most money first."""
    if model is None:
        return Scored((), "", (NO_MODEL,))
    chosen = {one.entity: most_unusual(known, one, model.tails[one.entity], as_of=as_of) for one in ANOMALIES if one.entity in model.tails}
    currencies = pl.concat([rows["currency"] for rows in chosen.values()] or [pl.Series("currency", [], pl.String)])
    counted = currencies.value_counts().sort("count", "currency", descending=[True, False])
    rates = exchange(known, counted["currency"].to_list(), as_of=as_of, reporting=reporting)
    findings: list[Finding] = []
    for one in ANOMALIES:
        if one.entity in chosen and chosen[one.entity].height:
            findings += _findings(known, one, model, rows=chosen[one.entity], rates=rates, as_of=as_of)
    findings.sort(key=lambda found: (-found.expected_loss, found.id))
    unlearned = [one.entity.replace("_", " ") for one in ANOMALIES if one.entity not in model.tails]
    notes = (rates.notice, f"Too few records to say what is usual of {', '.join(unlearned)}." if unlearned else "")
    return Scored(tuple(findings), "", tuple(note for note in notes if note))


def looked_at(known: Known, anomaly: Anomaly, *, as_of: datetime) -> pl.DataFrame:
    """The records that are looked at, each at the instant of its own entry."""
    moment = micros(as_of)
    here = (pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)) & (pl.col(ENTER) > moment - SHOWN_DAYS * DAY)
    own = known.derived(anomaly.past).frame.filter(pl.col(ENTER) > moment - SHOWN_DAYS * DAY).select(anomaly.key, began=ENTER)
    # A draft that is issued, or an entry whose neighbour changes, begins a span; the record itself is as old as it was.
    rows = (
        anomaly.looked_at(known)
        .frame.filter(pl.col(ENTER) > moment - SHOWN_DAYS * DAY)
        .filter((pl.col(ENTER) <= moment) & (moment < pl.col(LEAVE)))
    )
    dated = rows.sort(ENTER).join_asof(own.sort("began"), left_on=ENTER, right_on="began", by=anomaly.key, check_sortedness=False)
    return (
        dated.with_columns(pl.col("began").alias(ENTER)).filter(here).with_columns(pl.col(ENTER).alias(AS_OF)).sort(anomaly.key).collect()
    )


def most_unusual(known: Known, anomaly: Anomaly, tail: WorstTail, *, as_of: datetime) -> pl.DataFrame:
    """Of the records looked at the most unusual, with residuals and `unusualness`: at most one in a hundred, and each so by the past."""
    scored = _scored(known, anomaly, tail, looked_at(known, anomaly, as_of=as_of))
    return scored.head(ceil(MOST_UNUSUAL * scored.height)).filter(pl.col("unusualness") <= MOST_UNUSUAL)


def unusual_on(
    known: Known, anomaly: Anomaly, model: AnomalyModel, *, invoice_id: str, as_of: datetime, reporting: str | None = None
) -> tuple[Finding, ...]:
    """The lines of one invoice that are as unusual as the firm's most unusual, however many they are, those with the most money first."""
    if anomaly.entity not in model.tails:
        return ()
    own = looked_at(known, anomaly, as_of=as_of).filter(pl.col("invoice_id") == invoice_id)
    rows = _scored(known, anomaly, model.tails[anomaly.entity], own).filter(pl.col("unusualness") <= MOST_UNUSUAL)
    if not rows.height:
        return ()
    rates = exchange(known, rows["currency"].unique().to_list(), as_of=as_of, reporting=reporting)
    found = _findings(known, anomaly, model, rows=rows, rates=rates, as_of=as_of)
    return tuple(sorted(found, key=lambda one: (-one.expected_loss, one.id)))


def _scored(known: Known, anomaly: Anomaly, tail: WorstTail, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with residuals and `unusualness`, the most unusual first."""
    measured = anomaly.measure(known, rows)
    scored = measured.with_columns(unusualness=pl.Series(tail.unusualness(values_of(anomaly, measured)), dtype=pl.Float64))
    return scored.sort("unusualness", anomaly.key)


def values_of(anomaly: Anomaly, rows: pl.DataFrame) -> Floats:
    """Rows x residuals, NaN where nothing is known to judge by."""
    return rows.select(pl.col(one).fill_null(float("nan")) for one in anomaly.residuals).to_numpy()


def _findings(
    known: Known, anomaly: Anomaly, model: AnomalyModel, *, rows: pl.DataFrame, rates: Exchange, as_of: datetime
) -> list[Finding]:
    tail = model.tails[anomaly.entity]
    logs, book = tail.log_shares(values_of(anomaly, rows)), anomaly.book(known, as_of, rows)
    bearings = Bearings(known, as_of)
    alike = similar(known, anomaly, tail, found=rows)
    found = []
    for row, shares in zip(rows.to_dicts(), logs, strict=True):
        out = _stands_out(anomaly, shares)
        told = book.told(row, tuple(out))
        about = told.subject
        stake = (Decimal(row["amount"]) / MONEY_SCALE).quantize(Decimal("0.01"))
        in_reporting = rates.convert(stake, row["currency"])
        bearing = bearings.of(anomaly.entity, row[anomaly.key])
        cases = alike.get(row[anomaly.key], [])
        found.append(
            Finding(
                kind="anomaly",
                risk=ANOMALY,
                entity_type=anomaly.entity,
                entity_id=row[anomaly.key],
                period=told.period,
                title=told.title,
                as_of=as_of,
                owner_role="billing_reviewer",
                client_id=about.client_id,
                client_name=about.client_name,
                reference=about.reference,
                due_on=about.due_on,
                issued_on=about.issued_on,
                amount_at_stake=stake,
                currency=row["currency"],
                stake_reporting=in_reporting,
                reporting_currency=rates.reporting,
                probability=None,
                # Nothing is known of how likely an error is: chosen by rank, what is found is put in order by its money alone.
                expected_loss=in_reporting,
                predicted_on=None,
                predicted_low_on=None,
                predicted_high_on=None,
                predicted_dates=(),
                suggestion=_next_step(anomaly, next(iter(out)), bearing=bearing),
                clears=anomaly.clears,
                reasons=_reasons(told, out),
                evidence=(_record(anomaly, row, as_of), *((_like(anomaly, cases, as_of),) if cases else ())),
                rule_probability=None,
                facts={"As unusual as this": f"{row['unusualness']:.2%} of past records: a rank, not a likelihood", **about.facts},
                dealings=Dealings(),
                provisional=False,
                model_version=model.version,
                unusualness=row["unusualness"],
                bears_on=bearing,
            )
        )
    return found


def _next_step(anomaly: Anomaly, residual: str, *, bearing: Bearing) -> str:
    is_out = bearing.stage in {"fresh", "issued"} and anomaly.issued_actions
    return dict(anomaly.issued_actions if is_out else anomaly.actions)[residual]


def _stands_out(anomaly: Anomaly, shares: Floats) -> dict[str, float]:
    """The residuals that stand out, most first, with the logarithm of their share of the past; at least the first."""
    order = np.argsort(shares, kind="stable")[:MOST_REASONS]
    border = np.log(STANDS_OUT)
    return {anomaly.residuals[place]: float(shares[place]) for number, place in enumerate(order) if number == 0 or shares[place] <= border}


def _reasons(told: Told, out: dict[str, float]) -> tuple[Reason, ...]:
    return tuple(Reason(one, told.sentences[one][0], True, round(-log, 4), *told.sentences[one][1:]) for one, log in out.items())  # noqa: FBT003


def _record(anomaly: Anomaly, row: dict[str, object], as_of: datetime) -> Evidence:
    return _table(anomaly, "The record", [row], as_of)


def _like(anomaly: Anomaly, cases: list[dict[str, object]], as_of: datetime) -> Evidence:
    return _table(anomaly, "The most similar that are not unusual", cases, as_of)


def _table(anomaly: Anomaly, title: str, rows: list[dict[str, object]], as_of: datetime) -> Evidence:
    cells = tuple(tuple(cell(row) for _, cell in anomaly.shown) for row in rows)
    systems = sorted({str(row["source"]) for row in rows if row.get("source")})
    source = f"{anomaly.entity} records{' of ' + ', '.join(systems) if systems else ''}, as known at {as_of:%Y-%m-%d %H:%M} UTC"
    return Evidence(title, tuple(head for head, _ in anomaly.shown), cells, source)
