"""Drafts: checked before anybody saves them."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.described import refusals
from service.api.draft_wire import CheckedDraftInvoice, DraftInvoice
from service.serving import Running

router = APIRouter(tags=["drafts"])


@router.post("/drafts:check", responses=refusals(), summary="Check a draft before it is saved")
def check_draft(
    draft: DraftInvoice,
    running: Running,
    fix: Annotated[bool, Query(description="Whether to look for the smallest fix as well; each that is tried is scored again.")] = True,  # noqa: FBT002
) -> CheckedDraftInvoice:
    """What controls find, how likely the client disputes it and by which line, which lines are unusual, and the smallest fix.

    It is judged as it would be once it were recorded, against the newest records. Nothing is stored or sent anywhere: the same draft over
    the same records gets the same answer. The first check after an import takes some seconds.
    """
    asked = draft.asked()
    checked, smallest = running.drafts.check(asked, now=running.clock(), fix=fix)
    return CheckedDraftInvoice.of(checked, smallest, asked=asked)
