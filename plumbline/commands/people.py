"""Who may sign in: access tokens."""

from typing import Annotated

import typer

from plumbline.console import AsJson, Failure, Group, emit, now, say

tokens = typer.Typer(cls=Group, help="Issue and revoke access tokens, one for each person or program.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    app.add_typer(tokens, name="token")


@tokens.command()
def issue(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will use it: a person, or a program.")],
    role: Annotated[
        str,
        typer.Option(
            metavar="ROLE",
            help="What it may see and do: billing_reviewer, delivery_lead, collector, model_steward, controller, auditor or administrator.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Issue a token. It is shown once; only a digest of it is kept.

    Example: plumbline token issue "Ana Ortiz" --role collector
    """
    token = issued(name, role)
    if as_json:
        emit({"name": name, "role": role, "token": token})
    else:
        say(f"{name} signs in with this token, as {role}; it is not shown again:")
        typer.echo(token)


@tokens.command()
def revoke(token_id: Annotated[str, typer.Argument(metavar="ID", help="The part of the token between its two underscores.")]) -> None:
    """Revoke a token: its next request is refused.

    Example: plumbline token revoke a1b2c3d4
    """
    from service.auth import revoke_token
    from service.database import open_engine, upgrade, writing
    from service.settings import Settings

    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with writing(engine) as session:
        done = revoke_token(session, token_id, now=now())
    if not done:
        raise Failure(f"no token {token_id} is in force", 1, "not found")
    say(f"token {token_id} is revoked")


def issued(name: str, role: str) -> str:
    """A new token for a person in a role. Raises Failure for a role that is not one."""
    from service.auth import Role, issue_token
    from service.database import open_engine, upgrade, writing
    from service.settings import Settings

    if role not in set(Role):
        raise Failure(f"--role {role} is no role; roles are {', '.join(Role)}", 2, "usage")
    engine = open_engine(Settings.from_environment().database)
    upgrade(engine)
    with writing(engine) as session:
        token = issue_token(session, name, role=Role(role), now=now())
    engine.dispose()
    return token
