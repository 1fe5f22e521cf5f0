"""The page of the controls: what people made of each, and what that proposes. It changes nothing."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.control_trials import KeptTrial, kept_trials
from service.control_ledger import LedgerLine, control_ledger
from service.database import reading
from service.pages.desk import AtDesk
from service.pages.listing import joined
from service.pages.render import page
from service.pages.wording import Wording, say, say_count

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True)
class LedgerRow:
    """One control, ready to print."""

    name: str
    says: str
    spoke: int
    waiting: int
    right: int
    wrong: int
    precision: str
    interval: str
    found: str
    minutes: str
    timed: str


@dataclass(frozen=True)
class ProposalText:
    name: str
    says: str
    command: str
    tried: str


@router.get("/controls")
def controls_page(desk: AtDesk) -> HTMLResponse:
    with reading(desk.engine) as session:
        lines = control_ledger(session, desk.sees, trials=kept_trials(desk.settings.home))
    values = {
        "at_controls": True,
        "spoke": tuple(ledger_row(line, desk.wording) for line in lines if line.recommendations),
        "silent": tuple(ledger_row(line, desk.wording) for line in lines if not line.recommendations),
        "proposals": tuple(text for line in lines if (text := proposal_text(line, desk.wording))),
    }
    return page(desk.request, "controls.html", wording=desk.wording, actor=desk.actor, values=values)


def ledger_row(line: LedgerLine, wording: Wording) -> LedgerRow:
    low, high = line.precision_interval or (0.0, 0.0)
    spent = line.spent
    return LedgerRow(
        name=line.control.title,
        says=line.control.says,
        spoke=line.recommendations,
        waiting=line.waiting,
        right=line.right,
        wrong=line.wrong,
        precision="–" if line.precision is None else f"{line.precision:.0%}",
        interval="" if line.precision is None else say("%(low)s to %(high)s", {"low": f"{low:.0%}", "high": f"{high:.0%}"}),
        found=joined(line.found, wording),
        minutes="–" if spent is None else f"{spent.minutes:,.0f}",
        timed="" if spent is None else say_count("%(number)s decision", "%(number)s decisions", number=spent.timed),
    )


def proposal_text(line: LedgerLine, wording: Wording) -> ProposalText | None:
    one = line.proposal
    if one is None:
        return None
    return ProposalText(line.control.title, one.says, one.command, _tried(one.tried, wording) if one.tried else say("Untried."))


def _tried(trial: KeptTrial, wording: Wording) -> str:
    values = {
        "when": wording.instant(trial.tried_at),
        "as_is": f"{trial.as_is:,}",
        "tried": f"{trial.tried:,}",
        "invoices": f"{trial.vanished_invoices:,}",
        "disputed": f"{trial.vanished_disputed:,}",
    }
    if not trial.tolerances:
        return say("Tried %(when)s: %(as_is)s findings through the records.", values)
    return say(
        "Tried %(when)s: %(tried)s findings instead of %(as_is)s; of the %(invoices)s invoices left out the clients disputed %(disputed)s.",
        values,
    )
