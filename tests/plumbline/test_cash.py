"""`plumbline cash`: what it says of the model that it rests on, as every other command does."""

from pathlib import Path

import pytest

from tests.plumbline.command_line import Cli

LEARNED, BEFORE = "2025-12-22", "2025-09-30"


@pytest.fixture(scope="module")
def trained(plumbline: Cli, firm: Path) -> Cli:
    plumbline("import", str(firm))
    plumbline("train", "collections", "--as-of", LEARNED)
    return plumbline


def notices(run: Cli, as_of: str) -> list[str]:
    found: list[str] = run.json("cash", "--as-of", as_of, "--weeks", "4")["notices"]
    scored = run.json("score", "collections", "--as-of", as_of, "--no-publish")["runs"][0]["notices"]
    assert found == scored[: len(found)], "a forecast says of the model what a scoring says"
    return found


def test_a_model_that_learned_from_later_records_is_said_to_look_ahead(trained: Cli) -> None:
    ahead = "learned from records up to 2025-12-23 00:00 UTC, later than this as-of: what it says looks ahead."
    assert any(ahead in notice for notice in notices(trained, BEFORE))
    assert not any("looks ahead" in notice for notice in notices(trained, LEARNED))
    assert ahead in trained("cash", "--as-of", BEFORE).stderr
    told = trained("cash", "--as-of", LEARNED).stderr
    assert "looks ahead" not in told
    assert "comes later or never; invoices still to be issued are not in it" in told


def test_a_challenger_is_said_to_be_one_until_it_is_promoted(trained: Cli) -> None:
    assert any("has not been promoted yet" in notice for notice in notices(trained, LEARNED))
    trained("promote", "collections")
    assert notices(trained, LEARNED) == []


def test_a_client_without_open_invoices_is_told_in_words(trained: Cli) -> None:
    told = trained("cash", "--as-of", LEARNED, "--client", "nobody")
    assert told.stdout == ""
    assert "no invoice of these clients was open as of 2025-12-23 00:00 UTC, so nothing is expected" in told.stderr
