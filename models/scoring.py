"""Scoring: tonight's rows through the same frame call as training, to findings a person can act on. Pure: records in, findings out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.frame import build
from features.payment_runs import client_days_to_run, client_run_period
from features.windows import AS_OF
from models.bundle import Bundle
from models.currency import Exchange, exchange
from models.estimators.payment_time import QUANTILES, agree, in_runs, quantiles
from models.finding import ONCE, Evidence, Finding, LinePart, Reason
from models.line_split import LineSplit, as_evidence
from models.project_course import ProjectCourse
from models.reasons import as_text, next_step, put_to_parts, reasons, rule_reason
from models.risk import Late, Missing, Risk, Target
from models.spine import at_instants
from models.subject import Book, Subject
from records.known import DAY, MONEY_SCALE, Known

Floats = NDArray[np.float64]

_NO_HISTORY: Final = 20
"""Outcomes on record below which even a rule has nothing to say: the same bound that training sets for a model."""
_ABSTAINED: Final = "Too few outcomes are on record yet: ranked by amount only."
_RANGE: Final = np.array([0.1, 0.5, 0.9])
_DISPUTE_FIRST: Final = "A dispute on it is open: that has to be resolved first, and alone closes nothing."
RULE_VERSION: Final = "rule"


@dataclass(frozen=True)
class Scores:
    """Numbers of each row of `rows`, in its order."""

    rows: pl.DataFrame
    probability: dict[str, Floats]
    """By target."""
    rule: Floats
    contributions: Floats | None
    """Log-odds of the deciding target, rows x features; None where the rule stands."""
    days_late: Floats | None
    """Rows x 20 equally likely days after due, given that it is still open; NaN without a due date."""
    range_days: Floats | None
    """Rows x (10 %, 50 %, 90 %)."""
    margin: Floats | None
    """Rows x (10 %, 50 %, 90 %) of the margin at completion, rising; None where none is forecast."""
    decides: str


@dataclass(frozen=True)
class Scored:
    """What a scoring run found, best first, and what a reader of it must know."""

    findings: tuple[Finding, ...]
    withheld: str
    notices: tuple[str, ...]


def score(known: Known, risk: Risk, bundle: Bundle | None, *, as_of: datetime, reporting: str | None = None) -> Scored:
    """Every entity at risk at `as_of`, ranked by calibrated probability x money at stake in one currency.

    Without a bundle the simple rules stand in, and every finding says that it is provisional.
    """
    rows = framed(known, risk, instants=[as_of])
    return told(known, risk, bundle, rows, book=risk.book(known, as_of), as_of=as_of, reporting=reporting)


def told(
    known: Known, risk: Risk, bundle: Bundle | None, rows: pl.DataFrame, *, book: Book, as_of: datetime, reporting: str | None = None
) -> Scored:
    """The findings of a frame, wherever it was made. Of `known` only the rates and the lines of what is split by line are read."""
    scores = numbers(risk, bundle, rows)
    counted = scores.rows["currency"].drop_nulls().value_counts()
    currencies = counted.sort("count", "currency", descending=[True, False])["currency"].to_list()
    rates = exchange(known, currencies, as_of=as_of, reporting=reporting)
    # However often counted: nought tells that there is no history.
    abstaining = bundle is None and float(scores.rows[risk.history.name].sum()) < _NO_HISTORY
    maker = _Maker(known, risk, bundle, scores, book=book, rates=rates, as_of=as_of, abstaining=abstaining)
    findings = sorted((maker.finding(place, row) for place, row in enumerate(scores.rows.to_dicts())), key=_rank)
    withheld = bundle.withheld if bundle else _ABSTAINED if abstaining else ""
    notices = (rates.notice, "" if abstaining else _unmodelled(risk, bundle))
    return Scored(tuple(findings), withheld, tuple(note for note in notices if note))


def compute(known: Known, risk: Risk, bundle: Bundle | None, *, instants: Sequence[datetime]) -> Scores:
    """The numbers alone, of every entity at risk at each instant."""
    return numbers(risk, bundle, framed(known, risk, instants=instants))


def framed(known: Known, risk: Risk, *, instants: Sequence[datetime]) -> pl.DataFrame:
    """Every entity at risk at each instant with the signals that score it."""
    return build(known, at_instants(known, risk, instants), risk.computed)


def numbers(risk: Risk, bundle: Bundle | None, rows: pl.DataFrame) -> Scores:
    """The numbers of a frame of these signals."""
    values = rows.select(pl.col(one.name).fill_null(float("nan")) for one in risk.features).to_numpy()
    rules = {target.name: rows[target.rule.name].to_numpy() for target in risk.targets}
    models = {name: model for name, model in (bundle.targets if bundle else {}).items() if model is not None}
    decides = bundle.decides(risk) if bundle else risk.decided_by.name
    probability = {name: models[name].probability(values) if name in models and rows.height else rule for name, rule in rules.items()}
    position = _position(rows)
    probability = _certain(risk, probability, position)
    contributions = models[decides].contributions(values) if decides in models and rows.height else None
    contributions = None if contributions is None else put_to_parts(risk, values, contributions)
    days, spread = _payment(risk, bundle, rows, values=values, probability=probability) if rows.height else (None, None)
    margin = _margin(bundle, rows, values) if rows.height else None
    return Scores(rows, probability, rules[decides], contributions, days, spread, margin, decides)


def _margin(bundle: Bundle | None, rows: pl.DataFrame, values: Floats) -> Floats | None:
    if bundle is None or bundle.margin_outlook is None:
        return None
    planned = rows.select(1 - pl.col("cost") / pl.col("revenue")).to_series().to_numpy()
    return np.asarray(planned[:, None] - bundle.margin_outlook.lost(values)[:, ::-1], dtype=np.float64)


def _position(rows: pl.DataFrame) -> Floats:
    """Days after each row's due date or deadline; NaN without one."""
    if "due" not in rows.columns:
        return np.full(rows.height, np.nan)
    return ((rows[AS_OF] - rows["due"]) // DAY).cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _certain(risk: Risk, probability: dict[str, Floats], position: Floats) -> dict[str, Floats]:
    """What has already happened is certain, and paying more than 30 days late is no likelier than paying late."""
    missing = {target.name for target in risk.targets if isinstance(target.outcome, Missing)}
    found = {name: np.where(position >= 0, 1.0, values) if name in missing else values for name, values in probability.items()}
    return _ordered(risk, found, position)


def _ordered(risk: Risk, probability: dict[str, Floats], position: Floats) -> dict[str, Floats]:
    lates = [target for target in risk.targets if isinstance(target.outcome, Late)]
    found, above = dict(probability), None
    for target in sorted(lates, key=_over_days):
        certain = np.where(position >= _over_days(target), 1.0, found[target.name])
        found[target.name] = certain if above is None else np.minimum(certain, above)
        above = found[target.name]
    return found


def _over_days(target: Target) -> int:
    if not isinstance(target.outcome, Late):
        raise TypeError(f"{target.name} has no due date")
    return target.outcome.over_days


def _payment(
    risk: Risk, bundle: Bundle | None, rows: pl.DataFrame, *, values: Floats, probability: dict[str, Floats]
) -> tuple[Floats | None, Floats | None]:
    if bundle is None or bundle.payment_time is None:
        return None, None
    position = _position(rows)
    due = ~np.isnan(position)
    where = np.where(due, position, 0.0)
    curve = bundle.payment_time.cumulative(values, where)
    modelled = [one for one in risk.targets if isinstance(one.outcome, Late) and bundle.targets[one.name] is not None]
    borders = {float(_over_days(one)): probability[one.name] for one in modelled}
    bent = agree(curve, position=where, at=borders)
    period, wait = (rows[one.name].to_numpy() for one in (client_run_period, client_days_to_run))
    told = (quantiles(bent, where, at=at) for at in (QUANTILES, _RANGE))
    found = (in_runs(days, position=where, period=period, wait=wait, borders=sorted(borders)) for days in told)
    return tuple(np.where(due[:, None], days, np.nan) for days in found)  # type: ignore[return-value]


class _Maker:
    """Turns numbers into findings; holds what all rows share."""

    def __init__(
        self,
        known: Known,
        risk: Risk,
        bundle: Bundle | None,
        scores: Scores,
        *,
        book: Book,
        rates: Exchange,
        as_of: datetime,
        abstaining: bool,
    ) -> None:
        self.risk, self.bundle, self.scores, self.rates, self.as_of, self.abstaining = risk, bundle, scores, rates, as_of, abstaining
        self.book = book
        self.values = scores.rows.select(pl.col(one.name).fill_null(float("nan")) for one in risk.features).to_numpy()
        blame, asked = bundle.line_blame if bundle else None, scores.rows[risk.key]
        self.lines = LineSplit(known, blame, as_of=as_of, invoices=asked) if risk.splits_lines else None
        self.target = next(one for one in risk.targets if one.name == scores.decides)

    def finding(self, place: int, row: dict[str, Any]) -> Finding:
        probability = None if self.abstaining else float(self.scores.probability[self.scores.decides][place])
        stake = self._stake(row)
        in_reporting = self.rates.convert(stake, row["currency"])
        found = self._reasons(place, row)
        low, middle, high = self._range(place, row)
        about = self.book.subject(row)
        parts = self.lines.parts(row[self.risk.key], probability) if self.lines else ()
        return Finding(
            kind="risk",
            risk=self.risk.name,
            entity_type=self.risk.entity,
            entity_id=row[self.risk.key],
            period=ONCE,
            title=self.risk.title.format(reference=about.reference, client=about.client_name, outcome=self.target.says),
            as_of=self.as_of,
            owner_role=self.risk.owner_role,
            client_id=about.client_id,
            client_name=about.client_name,
            reference=about.reference,
            due_on=about.due_on,
            issued_on=about.issued_on,
            amount_at_stake=stake,
            currency=row["currency"],
            stake_reporting=in_reporting,
            reporting_currency=self.rates.reporting,
            probability=probability,
            expected_loss=(in_reporting * Decimal(repr(1.0 if probability is None else probability))).quantize(Decimal("0.01")),
            predicted_on=middle,
            predicted_low_on=low,
            predicted_high_on=high,
            predicted_dates=self._dates(place, row),
            suggestion=next_step(self.risk, found),
            clears=self._clears(about, row[self.risk.key], f"{row['currency']} {stake:,.2f}"),
            reasons=found,
            evidence=self._evidence(about, parts, row["currency"]),
            rule_probability=None if self.abstaining else float(self.scores.rule[place]),
            facts={**self._facts(place), **self._at_stake(row), **about.facts},
            dealings=about.dealings,
            provisional=self.scores.contributions is None,
            model_version=self.bundle.version if self.bundle else RULE_VERSION,
            lines=parts,
            course=self._course(place, about),
        )

    def _course(self, place: int, about: Subject) -> ProjectCourse | None:
        if about.course is None or self.scores.margin is None or self.abstaining:
            return about.course
        low, middle, high = (float(one) for one in self.scores.margin[place])
        return replace(about.course, low=low, middle=middle, high=high)

    def _stake(self, row: dict[str, Any]) -> Decimal:
        whole = Decimal(row[self.risk.stake]) / MONEY_SCALE
        share = self.risk.stake_share
        return (whole if share is None else whole * Decimal(repr(row[share.name]))).quantize(Decimal("0.01"))

    def _at_stake(self, row: dict[str, Any]) -> dict[str, str]:
        """How the money at stake was worked out, in words."""
        share = self.risk.stake_share
        if share is None or self.abstaining:
            return {}
        whole = f"{row['currency']} {Decimal(row[self.risk.stake]) / MONEY_SCALE:,.2f}"
        return {"At stake": f"{as_text('share', row[share.name], '')} of {whole}: what is credited of an invoice once it is disputed"}

    def _evidence(self, about: Subject, parts: tuple[LinePart, ...], currency: str) -> tuple[Evidence, ...]:
        lines = as_evidence(parts, currency=currency, source=f"invoice_line records, as known at {self.as_of:%Y-%m-%d %H:%M} UTC")
        return about.evidence if lines is None else (*about.evidence[:1], lines, *about.evidence[1:])

    def _reasons(self, place: int, row: dict[str, Any]) -> tuple[Reason, ...]:
        if self.abstaining:
            return ()
        if self.scores.contributions is None or self.bundle is None:
            return (rule_reason(self.target.rule, float(self.scores.rule[place]), says=self.target.rule_says),)
        moved = self.scores.contributions[place]
        found = reasons(self.risk, self.values[place], moved, usual=self.bundle.usual, currency=row["currency"])
        return self.lines.placed(found, row[self.risk.key]) if self.lines else found

    def _range(self, place: int, row: dict[str, Any]) -> tuple[date | None, date | None, date | None]:
        if self.scores.range_days is None or row["due_on"] is None:
            return None, None, None
        low, middle, high = (_day(row["due_on"], days) for days in self.scores.range_days[place])
        return low, middle, high

    def _dates(self, place: int, row: dict[str, Any]) -> tuple[date, ...]:
        if self.scores.days_late is None or row["due_on"] is None:
            return ()
        return tuple(_day(row["due_on"], days) for days in self.scores.days_late[place])

    def _facts(self, place: int) -> dict[str, str]:
        if self.abstaining:
            return {}
        chances = {one.says: float(self.scores.probability[one.name][place]) for one in self.risk.targets}
        facts = {f"Chance to be {says}": as_text("share", chance, "") for says, chance in chances.items()}
        if self.scores.margin is not None:
            low, middle, high = (as_text("percent", one, "") for one in self.scores.margin[place])
            cost, revenue = (float(self.scores.rows[of][place]) for of in ("cost", "revenue"))
            facts["Margin at completion"] = f"{middle} (80% range {low} to {high}), plan {as_text('percent', 1 - cost / revenue, '')}"
        return facts | {f"The simple rule ({self.target.rule_says})": as_text("share", float(self.scores.rule[place]), "")}

    def _clears(self, about: Subject, entity_id: str, money: str) -> str:
        sentence = self.risk.clears.format(money=money, reference=about.reference)
        return f"{sentence} {_DISPUTE_FIRST}" if about.dealings.disputes_now(entity_id) else sentence


def _rank(finding: Finding) -> tuple[Decimal, str]:
    return -finding.expected_loss, finding.entity_id


def _day(due_on: date, days_late: float) -> date:
    """The civil day on which money that comes `days_late` after due has come: a part of a day is that day."""
    return due_on + timedelta(days=int(np.ceil(days_late)))


def _unmodelled(risk: Risk, bundle: Bundle | None) -> str:
    if bundle is None:
        return f"No model of {risk.name} has been trained: likelihoods are those of the simple rule, and provisional."
    ruled = [target.says for target in risk.targets if bundle.targets[target.name] is None]
    return f"Too few outcomes for a model of what is {', '.join(ruled)}: the simple rule stands in." if ruled else ""
