"""The page of a draft's smallest fix, by the newest records: what to change, where the value is from, what it makes of the draft."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.draft_check import CheckedDraft
from models.fixes.smallest import Effect, Fix, Step
from service.money import Money, to_minor_unit
from service.pages.desk import AtDesk
from service.pages.places import BILLING
from service.pages.render import page
from service.pages.wording import Wording, say, say_count
from service.serving import Running
from service.words import likelihood

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True)
class StepText:
    says: str
    source: str
    minutes: str
    held_back: str
    likelihood: str


@router.get("/billing/invoices/{invoice_id}/fix")
def smallest_fix_page(desk: AtDesk, running: Running, invoice_id: str) -> HTMLResponse:
    """Raises NotFound for what is no draft on record."""
    desk.enter(BILLING)
    checked, fix = running.drafts.on_record(invoice_id, now=desk.now)
    values = {
        "area": BILLING,
        "reference": checked.dispute.reference,
        "client": checked.dispute.client_name,
        "as_of": desk.wording.instant(checked.as_of),
        "summary": summary(checked, fix, desk.wording),
        "steps": tuple(step_text(step, currency=checked.dispute.currency, wording=desk.wording) for step in fix.steps),
        "left": tuple(one.why for one in fix.left),
        "instead": tuple(one.says for one in fix.instead),
        "back": f"{BILLING.path}/invoices/{quote(invoice_id, safe='')}",
    }
    return page(desk.request, "fix.html", wording=desk.wording, actor=desk.actor, values=values)


def summary(checked: CheckedDraft, fix: Fix, wording: Wording) -> str:
    """One sentence: whether it passes, after what."""
    money = [wording.money(_money(one.amount, checked.dispute.currency)) for one in (fix.before, fix.together)]
    values = {
        "before": _likelihood(fix.before),
        "after": _likelihood(fix.together),
        "amount": money[0] if money[0] == money[1] else say("%(before)s becomes %(after)s", {"before": money[0], "after": money[1]}),
        "minutes": say_count("%(number)s minute", "%(number)s minutes", number=fix.minutes),
    }
    if not fix.steps:
        begins = "Nothing need be changed." if fix.passes else "Nothing that can be changed brings it under the line."
        return say(f"{begins} Dispute: %(before)s. Amount: %(amount)s.", values)
    begins = "Ready to go out after this" if fix.passes else "Better after this, and not yet ready"
    return say(f"{begins}, some %(minutes)s of work. Dispute: %(before)s before, %(after)s after. Amount: %(amount)s.", values)


def step_text(step: Step, *, currency: str, wording: Wording) -> StepText:
    change = step.change
    table, record = change.source or ("", "")
    return StepText(
        says=change.says,
        source=f"{table.replace('_', ' ')} {record}".strip() or say("to be asked for"),
        minutes=f"{change.minutes}",
        held_back=wording.money(_money(change.held_back, currency)) if change.held_back else "",
        likelihood=_likelihood(step.alone),
    )


def _likelihood(effect: Effect) -> str:
    return (
        say("likelihood not known") if effect.probability is None else f"{likelihood(effect.probability).words} ({effect.probability:.0%})"
    )


def _money(amount: Decimal, currency: str) -> Money:
    return Money(to_minor_unit(amount, currency), currency)
