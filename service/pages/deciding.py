"""Routes that write: one decision form for the pane, the page and the ticked lines of a list."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from service.database import reading, writing
from service.decisions import Choice, decide
from service.pages.bulk import Outcome, decide_ticked
from service.pages.desk import AtDesk, Desk
from service.pages.messages import Message, done_query, left_out_message, refusal
from service.pages.places import BILLING, COLLECTIONS, DELIVERY
from service.pages.queues import page_url, show_page
from service.pages.render import page, wants_fragment
from service.pages.verdicts import Asked, choice_of, read_asked
from service.pages.views import list_values
from service.pages.wording import say
from service.problems import Changed, Invalid, NotFound, NotPossible
from service.sessions import verify_csrf
from service.status import Verdict

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, dependencies=[Depends(verify_csrf)])


async def sent_form(request: Request) -> FormData:
    return await request.form()


SentForm = Annotated[FormData, Depends(sent_form)]


@router.post("/collections/decisions")
def decide_collections(desk: AtDesk, form: SentForm) -> Response:
    return _decide(desk, read_asked(form, COLLECTIONS), is_page=bool(form.get("page")))


@router.post("/billing/decisions")
def decide_billing(desk: AtDesk, form: SentForm) -> Response:
    return _decide(desk, read_asked(form, BILLING), is_page=bool(form.get("page")))


@router.post("/delivery/decisions")
def decide_delivery(desk: AtDesk, form: SentForm) -> Response:
    return _decide(desk, read_asked(form, DELIVERY), is_page=bool(form.get("page")))


def _decide(desk: Desk, asked: Asked, *, is_page: bool) -> Response:
    desk.enter(asked.area)
    choice = choice_of(asked, desk.wording)
    if not isinstance(choice, Choice):
        return _again(desk, asked.refused(choice), None, status=HTTPStatus.UNPROCESSABLE_ENTITY, is_page=is_page)
    try:
        with writing(desk.engine) as session:
            outcome = decide_ticked(session, desk, asked, choice=choice) if asked.is_bulk else _each(session, desk, asked, choice)
    except Invalid as problem:
        errors = {error.pointer.rpartition("/")[2]: error.detail for error in problem.errors}
        return _again(desk, asked.refused(errors), None, status=problem.status, is_page=is_page)
    except (Changed, NotPossible, NotFound) as problem:
        return _again(desk, asked, refusal(problem.detail), status=HTTPStatus.CONFLICT, is_page=is_page)
    return _done(desk, asked, outcome, is_page=is_page)


def _each(session: Session, desk: Desk, asked: Asked, choice: Choice) -> Outcome:
    """All of the form's recommendations or, when one cannot be, none."""
    if not asked.records:
        raise NotFound(say("The form names nothing to decide."))
    rows = tuple(
        decide(session, desk.actor, id=id, choice=choice, now=desk.now, if_match=etag or None) for id, etag in dict(asked.records).items()
    )
    return Outcome(rows, ())


def _done(desk: Desk, asked: Asked, outcome: Outcome, *, is_page: bool) -> Response:
    place = asked.place.selecting(asked.then)
    if outcome.left_out:
        message = left_out_message(outcome.left_out, outcome.decided, place, undo=asked.verdict is not Verdict.REOPEN)
        return _list(desk, replace(asked, place=place, ticks=()), message, status=HTTPStatus.OK)
    selected = asked.place.selected
    done = done_query(asked.verdict or Verdict.ACCEPT, outcome.decided, selected=selected)
    address = page_url(asked.place) if is_page else place.url
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{done}", status_code=HTTPStatus.SEE_OTHER)


def _again(desk: Desk, asked: Asked, message: Message | None, *, status: int, is_page: bool) -> Response:
    """The same page with what is wrong, and everything that had been filled in."""
    if not is_page:
        return _list(desk, asked, message, status=status)
    with reading(desk.engine) as session:
        response = show_page(session, desk, asked.place, {"asked": asked, "message": message}, status=status)
    return _at(response, page_url(asked.place))


def _list(desk: Desk, asked: Asked, message: Message | None, *, status: int) -> Response:
    with reading(desk.engine) as session:
        values = list_values(session, desk, asked.place, asked=asked if asked.errors else None, message=message)
    template = "_work.html" if wants_fragment(desk.request) else "list.html"
    response = page(desk.request, template, wording=desk.wording, actor=desk.actor, status=status, values=values)
    return _at(response, asked.place.url)


def _at(response: Response, url: str) -> Response:
    """The address of the form is not one to come back to: htmx shows this one instead."""
    response.headers["HX-Replace-Url"] = url
    return response
