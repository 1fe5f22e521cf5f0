"""Whether the process lives, and whether it can serve."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from service.api.described import described
from service.api.wire import Wire
from service.database import at_head, reading
from service.problems import NotReady
from service.runs import current_runs
from service.serving import Running

router = APIRouter(tags=["health"])


class Health(Wire):
    """Well, or this answer would not have come."""

    status: Annotated[Literal["ok"], Field(description="Always ok; a failure is a problem with its status.", examples=["ok"])] = "ok"


@router.get("/healthz", summary="Say that the process lives")
async def healthz() -> Health:
    return Health()


@router.get("/readyz", responses=described(NotReady), summary="Say whether it can serve: database, migrations, a scoring to show")
def readyz(running: Running) -> Health:
    try:
        if not at_head(running.engine):
            raise NotReady("The database is not at the newest migration; start the service again or run an upgrade.")
        with reading(running.engine) as session:
            scored = current_runs(session)
    except SQLAlchemyError as error:
        raise NotReady("The database cannot be reached.") from error
    if not scored:
        raise NotReady("Nothing has been scored yet.")
    return Health()
