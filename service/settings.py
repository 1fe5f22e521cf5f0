"""What can be set from outside: flat and few. Each is an environment variable PLUMBLINE_<NAME>."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    home: Path = Path("plumbline-home")
    """Folder of everything kept."""
    database_url: str = ""
    """Empty for SQLite at home/service.db."""
    capacity: int = 30
    """Accounts or recommendations one role handles in a day: where the worklist draws its line."""
    locale: str = "en_GB"
    """Of money, dates and numbers on the pages."""
    time_zone: str = "UTC"
    """In which instants are shown."""
    session_hours: int = 12
    """After this long a browser signs in again."""
    body_limit_bytes: int = 1_048_576
    """A larger request is refused with 413; a draft of a thousand lines fits."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Raises ValueError naming the variable that cannot be read."""
        given = os.environ if environment is None else environment
        settings = cls(
            home=Path(given.get("PLUMBLINE_HOME") or cls.home),
            database_url=given.get("PLUMBLINE_DATABASE_URL", cls.database_url),
            capacity=_whole(given, "PLUMBLINE_CAPACITY", default=cls.capacity),
            locale=given.get("PLUMBLINE_LOCALE") or cls.locale,
            time_zone=given.get("PLUMBLINE_TIME_ZONE") or cls.time_zone,
            session_hours=_whole(given, "PLUMBLINE_SESSION_HOURS", default=cls.session_hours),
            body_limit_bytes=_whole(given, "PLUMBLINE_BODY_LIMIT_BYTES", default=cls.body_limit_bytes),
        )
        ZoneInfo(settings.time_zone)
        return settings

    @property
    def database(self) -> str:
        """URL of the service's database."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'service.db'}"


def _whole(given: Mapping[str, str], name: str, *, default: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} must be a whole number from 1, not {text!r}")
    return int(text)
