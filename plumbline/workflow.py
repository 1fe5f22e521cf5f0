"""From records to worklists: what the commands and the demonstration both do. Commits at the edge, here; needs nothing of training."""

import csv
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from controls.control import Control
from models.anomaly import ANOMALY
from models.anomaly_model import standing_anomalies
from models.bearing import Bearings
from models.bundle import Bundle, RefusedModelError
from models.cash import UNKNOWN_SPREAD, CashForecast, forecasts, open_items
from models.catalog import risk_named
from models.champion import Standing, standing_model
from models.checked import checked
from models.closures import closures
from models.finding import Closure, Finding, ScoringRun
from models.prior import PRIORS, digest_of, shipped
from models.risk import Risk
from models.scoring import RULE_VERSION, Scored, score
from models.unusual import unusual
from records.known import Known
from records.lake import Lake

if TYPE_CHECKING:
    from service.publishing import PublishReport

log = logging.getLogger(__name__)

SCORE_COLUMNS: Final = (
    "kind",
    "risk",
    "entity_type",
    "entity_id",
    "as_of",
    "probability",
    "predicted_on",
    "predicted_low_on",
    "predicted_high_on",
    "amount_at_stake",
    "currency",
    "expected_loss",
    "rank",
    "owner_role",
    "reasons",
    "model_version",
    "unusualness",
)
"""The columns of a score file, in order; `expected_loss` is in the reporting currency, `reasons` is JSON.
What has happened, which people are told as a fact, has probability 1 here."""


@dataclass(frozen=True)
class Run:
    """One risk scored, and what publishing it changed (None: not published)."""

    run: ScoringRun
    scored: Scored
    published: "PublishReport | None"
    advice: str = ""
    """What whoever runs Plumbline can mend; never on a worklist, whose readers cannot."""

    def summary(self) -> dict[str, Any]:
        changed = asdict(self.published) if self.published is not None else None
        return {**asdict(self.run), "findings": len(self.scored.findings), "published": changed, "advice": self.advice}

    def row(self) -> tuple[str, str, str, str]:
        return self.run.risk, f"{self.run.as_of:%Y-%m-%d %H:%M} UTC", self.run.model_version, f"{len(self.scored.findings):,}"


class Engine(Protocol):
    """What works on the records as known at one instant."""

    @property
    def lake_versions(self) -> dict[str, int]: ...

    def score(self, risk: Risk, bundle: Bundle | None) -> Scored: ...

    def closures(self, risk: Risk) -> tuple[Closure, ...]: ...


class OneMachine:
    """Works in this process; the other is models.distributed.OnSpark."""

    def __init__(self, lake: Lake, *, as_of: datetime) -> None:
        self._known, self._as_of = Known(lake, until=as_of), as_of

    @property
    def lake_versions(self) -> dict[str, int]:
        return self._known.lake_versions

    def score(self, risk: Risk, bundle: Bundle | None) -> Scored:
        return score(self._known, risk, bundle, as_of=self._as_of)

    def closures(self, risk: Risk) -> tuple[Closure, ...]:
        return closures(self._known, risk, as_of=self._as_of)


def scored(
    home: Path,
    risks: Sequence[Risk],
    *,
    as_of: datetime,
    now: datetime,
    publish: bool,
    engine: Engine | None = None,
    priors: Path = PRIORS,
) -> list[Run]:
    """Score each risk with its champion; before any promotion with its challenger; before any training with the prior that ships.

    Without any of them by the simple rule.
    """
    works = engine or OneMachine(Lake(home / "lake"), as_of=as_of)
    return [_scored(home, works, risk, as_of=as_of, now=now, publish=publish, priors=priors) for risk in risks]


COLLECTIONS: Final = risk_named("collections")


class NoPaymentModelError(ValueError):
    """No model of payment dates stands, so nothing can be said of when money comes."""


@dataclass(frozen=True)
class Expected:
    """What is expected to come in: a forecast a currency, and what a reader must know of the model that it rests on."""

    forecasts: tuple[CashForecast, ...]
    notices: tuple[str, ...]


def cash_forecast(home: Path, *, as_of: datetime, clients: Sequence[str] | None, weeks: int) -> Expected:
    """What the open invoices of these clients, or of all, bring in each of the next `weeks`.

    Raises NoPaymentModelError and RefusedModelError.
    """
    model = standing_model(home / "models", COLLECTIONS)
    if model is None or model[0].payment_time is None:
        raise NoPaymentModelError(f"no model of payment dates stands: run `plumbline train {COLLECTIONS.name}` on a hundred paid invoices")
    bundle, _, standing = model
    found = score(Known(Lake(home / "lake"), until=as_of), COLLECTIONS, bundle, as_of=as_of).findings
    items = [one for one in open_items(found) if clients is None or one.client_id in set(clients)]
    last_day = (as_of - timedelta(microseconds=1)).date()
    told = forecasts(items, as_of=last_day, weeks=weeks, spread=bundle.cash_spread or UNKNOWN_SPREAD)
    return Expected(told, _of_model(COLLECTIONS.name, bundle, standing, as_of))


