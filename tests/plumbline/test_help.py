"""What a stranger reads of each command: whole sentences, every option told, an example that can be given."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import records
from plumbline.cli import app
from plumbline.commands.people import tokens
from service.auth import Role
from service.settings import Settings

ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - Typer's own kind
    """Each command that does something, with the words that name it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = list(commands())
EACH = pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])


def shown(*path: str) -> str:
    return " ".join(CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).output.split())


@pytest.mark.parametrize("group", [(), ("controls",), ("guidelines",), ("token",)], ids=" ".join)
def test_the_list_of_commands_holds_whole_sentences(group: tuple[str, ...]) -> None:
    told = shown(*group)
    assert "..." not in told.partition("Commands:")[2]
    for path, command in COMMANDS:
        if path[:-1] == group:
            assert command.get_short_help_str(200).rstrip(".") in told


@EACH
def test_every_option_and_argument_is_told(path: tuple[str, ...], command: Any) -> None:  # noqa: ANN401
    for one in command.params:
        assert one.help or one.name == "help", f"{path}: {one.name} has no help"


@EACH
def test_its_example_names_it_and_its_own_options(path: tuple[str, ...], command: Any) -> None:  # noqa: ANN401
    if path == ("version",):
        return
    [example] = re.findall(r"^Example: plumbline (.+)$", command.help, re.MULTILINE)
    words = shlex.split(example)
    assert tuple(words[: len(path)]) == path
    taken = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= taken


def test_what_can_be_named_is_named() -> None:
    mappings = sorted(one.stem for one in (Path(records.__file__).parent / "mappings").glob("*.yaml"))
    assert f"{', '.join(mappings)}, or a YAML file" in shown("import")
    assert set(Role) <= set(re.findall(r"\w+", shown("token", "issue")))
    assert tokens.info.help


def test_serving_names_every_setting() -> None:
    told = shown("serve")
    assert {f"PLUMBLINE_{one.name.upper()}" for one in fields(Settings)} <= set(re.findall(r"PLUMBLINE_\w+", told))
