"""All routes of the pages, and the page that says what went wrong."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.pages import cash, control_ledger, deciding, noting, queues, signing, smallest_fix
from service.pages.render import page, wants_fragment
from service.pages.wording import Wording
from service.problems import Problem
from service.serving import serving

router = APIRouter(include_in_schema=False)
for part in (cash, queues, control_ledger, deciding, noting, signing, smallest_fix):
    router.include_router(part.router)


def problem_page(request: Request, problem: Problem, *, problem_id: str) -> HTMLResponse:
    """A refusal as a page. The id is the one in the log."""
    running = serving(request)
    wording = Wording(running.settings.locale, running.settings.time_zone, running.clock())
    template = "_problem.html" if wants_fragment(request) else "problem.html"
    response = page(request, template, wording=wording, status=problem.status, values={"problem": problem, "problem_id": problem_id})
    response.headers.update(problem.headers)
    return response
