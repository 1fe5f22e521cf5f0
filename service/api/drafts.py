"""Drafts: checked before anybody saves them."""

from fastapi import APIRouter

from service.api.described import refusals
from service.api.draft_wire import CheckedDraftInvoice, DraftInvoice
from service.serving import Running

router = APIRouter(tags=["drafts"])


@router.post("/drafts:check", responses=refusals(), summary="Check a draft before it is saved")
def check_draft(draft: DraftInvoice, running: Running) -> CheckedDraftInvoice:
    """What controls find, how likely the client disputes it and by which line, and which lines are unusual.

    It is judged as it would be once it were recorded, against the newest records. Nothing is stored or sent anywhere: the same draft over
    the same records gets the same answer. The first check after an import takes some seconds.
    """
    return CheckedDraftInvoice.of(running.drafts.check(draft.asked(), now=running.clock()))
