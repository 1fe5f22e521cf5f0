"""What every operation of the API checks before it works: a token, a permission, and no parameter that it does not know."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.auth import Actor, authenticate
from service.database import reading
from service.permissions import takers
from service.problems import FieldError, Invalid, NotAllowed, NotSignedIn
from service.serving import Running

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="An access token: `plumbline token issue NAME --role ROLE` shows one."
)


def api_actor(request: Request, running: Running, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]) -> Actor:
    """Who calls. Raises NotSignedIn (401) without a valid token and NotAllowed (403) for an operation that its role may not call."""
    if credentials is None:
        raise NotSignedIn
    with reading(running.engine) as session:
        actor = authenticate(session, credentials.credentials)
    if actor is None:
        raise NotSignedIn("The token is unknown, damaged or revoked.")
    operation = request.scope["route"].name
    if not actor.may(operation):
        raise NotAllowed(f"{operation} takes the role {takers(operation)}; this token has the role {actor.role}.")
    return actor


ApiActor = Annotated[Actor, Depends(api_actor)]


def only_known_parameters(request: Request) -> None:
    """A misspelt filter would silently show everything, so it is an error."""
    route = request.scope["route"]
    known = _query_names(route.dependant) if isinstance(route, APIRoute) else set()
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        told = f"It takes {', '.join(sorted(known))}." if known else "It takes none."
        raise Invalid(
            f"This operation does not know {'that parameter' if len(unknown) == 1 else 'those parameters'}. {told}",
            errors=tuple(FieldError(f"/query/{_pointer(name)}", "Unknown parameter.") for name in unknown),
        )


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(one) for one in dependant.dependencies))


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
