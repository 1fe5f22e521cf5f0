from dataclasses import fields
from pathlib import Path

import pytest

from service.settings import Settings


def test_there_are_few_settings() -> None:
    assert len(fields(Settings)) <= 20


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.database == f"sqlite:///{Path('plumbline-home').absolute() / 'service.db'}"


def test_everything_can_be_set() -> None:
    given = {
        "PLUMBLINE_HOME": "elsewhere",
        "PLUMBLINE_DATABASE_URL": "postgresql://localhost/plumbline",
        "PLUMBLINE_CAPACITY": "12",
        "PLUMBLINE_LOCALE": "de_DE",
        "PLUMBLINE_TIME_ZONE": "Europe/Berlin",
        "PLUMBLINE_SESSION_HOURS": "8",
        "PLUMBLINE_BODY_LIMIT_BYTES": "1000",
    }
    settings = Settings.from_environment(given)
    assert len(given) == len(fields(Settings))
    assert all(getattr(settings, field.name) != field.default for field in fields(Settings))
    assert settings.database == "postgresql://localhost/plumbline"


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5"])
def test_a_number_that_cannot_be_read_names_its_variable(wrong: str) -> None:
    with pytest.raises(ValueError, match="PLUMBLINE_CAPACITY"):
        Settings.from_environment({"PLUMBLINE_CAPACITY": wrong})
