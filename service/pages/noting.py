"""Routes that log a contact or a promise of an account: forms beside its verdict, in the pane and on its page."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from service.contacts import ContactMade, log_contact
from service.database import reading, writing
from service.pages.deciding import SentForm
from service.pages.desk import AtDesk, Desk
from service.pages.notes import Noted, contact_of, promise_of, read_noted
from service.pages.places import COLLECTIONS
from service.pages.queues import page_url, show_page
from service.pages.render import page, wants_fragment
from service.pages.views import list_values
from service.problems import Invalid, Problem
from service.promising import PromiseGiven, log_promise
from service.sessions import verify_csrf

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, dependencies=[Depends(verify_csrf)])


@router.post("/collections/contacts")
def note_contact(desk: AtDesk, form: SentForm) -> Response:
    noted = read_noted(form, "contact")
    made = contact_of(noted)

    def keep(session: Session) -> None:
        if isinstance(made, ContactMade):
            log_contact(session, desk.actor, client_id=noted.place.selected, made=made, now=desk.now, today=desk.wording.today)

    return _note(desk, noted.refused(made) if isinstance(made, dict) else noted, keep, is_page=bool(form.get("page")))


@router.post("/collections/promises")
def note_promise(desk: AtDesk, form: SentForm) -> Response:
    noted = read_noted(form, "promise")
    given = promise_of(noted)

    def keep(session: Session) -> None:
        if isinstance(given, PromiseGiven):
            log_promise(session, desk.actor, client_id=noted.place.selected, given=given, now=desk.now, today=desk.wording.today)

    return _note(desk, noted.refused(given) if isinstance(given, dict) else noted, keep, is_page=bool(form.get("page")))


def _note(desk: Desk, noted: Noted, keep: Callable[[Session], None], *, is_page: bool) -> Response:
    """Raises NotFound for an account that this reader may not see."""
    desk.enter(COLLECTIONS)
    if noted.errors:
        return _again(desk, noted, is_page=is_page)
    try:
        with writing(desk.engine) as session:
            keep(session)
    except Invalid as problem:
        return _again(desk, noted.refused(_by_field(problem)), is_page=is_page)
    address = page_url(noted.place) if is_page else noted.place.url
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}logged={noted.kind}", status_code=HTTPStatus.SEE_OTHER)


def _by_field(problem: Problem) -> dict[str, str]:
    return {error.pointer.rpartition("/")[2]: error.detail for error in problem.errors}


def _again(desk: Desk, noted: Noted, *, is_page: bool) -> Response:
    """The same page with what is wrong, and everything that had been filled in."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    with reading(desk.engine) as session:
        if is_page:
            response: Response = show_page(session, desk, noted.place, {"noted": noted, "message": None}, status=status)
        else:
            values = list_values(session, desk, noted.place) | {"noted": noted, "message": None}
            template = "_work.html" if wants_fragment(desk.request) else "list.html"
            response = page(desk.request, template, wording=desk.wording, actor=desk.actor, status=status, values=values)
    response.headers["HX-Replace-Url"] = page_url(noted.place) if is_page else noted.place.url
    return response
