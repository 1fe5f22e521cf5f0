"""The command line. Data goes to stdout, everything else to stderr; a command imports what it needs when it runs.

Exit codes: 0 done · 1 failure · 2 usage · 3 gate not met · 4 data late or rejected · 5 upstream unavailable · 130 interrupted.
"""

import sys
from typing import Final

import typer

from plumbline import __version__
from plumbline.commands import audit, cash, controls, demo, guidelines, models, people, records, serving, simulation
from plumbline.console import Failure, Group, fail

EPILOG: Final = "Exit codes: 0 done, 1 failure, 2 usage, 3 gate not met, 4 data late or rejected, 5 upstream unavailable, 130 interrupted."

app = typer.Typer(
    name="plumbline",
    cls=Group,
    help="Shows a professional-services firm what is out of true between delivery, billing and cash. Recommends; never posts.\n\n"
    "Example: plumbline demo\n\n"
    "Once: import, train and promote each risk, and issue tokens. Each night: import, score, check --publish. "
    "What serve shows follows.\n\n"
    "Everything kept lies under PLUMBLINE_HOME (default ./plumbline-home).",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

for module in (records, controls, guidelines, models, audit, cash, serving, simulation, people, demo):
    module.add(app)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """The entry point: one place turns an expected failure into words, JSON and an exit code."""
    try:
        app()
    except Failure as failure:
        sys.exit(fail(failure, as_json="--json" in sys.argv))
    except KeyboardInterrupt:
        sys.exit(130)
