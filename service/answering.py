"""Every refusal leaves as one shape: problem+json for programs, a page for people."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from service.allowed_names import names_at, unknown_name
from service.api.problem_wire import FieldErrorOut, ProblemDetails
from service.headers import HEADERS
from service.problems import BadRequest, FieldError, Invalid, MethodNotAllowed, NotFound, NotReady, Problem, TooLarge
from service.sessions import SignInNeeded

log = logging.getLogger(__name__)


class ShowProblem(Protocol):
    def __call__(self, request: Request, problem: Problem, *, problem_id: str) -> Response:
        """A page that says what went wrong, with the id of the request."""


OF_STATUS: Final[dict[int, type[Problem]]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
}


def answer_problems(app: FastAPI, show: ShowProblem) -> None:
    """Map every error to its answer; `show` makes the page for a browser."""

    def answer(request: Request, problem: Problem) -> Response:
        if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
            return problem_json(request, problem)
        return show(request, problem, problem_id=request_id(request))

    async def on_problem(request: Request, error: Exception) -> Response:
        return answer(request, error if isinstance(error, Problem) else Problem())

    async def on_http(request: Request, error: Exception) -> Response:
        return answer(request, of_http(error) if isinstance(error, HTTPException) else Problem())

    async def on_invalid(request: Request, error: Exception) -> Response:
        return answer(request, of_validation(request, error) if isinstance(error, RequestValidationError) else Problem())

    async def on_database(request: Request, error: Exception) -> Response:
        log.error("request %s: the database did not answer", request_id(request), exc_info=error)
        return answer(request, NotReady("The database is busy or cannot be reached. Nothing was changed."))

    async def on_failure(request: Request, error: Exception) -> Response:
        log.error("request %s failed", request_id(request), exc_info=error)
        response = answer(request, Problem())
        # This handler stands outside all middleware, so it sets what service/headers.py otherwise sets.
        response.headers.update({**HEADERS, "X-Request-Id": request_id(request), "Cache-Control": "no-store"})
        return response

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Problem: on_problem,
        HTTPException: on_http,
        RequestValidationError: on_invalid,
        OperationalError: on_database,
        SignInNeeded: on_sign_in,
        Exception: on_failure,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


async def on_sign_in(request: Request, error: Exception) -> Response:
    address = error.to if isinstance(error, SignInNeeded) else "/sign-in"
    if "HX-Request" in request.headers:
        # A redirect would put the sign-in page inside the list; this header makes htmx leave the page.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def of_http(error: HTTPException) -> Problem:
    """What the framework refuses, in our words."""
    problem = OF_STATUS.get(error.status_code, BadRequest if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else Problem)()
    problem.headers.update(error.headers or {})
    return problem


def of_validation(request: Request, error: RequestValidationError) -> Invalid:
    body = getattr(request.scope.get("route"), "body_field", None)
    taken = body.field_info.annotation if body is not None else None
    return Invalid(errors=tuple(FieldError(_pointer(one["loc"]), _said(one, taken)) for one in error.errors()))


def _said(error: dict[str, Any], taken: Any) -> str:  # noqa: ANN401 - the annotation of a body
    """What is wrong with one field. A name that is not taken is answered with those that are, as a code is."""
    part, *place = error["loc"]
    if error["type"] == "extra_forbidden" and part == "body" and (names := names_at(taken, place[:-1])):
        return unknown_name(str(place[-1]), names)
    return str(error["msg"])


def _pointer(location: tuple[Any, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)


def problem_json(request: Request, problem: Problem) -> JSONResponse:
    details = ProblemDetails(
        type=f"/problems/{problem.slug}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        request_id=request_id(request),
        errors=[FieldErrorOut(pointer=one.pointer, detail=one.detail) for one in problem.errors],
    )
    return JSONResponse(details.model_dump(), problem.status, problem.headers, "application/problem+json")


def request_id(request: Request) -> str:
    """Given to every request by service/headers.py."""
    given: str = request.state.request_id
    return given
