"""What commands share: where things are kept, how results and failures are written, when a bar is drawn."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter  # what Typer hands over

SCHEMA_VERSION: Final = 1
LONGEST_SENTENCE: Final = 200
"""Letters: the whole first sentence of every command."""
WIDTH: Final = 100
"""Columns of a table where no terminal tells its own."""

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object instead of text.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="By what was known at the end of this day (UTC), or at an instant such as 2026-11-23T18:00:00Z. Default: the last record.",
    ),
]


class Group(TyperGroup):
    """A command that has others: its help gives the first sentence of each whole, where its kind cuts them to a line."""

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """In the order in which they were added."""
        told = [(name, self.commands[name].get_short_help_str(LONGEST_SENTENCE)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(told)


@dataclass
class Failure(Exception):
    """An expected refusal: what, where and how to mend it, with its exit code."""

    detail: str
    code: int = 1
    title: str = "failed"


def home() -> Path:
    """The folder of everything kept."""
    return Path(os.environ.get("PLUMBLINE_HOME") or "plumbline-home")


def now() -> datetime:
    """The clock, read at the edge alone."""
    return datetime.now(UTC)


def instant(text: str | None) -> datetime:
    """The instant that `--as-of` names; the last record's where it is not given. Raises Failure."""
    from records.known import instant_of
    from records.lake import Lake

    if text is None:
        last = Lake(home() / "lake").last_recorded()
        if last is None:
            raise Failure(f"no records under {home() / 'lake'}: import some first, with `plumbline import FOLDER`", 4, "no records")
        return min(last, now())
    try:
        return instant_of(date.fromisoformat(text) if len(text) == len("2026-11-23") else datetime.fromisoformat(text))
    except ValueError as error:
        raise Failure(
            f"--as-of {text}: {error}. Write a date such as 2026-11-23 or an instant such as 2026-11-23T18:00:00Z", 2, "usage"
        ) from error


def emit(result: dict[str, Any]) -> None:
    """A result as one JSON object."""
    typer.echo(json.dumps({"schema_version": SCHEMA_VERSION, **result}, indent=1, default=str))


def fail(failure: Failure, *, as_json: bool) -> int:
    """Write a failure where a reader looks for it; its exit code."""
    if as_json:
        emit({"type": "about:blank", "title": failure.title, "status": failure.code, "detail": failure.detail})
    else:
        typer.echo(f"plumbline: {failure.detail}", err=True)
    return failure.code


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> None:
    """A table on stdout; the columns after the first `left` are numbers."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, justify="left" if place < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False).print(table)


def say(text: str) -> None:
    """Something to know that is not data."""
    typer.echo(text, err=True)


def on_terminal() -> bool:
    """Whether what is said reaches a terminal, where a bar can be drawn."""
    return Console(stderr=True).is_terminal


@contextmanager
def working(what: str) -> Iterator[None]:
    """A bar while something long runs, on a terminal alone."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    if not on_terminal():
        yield
        return
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        yield
