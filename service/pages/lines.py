"""One line of a list, ready to print: an account to call or a record to check, in the same columns."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from models.due_days import days_overdue
from service.money import Money
from service.pages.places import COLLECTIONS, Area
from service.pages.wording import Wording, likelihood_text, say, say_count
from service.row import RecommendationRow
from service.words import Likelihood
from service.worklist import AccountRow


@dataclass(frozen=True)
class Line:
    key: str
    """What the URL selects and a tick names: client or recommendation."""
    name: str
    about: str
    page_url: str
    """Its full page."""
    money: Money
    """Owed or at stake, in the reporting currency: what a bulk bar adds up."""
    original: str
    """The same in the record's own currency; empty where that is the same."""
    timing: str
    timing_note: str
    is_late: bool
    predicted: str
    predicted_span: str
    likelihood: Likelihood | None
    provisional: bool
    expected: Money
    """What the list ranks by."""
    order: str
    """What `expected` is a part of; of an anomaly, that it is none."""
    subject: str
    """Which of the line's records the reason is about; empty where the line is that record."""
    notes: str
    """An open dispute and the promise that counts; empty without either."""
    reason: str
    suggestion: str
    next_step: str
    """Day of the next step with the account; empty without one."""
    promised: str
    """The next day for which something is promised; empty without a promise."""
    standing: str
    """What became of it; empty while it is open."""
    place: int
    above_line: bool

    @property
    def amount(self) -> Decimal:
        return self.money.amount

    def announced(self, wording: Wording, *, of: int) -> str:
        """What a screen reader hears when the line is opened."""
        values: dict[str, object] = {
            "name": self.name,
            "about": self.about,
            "money": wording.whole(self.money),
            "likelihood": likelihood_text(self.likelihood),
        }
        values |= {"place": self.place, "of": of}
        if not self.about:
            return say("%(name)s, %(money)s, %(likelihood)s, line %(place)s of %(of)s", values)
        return say("%(name)s, %(about)s, %(money)s, %(likelihood)s, line %(place)s of %(of)s", values)


def account_line(row: AccountRow, wording: Wording) -> Line:
    """An account: its sums, and what its record with the largest expected loss says."""
    top = row.top
    return Line(
        key=row.client_id,
        name=row.client_name,
        about=say_count("%(number)s invoice", "%(number)s invoices", number=row.records),
        page_url=f"{COLLECTIONS.path}/accounts/{quote(row.client_id, safe='')}",
        money=row.at_stake,
        original="" if row.owed == row.at_stake else say("of %(owed)s", {"owed": wording.whole(row.owed)}),
        timing=wording.overdue(row.overdue_days),
        timing_note=wording.due(row.oldest_due_on),
        is_late=row.overdue_days > 0,
        predicted=wording.short(row.predicted_on) if row.predicted_on else "–",
        predicted_span=wording.span(top.predicted_low_on, top.predicted_high_on),
        likelihood=row.likelihood,
        provisional=top.provisional,
        expected=row.expected_loss,
        order=_order(row.at_stake, wording),
        subject=top.reference if row.records > 1 else "",
        notes=_sentence(notes_on(top, wording), subject=top.reference if row.records > 1 else ""),
        reason=row.top_reason,
        suggestion=row.suggestion,
        next_step=wording.soon(row.next_step_on) if row.next_step_on else "",
        promised=wording.soon(row.promised_for_on) if row.promised_for_on else "",
        standing="",
        place=row.rank,
        above_line=row.above_line,
    )


def record_line(row: RecommendationRow, wording: Wording, *, area: Area, place: int) -> Line:
    """One recommendation: a record to check or to talk about, or one that is no longer open."""
    days = days_overdue(row.due_on, wording.today) if row.due_on else 0
    other_currency = row.at_stake.currency != row.at_stake_reporting.currency
    return Line(
        key=row.id,
        name=row.title,
        about=_about(row),
        page_url=record_url(area, row),
        money=row.at_stake_reporting,
        original=wording.whole(row.at_stake) if other_currency else "",
        timing=wording.days_left(row.due_on),
        timing_note=wording.short(row.due_on) if row.due_on else "",
        is_late=days > 0,
        predicted=wording.short(row.predicted_on) if row.predicted_on else "–",
        predicted_span=wording.span(row.predicted_low_on, row.predicted_high_on),
        likelihood=row.said,
        provisional=row.provisional,
        expected=row.expected_loss,
        order=say("amount, no expected loss") if row.kind == "anomaly" else _order(row.at_stake_reporting, wording),
        subject="",
        notes=_sentence(notes_on(row, wording), subject=""),
        # The title of what a control found is what it says: once is enough.
        reason="" if row.kind == "control" else row.top_reason,
        suggestion=row.suggestion,
        next_step="",
        promised="",
        standing=wording.standing(row),
        place=place,
        above_line=True,
    )


def _about(row: RecommendationRow) -> str:
    """The client where the title does not say it, and how much else was found of the same bill or record."""
    parts = [say("draft")] if row.stage == "draft" else []
    parts += [] if row.client_name in row.title else [row.client_name]
    if row.further:
        more = say_count("+%(number)s more on this bill", "+%(number)s more on this bill", number=row.further)
        other = say_count("+%(number)s more about it", "+%(number)s more about it", number=row.further)
        parts.append(more if row.stage in {"draft", "fresh"} else other)
    return " · ".join(parts)


def record_url(area: Area, row: RecommendationRow) -> str:
    """The full page of one recommendation."""
    if area.by_account:
        return f"{area.path}/accounts/{quote(row.client_id, safe='')}?record={quote(row.id, safe='')}"
    chosen = f"?record={quote(row.id, safe='')}" if row.kind != "risk" else ""
    return f"{area.record_page(row.risk, row.entity_id)}{chosen}"


def _order(at_stake: Money, wording: Wording) -> str:
    """What the expected loss is a part of: read after the likelihood, it says why the line stands where it stands."""
    return say("of %(stake)s", {"stake": wording.whole(at_stake)})


def notes_on(row: RecommendationRow, wording: Wording) -> tuple[str, ...]:
    """What the collector must know of one invoice before calling about it: a dispute, and the promise that counts for it."""
    disputed = (say("in dispute"),) if row.in_dispute else ()
    if row.promise_state is None or row.promised_for_on is None or row.promised is None:
        return disputed
    values = {"money": wording.money(row.promised), "day": wording.short(row.promised_for_on)}
    texts = {
        "open": "promised by %(day)s" if row.promised.amount >= row.at_stake.amount else "%(money)s promised by %(day)s",
        "part": "%(money)s of what was promised by %(day)s did not come",
        "broken": "promise of %(day)s broken",
    }
    text = texts.get(row.promise_state)
    return (*disputed, say(text, values)) if text else disputed


def _sentence(notes: tuple[str, ...], *, subject: str) -> str:
    """Notes as one short sentence about a record that is named, or about the line itself."""
    if not notes:
        return ""
    text = say(" and ").join(notes)
    return say("%(reference)s: %(text)s.", {"reference": subject, "text": text}) if subject else f"{text[:1].upper()}{text[1:]}."
