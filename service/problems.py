"""Refusals that reach a person or a program: each knows its HTTP status and its words (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One field that cannot be taken."""

    pointer: str
    """JSON pointer into the request: "/body/reason", "/query/limit"."""
    detail: str


class Problem(Exception):
    """A request that is refused. `detail` is shown to who asked, so it holds nothing that this reader may not see."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong here"
    means: ClassVar[str] = "The service failed. Nothing was changed; the request can be sent again."

    def __init__(self, detail: str = "", *, errors: tuple[FieldError, ...] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


class BadRequest(Problem):
    status = HTTPStatus.BAD_REQUEST
    slug = "bad-request"
    title = "The request cannot be read"
    means = "A header, or the body's encoding, is not what HTTP or this operation asks for."


class BadCursor(Problem):
    status = HTTPStatus.BAD_REQUEST
    slug = "bad-cursor"
    title = "This cursor cannot be used here"
    means = "A cursor works with the filters and the order it was given for. Start again without one."


class NotSignedIn(Problem):
    status = HTTPStatus.UNAUTHORIZED
    slug = "not-signed-in"
    title = "A valid access token is needed"
    means = "Send `Authorization: Bearer <token>` with a token that has not been revoked."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="Plumbline"'})


class NotAllowed(Problem):
    status = HTTPStatus.FORBIDDEN
    slug = "not-allowed"
    title = "This role may not do that"
    means = "Each role may call certain operations only; the operation's description names them."


class ForgedForm(Problem):
    status = HTTPStatus.FORBIDDEN
    slug = "forged-form"
    title = "This form was not sent from its own page"
    means = "The form's hidden token does not belong to this browser session. Load the page again."


class NotFound(Problem):
    status = HTTPStatus.NOT_FOUND
    slug = "not-found"
    title = "There is nothing here"
    means = "No such address, or no such record that this role may see."


class MethodNotAllowed(Problem):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    slug = "method-not-allowed"
    title = "This address does not take that method"
    means = "The `Allow` header names the methods it takes."


class NotPossible(Problem):
    status = HTTPStatus.CONFLICT
    slug = "not-possible"
    title = "That cannot be decided in this status"
    means = "The recommendation is already decided or closed; `detail` says by whom and when."


class Changed(Problem):
    status = HTTPStatus.PRECONDITION_FAILED
    slug = "changed"
    title = "It has changed since it was read"
    means = "The `If-Match` header is not the recommendation's current `ETag`. Read it again before deciding."


class TooLarge(Problem):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "too-large"
    title = "The request is too large"
    means = "The body is larger than any request this service takes."


class Invalid(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "invalid"
    title = "Some of what was sent cannot be taken"
    means = "`errors` names each field and what is wrong with it."


class KeyReused(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another request"
    means = "A key stands for one request. Send a new key with a new request."


class NotReady(Problem):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "not-ready"
    title = "Not ready to serve"
    means = (
        "The database cannot be reached or is busy, is not at the newest migration, or nothing has been scored yet; `detail` says which."
    )

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


PROBLEMS: tuple[type[Problem], ...] = (
    BadRequest,
    BadCursor,
    NotSignedIn,
    NotAllowed,
    ForgedForm,
    NotFound,
    MethodNotAllowed,
    NotPossible,
    Changed,
    TooLarge,
    Invalid,
    KeyReused,
    NotReady,
    Problem,
)
