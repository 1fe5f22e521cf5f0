"""Serve the API and the pages."""

from typing import TYPE_CHECKING, Annotated

import typer

from plumbline.console import now, say

if TYPE_CHECKING:
    from service.serving import Clock


def add(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8765,
) -> None:
    """Serve the worklists and the API, until interrupted. `plumbline token issue` makes what people sign in with.

    Read from the environment: PLUMBLINE_DATABASE_URL (default: SQLite under PLUMBLINE_HOME), PLUMBLINE_CAPACITY (what one role handles in
    a day), PLUMBLINE_LOCALE, PLUMBLINE_TIME_ZONE, PLUMBLINE_SESSION_HOURS, PLUMBLINE_BODY_LIMIT_BYTES.

    Example: plumbline serve --port 8765
    """
    served(host, port, clock=now)


def served(host: str, port: int, *, clock: "Clock") -> None:
    """Until interrupted. `clock`: what tells the service the instant."""
    import uvicorn

    from service.app import create_app
    from service.settings import Settings

    say(f"http://{host}:{port} (stop with Ctrl-C)")
    uvicorn.run(
        create_app(Settings.from_environment(), clock=clock),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
