"""Simulate a firm to try it on."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from plumbline.console import Failure, say, working

Start = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First of a month. Default: 2023-01-01.")]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Last day that the records know of. Default: the end of the last month."),
]


def add(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="Folder to write into; files of the same name are replaced.")],
    people: Annotated[int, typer.Option(help="Staff of the firm.", min=8)] = 120,
    months: Annotated[int, typer.Option(help="Months of history.", min=1)] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same firm.", min=0)] = 7,
    clients: Annotated[int | None, typer.Option(help="Clients; by default as many as such a firm serves.", min=2)] = None,
    mechanism: Annotated[str, typer.Option(help="How clients come to dispute: additive, hurdle or chance.")] = "additive",
    drift: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME@DATE", help="What changes from a day on: recession, migration, price_wave or billing_policy; may be given again."
        ),
    ] = None,
    random_arm: Annotated[
        float, typer.Option(help="Share of invoices for which a coin decides whether they are chased.", min=0.0, max=1.0)
    ] = 0.0,
    dialect: Annotated[
        str, typer.Option(help="Whose files it looks like: canonical, erp_a or erp_b (import with --mapping).")
    ] = "canonical",
    dirt: Annotated[bool, typer.Option("--dirt/--no-dirt", help="Leave typing slips, gaps and double rows as in real exports.")] = True,
    anomaly: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="A kind of odd entries or lines to leave in, or all; may be given again. By default none."),
    ] = None,
    start: Start = None,
    until: Until = None,
) -> None:
    """Write the records of a simulated firm into a folder. The truth behind them lies apart, in truth/ below it (docs/simulation.md).

    Example: plumbline simulate firm --people 120 --months 24 --seed 7
    """
    from simulation.anomalies import ENTRY_KINDS, LINE_KINDS
    from simulation.firm import simulate as write
    from simulation.plan import START

    with working("simulating"):
        try:
            write(
                directory,
                people=people,
                months=months,
                seed=seed,
                clients=clients,
                start=start.date() if start else START,
                until=until.date() if until else None,
                mechanism=mechanism,
                drifts=tuple(drift or ()),
                random_arm=random_arm,
                dirt=dirt,
                dialect=dialect,
                anomalies=(*ENTRY_KINDS, *LINE_KINDS) if anomaly == ["all"] else tuple(anomaly or ()),
            )
        except ValueError as error:
            raise Failure(str(error), 2, "usage") from error
    say(f"a firm of {people} people over {months} months is in {directory}")
