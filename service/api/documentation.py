"""The API's own documentation: a page that loads nothing from elsewhere, the document it shows, and each problem in words."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse

from service.pages.render import static_root
from service.problems import PROBLEMS, NotFound

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Plumbline API</title>
<link rel="icon" href="{static}/plumbline.svg">
<link rel="stylesheet" href="{static}/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{static}/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script src="{static}/docs/start.js"></script>
</body>
</html>
"""


@router.get("/docs")
async def api_documentation() -> HTMLResponse:
    return HTMLResponse(PAGE.format(static=static_root()))


@router.get("/openapi.json")
async def openapi_document(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/problems/{slug}")
async def describe_problem(slug: Annotated[str, Path()]) -> JSONResponse:
    """What a problem's `type` points to."""
    for problem in PROBLEMS:
        if problem.slug == slug:
            status: dict[str, Any] = {"status": int(problem.status), "phrase": HTTPStatus(problem.status).phrase}
            return JSONResponse({"type": f"/problems/{slug}", "title": problem.title, "means": problem.means, **status})
    raise NotFound("There is no such problem.")
