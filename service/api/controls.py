"""Controls: what each checks, how often it spoke, and what people made of it."""

from fastapi import APIRouter

from models.control_trials import kept_trials
from service.api.control_wire import Control, ControlList
from service.api.described import refusals
from service.api.guard import ApiActor
from service.control_ledger import control_ledger
from service.database import reading
from service.serving import Running

router = APIRouter(prefix="/controls", tags=["controls"])


@router.get("", responses=refusals(), summary="List the controls, each with its ledger")
def list_controls(actor: ApiActor, running: Running) -> ControlList:
    with reading(running.engine) as session:
        lines = control_ledger(session, actor.sees, trials=kept_trials(running.settings.home))
        return ControlList(items=[Control.of(line) for line in lines])
