"""The service: API, pages and documentation over one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import PathLike, stat_result
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.answering import answer_problems
from service.api import accounts, cash, controls, documentation, drafts, health, models, recommendations, runs
from service.api.guard import api_actor, only_known_parameters
from service.api.problem_wire import ProblemDetails
from service.body_limit import BodyLimit
from service.database import open_engine, upgrade, writing
from service.drafts import DraftDesks
from service.headers import Headers
from service.idempotency import forget_expired
from service.pages.render import STATIC, static_root
from service.pages.router import problem_page
from service.pages.router import router as pages
from service.permissions import PERMISSIONS
from service.serving import Clock, Serving, signing_key, utc_now
from service.settings import Settings

SUMMARY: Final = "Ranked, explained recommendations for a professional-services firm. Recommends; never posts."
DESCRIPTION: Final = """\
Plumbline reads a firm's records and says what is likely to go wrong, what it costs, and why. It changes nothing in any other system:
all that can be written here is what a person decided, and which contacts and promises a person logged.

Money is a decimal as text with its currency; instants are RFC 3339 in UTC; ids are opaque. Lists are paged by an opaque cursor.
Every refusal is `application/problem+json` (RFC 9457) and carries a `request_id`. A parameter that an operation does not know is an error.
"""
TAGS: Final = [
    {"name": "recommendations", "description": "The worklist: list, read, explain, decide."},
    {"name": "accounts", "description": "Contacts and promises that people log of a client, kept here alone."},
    {"name": "cash", "description": "What the open invoices are expected to bring."},
    {"name": "drafts", "description": "A draft invoice, checked before anybody saves it."},
    {"name": "controls", "description": "What is checked for certain, and what people made of it."},
    {"name": "models", "description": "Which models stand and what was measured on them."},
    {"name": "runs", "description": "Which model read which data when."},
    {"name": "health", "description": "For whoever runs the service; no token needed."},
]
A_YEAR_S: Final = 31_536_000


class Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The document as it is served and kept in docs/openapi.json."""
        if self.openapi_schema is None:
            document = get_openapi(
                title="Plumbline",
                version="1.0",
                openapi_version="3.1.0",
                summary=SUMMARY,
                description=DESCRIPTION,
                routes=self.routes,
                tags=TAGS,
                servers=[{"url": "/"}],
            )
            problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
            document["components"]["schemas"] |= problem.pop("$defs") | {ProblemDetails.__name__: problem}
            for operation in (one for path in document["paths"].values() for one in path.values()):
                _name_roles(operation)
            self.openapi_schema = document
        return self.openapi_schema


def _name_roles(operation: dict[str, Any]) -> None:
    roles = PERMISSIONS.get(operation["operationId"])
    who = f"Roles: {', '.join(sorted(roles))}." if roles else "Needs no token."
    operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()


class StaticForever(StaticFiles):
    """Files below a path with a digest of them all: what is there never changes."""

    def file_response(self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
        return response


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """The application; it brings its database up to date when it starts."""
    running = Serving(settings, open_engine(settings.database), clock, signing_key(settings.home), DraftDesks(settings.home))
    app = Api(
        title="Plumbline",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_serve,
        redirect_slashes=False,
    )
    app.state.serving = running
    app.include_router(_api())
    app.include_router(health.router, dependencies=[Depends(only_known_parameters)], generate_unique_id_function=_operation_id)
    app.include_router(documentation.router)
    app.include_router(pages)
    app.mount(static_root(), StaticForever(directory=STATIC), name="static")
    app.add_middleware(BodyLimit, most_bytes=settings.body_limit_bytes)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(Headers)
    answer_problems(app, problem_page)
    return app


def _api() -> APIRouter:
    # The token is checked first, so that a stranger learns nothing from how parameters are refused.
    router = APIRouter(
        prefix="/v1",
        dependencies=[Depends(api_actor), Depends(only_known_parameters)],
        generate_unique_id_function=_operation_id,
    )
    for part in (recommendations, accounts, cash, drafts, controls, models, runs):
        router.include_router(part.router)
    return router


def _operation_id(route: APIRoute) -> str:
    return route.name


@asynccontextmanager
async def _serve(app: FastAPI) -> AsyncIterator[None]:
    running: Serving = app.state.serving
    upgrade(running.engine)
    with writing(running.engine) as session:
        forget_expired(session, now=running.clock())
    yield
    running.engine.dispose()
