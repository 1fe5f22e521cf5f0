"""What every request can rely on: settings, database, clock and signing key of the running service."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy.engine import Engine
from starlette.requests import HTTPConnection

from service.drafts import DraftDesks
from service.settings import Settings

Clock = Callable[[], datetime]

KEY_BYTES = 32


@dataclass(frozen=True)
class Serving:
    settings: Settings
    engine: Engine
    """Open it with `reading(engine)` or `writing(engine)` (service/database.py)."""
    clock: Clock
    key: bytes
    """Signs browser sessions and forms."""
    drafts: DraftDesks

    def today(self, now: datetime) -> date:
        """The civil day of an instant where the firm is."""
        return now.astimezone(ZoneInfo(self.settings.time_zone)).date()


def utc_now() -> datetime:
    return datetime.now(UTC)


def serving(connection: HTTPConnection) -> Serving:
    """Dependency: the running service."""
    running: Serving = connection.app.state.serving
    return running


Running = Annotated[Serving, Depends(serving)]


def signing_key(home: Path) -> bytes:
    """The key kept in home/secret, readable by its owner alone; made on first use."""
    path = home / "secret"
    home.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".secret-{secrets.token_hex(8)}")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            # Two services that start at once agree on one key: a link is made only where there is none, and is whole at once.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