def _scored(home: Path, engine: Engine, risk: Risk, *, as_of: datetime, now: datetime, publish: bool, priors: Path) -> Run:
    model = standing_model(home / "models", risk)
    if model is None:
        bundle, digest, advice = _untrained(risk, priors)
        notices: tuple[str, ...] = ()
    else:
        bundle, pointer, standing = model
        digest, notices, advice = pointer.digest, _of_model(risk.name, bundle, standing, as_of), ""
    found = engine.score(risk, bundle)
    run = ScoringRun(
        id=uuid4().hex,
        risk=risk.name,
        as_of=as_of,
        scored_at=now,
        model_version=bundle.version if bundle else RULE_VERSION,
        model_digest=digest,
        lake_versions=engine.lake_versions,
        withheld=found.withheld,
        notices=(*notices, *found.notices),
    )
    return Run(run, found, _published(run, found, engine.closures(risk), now=now) if publish else None, advice)


def scored_anomalies(home: Path, *, as_of: datetime, now: datetime, publish: bool) -> Run:
    """Look for what is unusual, by what has been learned of what is usual; without that nothing is found, and a notice says so."""
    known = Known(Lake(home / "lake"), until=as_of)
    standing = standing_anomalies(home / "models")
    model, pointer = (standing[0], standing[1]) if standing is not None else (None, None)
    found = unusual(known, model, as_of=as_of)
    run = ScoringRun(
        id=uuid4().hex,
        risk=ANOMALY,
        as_of=as_of,
        scored_at=now,
        model_version=pointer.version if pointer else "",
        model_digest=pointer.digest if pointer else "",
        lake_versions=known.lake_versions,
        withheld=found.withheld,
        notices=(*_looks_ahead(ANOMALY, model.as_of if model else as_of, as_of), *found.notices),
    )
    return Run(run, found, _published(run, found, (), now=now) if publish and model is not None else None)


def checks(home: Path, controls: Sequence[Control], *, as_of: datetime, now: datetime) -> list[Run]:
    """What each control finds, put on the worklists; what it no longer finds leaves them."""
    known = Known(Lake(home / "lake"), until=as_of)
    bearings = Bearings(known, as_of)
    runs = []
    for control in controls:
        found = checked(known, control, as_of=as_of, bearings=bearings)
        run = ScoringRun(
            id=uuid4().hex,
            risk=control.name,
            as_of=as_of,
            scored_at=now,
            model_version=RULE_VERSION,
            model_digest="",
            lake_versions=known.lake_versions,
            withheld=found.withheld,
            notices=found.notices,
        )
        runs.append(Run(run, found, _published(run, found, (), now=now)))
    return runs


def _of_model(name: str, bundle: Bundle, standing: Standing, as_of: datetime) -> tuple[str, ...]:
    """What to know of a model before trusting what it says as of an instant."""
    challenges = (f"The model of {name} has not been promoted yet: it is a challenger.",) if standing == "challenger" else ()
    return (*challenges, *_looks_ahead(name, bundle.as_of, as_of))


def _looks_ahead(name: str, learned: datetime, as_of: datetime) -> tuple[str, ...]:
    if learned <= as_of:
        return ()
    until = f"{learned:%Y-%m-%d %H:%M} UTC"
    return (f"The model of {name} learned from records up to {until}, later than this as-of: what it says looks ahead.",)


def _untrained(risk: Risk, priors: Path) -> tuple[Bundle | None, str, str]:
    """The prior and its digest; where it does not fit, nothing, and why and how that is mended, which is logged too."""
    try:
        prior = shipped(risk, folder=priors)
    except RefusedModelError as reason:
        said = str(reason)
        advice = f"{said[:1].upper()}{said[1:]}."
        log.warning(advice)
        return None, "", advice
    return prior, digest_of(risk, folder=priors), ""


def _published(run: ScoringRun, found: Scored, ended: Sequence[Closure], *, now: datetime) -> "PublishReport":
    from service.database import open_engine, upgrade, writing
    from service.publishing import publish
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with writing(engine) as session:
        report = publish(session, run, findings=found.findings, closures=ended, now=now)
    engine.dispose()
    return report


def write_scores(findings: Sequence[Finding], output: Path) -> None:
    """A score file: one row a finding, best first within its risk."""
    ranks: dict[str, int] = {}
    rows = []
    for finding in findings:
        ranks[finding.risk] = ranks.get(finding.risk, 0) + 1
        rows.append([_cell(finding, column, rank=ranks[finding.risk]) for column in SCORE_COLUMNS])
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".parquet":
        import polars as pl

        pl.DataFrame(rows, schema=list(SCORE_COLUMNS), orient="row", infer_schema_length=None).write_parquet(output)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SCORE_COLUMNS)
        writer.writerows(rows)


def _cell(finding: Finding, column: str, *, rank: int) -> object:
    if column == "rank":
        return rank
    if column == "probability" and finding.happened:
        return 1.0
    if column == "reasons":
        return json.dumps([asdict(reason) for reason in finding.reasons])
    return finding.as_of.astimezone(UTC).isoformat() if column == "as_of" else getattr(finding, column)
