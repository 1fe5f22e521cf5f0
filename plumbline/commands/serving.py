"""Serve the API and the pages."""

from typing import Annotated

import typer

from plumbline.console import say


def add(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8765,
) -> None:
    """Serve the worklists and the API, until interrupted.

    Example: plumbline serve --port 8765
    """
    import uvicorn

    from service.app import create_app
    from service.settings import Settings

    say(f"http://{host}:{port} (stop with Ctrl-C)")
    uvicorn.run(
        create_app(Settings.from_environment()),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
