"""Which models stand: read from the pointer files of the home folder, without the registry."""

import logging
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter
from pydantic import ValidationError

from service.api.described import refusals
from service.api.model_wire import Model, ModelList, Pointer
from service.serving import Running

router = APIRouter(prefix="/models", tags=["models"])
log = logging.getLogger(__name__)


@router.get("", responses=refusals(), summary="List the models that stand, and what was measured on them")
def list_models(running: Running) -> ModelList:
    """Empty before the first training. The challenger takes the champion's place when it is promoted."""
    return ModelList(items=list(_standing(running.settings.home / "models")))


def _standing(folder: Path) -> Iterator[Model]:
    for standing in ("champion", "challenger"):
        for path in sorted(folder.glob(f"*/{standing}.json")):
            try:
                pointer = Pointer.model_validate_json(path.read_bytes())
            except (ValidationError, OSError):
                # A damaged file must not hide the other models; scoring refuses the model it points to.
                log.exception("%s cannot be read", path)
                continue
            yield Model(**pointer.model_dump(), standing=standing)
