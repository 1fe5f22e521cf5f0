"""Browser sessions: a signed cookie, a token against forged forms, and the dependencies of the pages.

The pages own the routes GET and POST /sign-in and POST /sign-out. GET /sign-in renders a form with `csrf_token(request)`;
POST /sign-in (dependency `verify_csrf`, form field `token`) calls `sign_in` and answers 303 on success; POST /sign-out
(dependencies `page_actor`, `verify_csrf`) calls `sign_out`. Pages take `actor: PageActor`; one who is not signed in is sent
(303) to /sign-in?next=<path>.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, Request, Response
from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from service.auth import Actor, actor_of, authenticate
from service.database import reading
from service.permissions import takers
from service.problems import ForgedForm, NotAllowed
from service.serving import Running, Serving, serving
from service.tables import EndedSession

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"


class SignInNeeded(Exception):
    """A page was asked for without a session: the browser is sent to the sign-in page."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


@dataclass(frozen=True)
class Browser:
    """What a browser's cookie says; the cookie of one that is not signed in yet carries no token id."""

    session_id: str
    token_id: str


def csrf_token(request: Request) -> str:
    """The token every form of this page carries in the hidden field CSRF_FIELD (or header CSRF_HEADER). Known without sign-in."""
    # Different each time: a secret that is the same in every compressed page could be guessed from the lengths of the pages.
    return _form_signer(request).sign(secrets.token_urlsafe(8)).decode()


async def verify_csrf(request: Request) -> None:
    """Dependency of every form POST: refuses with 403 a form without this browser's token."""
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not _form_signer(request).validate(given.encode(errors="surrogatepass")):
        raise ForgedForm


def _form_signer(request: Request) -> Signer:
    return Signer(serving(request).key, salt=f"plumbline.form.{_browser(request).session_id}", digest_method=hashlib.sha256)


def page_actor(request: Request, running: Running) -> Actor:
    """Dependency of every page: who is signed in; else 303 to the sign-in page. Refuses with 403 what the role may not do."""
    browser = _browser(request)
    actor = None
    if browser.token_id:
        with reading(running.engine) as session:
            actor = None if session.get(EndedSession, browser.session_id) else actor_of(session, browser.token_id)
    if actor is None:
        raise SignInNeeded(sign_in_address(request))
    operation = request.scope["route"].name
    if not actor.may(operation):
        said = f"This page takes the role {takers(operation)}; you are signed in as {actor.role}."
        raise NotAllowed(said.replace("_", " "))
    return actor


PageActor = Annotated[Actor, Depends(page_actor)]


def sign_in_address(request: Request) -> str:
    """The sign-in page, and from there back to where a read was going."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(back, safe='')}" if request.method == "GET" else "/sign-in"


def landing(address: str) -> str:
    """Where to go after sign-in: an address on this site, or the front page when `address` leads elsewhere."""
    own = address.startswith("/") and address.isprintable() and not address.startswith("//") and "\\" not in address
    return address if own else "/"


def sign_in(session: Session, request: Request, *, response: Response, token: str) -> Actor | None:
    """Sets the session cookie on `response`; None when the token is unknown or revoked."""
    actor = authenticate(session, token.strip())
    if actor:
        # A new session id: one that was planted before sign-in is worth nothing after.
        remember(request, response, Browser(secrets.token_urlsafe(16), actor.token_id))
    return actor


def sign_out(session: Session, request: Request, *, response: Response) -> None:
    """Ends the session on the server too; the caller commits."""
    running = serving(request)
    ended = _browser(request).session_id
    if session.get(EndedSession, ended) is None:
        session.add(EndedSession(id=ended, ended_at=running.clock()))
    request.state.new_browser = None
    response.delete_cookie(_cookie_name(request), path="/", secure=_secure(request), httponly=True, samesite="lax")


def remember(request: Request, response: Response, browser: Browser) -> None:
    """Set the cookie that carries `browser`."""
    running = serving(request)
    request.state.new_browser = None
    response.set_cookie(
        _cookie_name(request),
        str(_signer(running).dumps([browser.session_id, browser.token_id])),
        max_age=running.settings.session_hours * 3600,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def _browser(request: Request) -> Browser:
    """The browser as its cookie says; a new one when there is no valid cookie, to be remembered with the response."""
    known: Browser | None = getattr(request.state, "browser", None)
    if known is None:
        known = _read_cookie(request)
        if known is None:
            known = Browser(secrets.token_urlsafe(16), "")
            request.state.new_browser = known
        request.state.browser = known
    return known


def _read_cookie(request: Request) -> Browser | None:
    running = serving(request)
    try:
        read = _signer(running).loads(request.cookies.get(_cookie_name(request), ""), max_age=running.settings.session_hours * 3600)
    except BadData:
        return None
    session_id, token_id = read
    return Browser(session_id, token_id)


def _signer(running: Serving) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(running.key, salt="plumbline.session", signer_kwargs={"digest_method": hashlib.sha256})


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie_name(request: Request) -> str:
    # The prefix makes the browser refuse such a cookie from another host; it works over https only.
    return "__Host-plumbline" if _secure(request) else "plumbline"
