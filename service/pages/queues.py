"""Routes that read: the queues, the pages of an account and of a record, and the export of a list."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from models.finding import finding_id, parse_finding_id
from service.database import reading
from service.pages.desk import AtDesk, Desk
from service.pages.export import export_name, export_rows, write_csv
from service.pages.messages import done_message
from service.pages.places import BILLING, COLLECTIONS, DELIVERY, Area, Place, read_place
from service.pages.render import areas_of, fragment_target, page, wants_fragment
from service.pages.views import list_values, pane_values
from service.pages.wording import say
from service.problems import BadCursor, NotAllowed, NotFound

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def home_page(desk: AtDesk) -> RedirectResponse:
    """The reader's own queue, or the first one the reader may see."""
    areas = areas_of(desk.actor)
    if not areas:
        raise NotAllowed(say("Your role has no queue. It works through the command line and the API."))
    own = next((area for area in areas if area.owner_role == desk.actor.role), areas[0])
    return RedirectResponse(own.path, status_code=303)


@router.get("/collections")
def collections_page(desk: AtDesk) -> Response:
    return show_list(desk, COLLECTIONS)


@router.get("/billing")
def billing_page(desk: AtDesk) -> Response:
    return show_list(desk, BILLING)


@router.get("/delivery")
def delivery_page(desk: AtDesk) -> Response:
    return show_list(desk, DELIVERY)


@router.get("/collections/export.csv")
def collections_csv(desk: AtDesk) -> Response:
    return _export(desk, COLLECTIONS)


@router.get("/billing/export.csv")
def billing_csv(desk: AtDesk) -> Response:
    return _export(desk, BILLING)


@router.get("/delivery/export.csv")
def delivery_csv(desk: AtDesk) -> Response:
    return _export(desk, DELIVERY)


@router.get("/collections/accounts/{client_id}")
def account_page(desk: AtDesk, client_id: str) -> Response:
    desk.enter(COLLECTIONS)
    place = Place(COLLECTIONS, selected=client_id, record=desk.request.query_params.get("record", ""))
    with reading(desk.engine) as session:
        return show_page(session, desk, place)


@router.get("/billing/invoices/{invoice_id}")
def invoice_page(desk: AtDesk, invoice_id: str) -> Response:
    return _show_record(desk, BILLING, finding_id("dispute", invoice_id))


@router.get("/delivery/projects/{project_id}")
def project_page(desk: AtDesk, project_id: str) -> Response:
    return _show_record(desk, DELIVERY, finding_id("margin", project_id))


@router.get("/delivery/timesheets/{timesheet_id}")
def timesheet_page(desk: AtDesk, timesheet_id: str) -> Response:
    """One week's sheet; there is no page of all sheets of a person."""
    return _show_record(desk, DELIVERY, finding_id("missing_time", timesheet_id))


@router.get("/collections/decisions")
@router.get("/collections/contacts")
@router.get("/collections/promises")
@router.get("/billing/decisions")
@router.get("/delivery/decisions")
def after_decision(desk: AtDesk) -> RedirectResponse:
    """Where a reload of a refused form lands: the list."""
    return RedirectResponse(desk.request.url.path.rpartition("/")[0], status_code=303)


def show_list(desk: Desk, area: Area) -> Response:
    """The whole page, or the part of it that a link of the page asks for."""
    desk.enter(area)
    place = read_place(area, desk.request.query_params)
    with reading(desk.engine) as session:
        if wants_fragment(desk.request) and fragment_target(desk.request) == "detail":
            return _render(desk, "_detail.html", pane_values(session, desk, place))
        try:
            values = list_values(session, desk, place)
        except BadCursor:
            # An old link to a page in the middle of a list: the list itself is still there.
            return RedirectResponse(place.first_page.url, status_code=303)
    return _render(desk, "_work.html" if wants_fragment(desk.request) else "list.html", values)


def _show_record(desk: Desk, area: Area, usual: str) -> Response:
    """The page of one record: of the recommendation that the address names, else of the one that such a record usually has."""
    desk.enter(area)
    chosen = desk.request.query_params.get("record", "") or usual
    with reading(desk.engine) as session:
        return show_page(session, desk, Place(area, selected=chosen))


def page_url(place: Place) -> str:
    """The page of its own of what a place selects; for a record, its id finds it whatever the record is."""
    if place.area.by_account:
        return f"{place.area.path}/accounts/{quote(place.selected, safe='')}" + (f"?record={quote(place.record)}" if place.record else "")
    risk, entity_id, _ = parse_finding_id(place.selected)
    return f"{place.area.record_page(risk, entity_id)}?record={quote(place.selected)}"


def show_page(session: Session, desk: Desk, place: Place, values: dict[str, Any] | None = None, *, status: int = 200) -> HTMLResponse:
    """One account or record as a page of its own."""
    shown = pane_values(session, desk, place, full=True) | {"message": done_message(session, desk, place, stay=True)} | (values or {})
    if shown["pane"] is None:
        raise NotFound(say("There is no such account or record, or your role may not see it."))
    return _render(desk, "_page.html" if wants_fragment(desk.request) else "detail.html", shown, status=status)


def _render(desk: Desk, template: str, values: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    return page(desk.request, template, wording=desk.wording, actor=desk.actor, status=status, values=values)


def _export(desk: Desk, area: Area) -> Response:
    desk.enter(area)
    place = read_place(area, desk.request.query_params)
    with reading(desk.engine) as session:
        text = write_csv(export_rows(session, desk, place))
    mark = "\ufeff" if desk.request.query_params.get("bom") else ""
    headers = {"Content-Disposition": f'attachment; filename="{export_name(desk, place)}"', "Cache-Control": "no-store"}
    return Response((mark + text).encode(), media_type="text/csv; charset=utf-8", headers=headers)
