"""Controls: what each checks, how often it spoke, and what people made of it."""

from fastapi import APIRouter

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
        return ControlList(items=[Control.of(line) for line in control_ledger(session, actor.sees)])
