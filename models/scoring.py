"""Scoring: tonight's rows through the same frame call as training, to findings a person can act on. Pure: records in, findings out."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.bundle import Bundle
from models.currency import Exchange, exchange
from models.due_days import days_overdue
from models.finding import ONCE, Evidence, Finding, LinePart, Reason
from models.line_split import LineSplit, as_evidence
from models.numbers import Scores, framed, numbers
from models.project_course import ProjectCourse
from models.reasons import as_text, next_step, reasons, rule_reason
from models.risk import Risk
from models.subject import Book, Subject
from records.known import MONEY_SCALE, Known

Floats = NDArray[np.float64]

_NO_HISTORY: Final = 20
"""Outcomes on record below which even a rule has nothing to say: the same bound that training sets for a model."""
_ABSTAINED: Final = "Too few outcomes are on record yet: ranked by amount only."
_DISPUTE_FIRST: Final = "A dispute on it is open: that has to be resolved first, and alone closes nothing."
_SO_IS_MONEY: Final = "The order can be relied on sooner than the likelihoods, and so can expected money."
_RULED: Final = (
    "No model of {risk} ranks here yet: plain rates of the firm's own records do. "
    "Check the records before you rely on the order, and take likelihoods for rough."
)
"""For the reader of a worklist, who cannot train one."""
RULE_VERSION: Final = "rule"
HAPPENED: Final = "happened"
"""Code of the reason that is none of a model's: the records show the outcome."""


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
    withheld = _withheld(bundle, scores.decides) if bundle else _ABSTAINED if abstaining else ""
    notices = (rates.notice, "" if abstaining else _unmodelled(risk, bundle), _provisional(bundle, scores.decides))
    return Scored(tuple(findings), withheld, tuple(note for note in notices if note))


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

    def _told(self, about: Subject, found: tuple[Reason, ...], *, happened: bool, money: str) -> tuple[str, tuple[Reason, ...]]:
        """Title and reasons: of a risk what the model says, of what has happened that it has."""
        fact = self.risk.happened
        if not happened or fact is None:
            return self.risk.title.format(reference=about.reference, client=about.client_name, outcome=self.target.says), found
        due_on = about.due_on or self.as_of.date()
        overdue = as_text("days", days_overdue(due_on, self.as_of.date()), "")
        reason = fact.reason.format(due=f"{due_on:%-d %b %Y}", money=money)
        title = fact.title.format(reference=about.reference, client=about.client_name, overdue=overdue)
        return title, (Reason(HAPPENED, reason, raises=True, effect=0.0, seen=overdue, usual=""),)

    def finding(self, place: int, row: dict[str, Any]) -> Finding:
        happened = bool(self.scores.happened[self.scores.decides][place])
        unsaid = self.abstaining or happened
        probability = None if unsaid else float(self.scores.probability[self.scores.decides][place])
        stake = self._stake(row)
        money = f"{row['currency']} {stake:,.2f}"
        in_reporting = self.rates.convert(stake, row["currency"])
        found = self._reasons(place, row)
        low, middle, high = self._range(place, row)
        about = self.book.subject(row)
        title, said = self._told(about, found, happened=happened, money=money)
        parts = self.lines.parts(row[self.risk.key], probability) if self.lines else ()
        return Finding(
            kind="risk",
            risk=self.risk.name,
            entity_type=self.risk.entity,
            entity_id=row[self.risk.key],
            period=ONCE,
            title=title,
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
            suggestion=next_step(self.risk, found, issued=about.issued_on is not None),
            clears=self._clears(about, row[self.risk.key], money),
            reasons=said,
            evidence=self._evidence(about, parts, row["currency"]),
            rule_probability=None if unsaid else float(self.scores.rule[place]),
            facts={**self._facts(place), **self._at_stake(row), **about.facts},
            dealings=about.dealings,
            provisional=not happened and (bool(self.scores.by_rule[place]) or bool(self.scores.caveat[place])),
            caveat="" if happened else self.scores.caveat[place],
            model_version=self.bundle.version if self.bundle else RULE_VERSION,
            lines=parts,
            course=self._course(place, about),
            happened=happened,
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
        if self.scores.contributions is None or self.bundle is None or self.scores.by_rule[place]:
            return (rule_reason(self.target.rule, float(self.scores.rule[place]), says=self.target.rule_says),)
        moved = self.scores.contributions[place]
        found = reasons(self.risk, self.values[place], moved, usual=self.bundle.usual, currency=row["currency"], as_of=self.as_of)
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
        open_still = [one for one in self.risk.targets if not self.scores.happened[one.name][place]]
        chances = {one.says: float(self.scores.probability[one.name][place]) for one in open_still}
        facts = {f"Chance to be {says}": as_text("share", chance, "") for says, chance in chances.items()}
        if self.scores.margin is not None:
            low, middle, high = (as_text("percent", one, "") for one in self.scores.margin[place])
            cost, revenue = (float(self.scores.rows[of][place]) for of in ("cost", "revenue"))
            facts["Margin at completion"] = f"{middle} (80% range {low} to {high}), plan {as_text('percent', 1 - cost / revenue, '')}"
        if self.target not in open_still:
            return facts
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
        return _RULED.format(risk=risk.name.replace("_", " "))
    ruled = [target.says for target in risk.targets if bundle.targets[target.name] is None]
    return f"Too few outcomes for a model of what is {', '.join(ruled)}: the simple rule stands in." if ruled else ""


def _withheld(bundle: Bundle, decides: str) -> str:
    return bundle.stands_on(decides).abstains or bundle.withheld


def _provisional(bundle: Bundle | None, decides: str) -> str:
    if bundle is None or bundle.stands_on(decides).abstains or not (caveat := bundle.stands_on(decides).caveat):
        return ""
    return f"{bundle.risk.replace('_', ' ').capitalize()} is {caveat[0].lower()}{caveat[1:]} {_SO_IS_MONEY}"
