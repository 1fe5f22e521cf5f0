"""Browser sessions: a signed cookie, a token against forged forms, and the dependencies of the pages.

The pages own the routes GET and POST /sign-in and POST /sign-out. GET /sign-in renders a form with `csrf_token(request)`;
POST /sign-in (dependency `verify_csrf`, form field `token`) calls `sign_in` and answers 303 on success; POST /sign-out
(dependencies `page_actor`, `verify_csrf`) calls `sign_out`. Pages take `actor: PageActor`; one who is not signed in is sent
(303) to /sign-in?next=<path>.
"""

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session

from service.auth import Actor

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


def csrf_token(request: Request) -> str:
    """The token every form of this page carries in the hidden field CSRF_FIELD (or header CSRF_HEADER). Known without sign-in."""
    raise NotImplementedError


async def verify_csrf(request: Request) -> None:
    """Dependency of every form POST: refuses with 403 a form without this browser's token."""
    raise NotImplementedError


def page_actor(request: Request) -> Actor:
    """Dependency of every page: who is signed in; else 303 to the sign-in page."""
    raise NotImplementedError


PageActor = Annotated[Actor, Depends(page_actor)]


def sign_in(session: Session, request: Request, *, response: Response, token: str) -> Actor | None:
    """Sets the session cookie on `response`; None when the token is unknown or revoked."""
    raise NotImplementedError


def sign_out(session: Session, request: Request, *, response: Response) -> None:
    """Ends the session on the server too; the caller commits."""
    raise NotImplementedError
