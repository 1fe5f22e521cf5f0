"""Sign-in and sign-out, and the form that keeps how this browser shows the pages."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.database import reading, writing
from service.pages.display import Display, write_display
from service.pages.render import page
from service.pages.wording import Wording, say
from service.serving import Running, Serving
from service.sessions import PageActor, landing, sign_in, sign_out, verify_csrf

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Text = Annotated[str, Form(max_length=2000)]


@router.get("/sign-in")
def sign_in_page(request: Request, running: Running, next: str = "/") -> Response:  # noqa: A002 (the name in the address)
    return _form(request, running, landing(next))


@router.post("/sign-in", dependencies=[Depends(verify_csrf)])
def take_sign_in(request: Request, running: Running, token: Text = "", next: Text = "/") -> Response:  # noqa: A002 (as above)
    response = RedirectResponse(landing(next), status_code=HTTPStatus.SEE_OTHER)
    with reading(running.engine) as session:
        if sign_in(session, request, response=response, token=token):
            return response
    refused = say("No such token is in force. Check that all of it was copied.")
    return _form(request, running, landing(next), refused=refused)


@router.post("/sign-out", dependencies=[Depends(verify_csrf)])
def take_sign_out(request: Request, running: Running, _actor: PageActor) -> Response:
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    with writing(running.engine) as session:
        sign_out(session, request, response=response)
    return response


@router.post("/display", dependencies=[Depends(verify_csrf)])
def save_display(request: Request, theme: Text = "system", keys: Text = "", compact: Text = "", next: Text = "/") -> Response:  # noqa: A002
    response = RedirectResponse(landing(next), status_code=HTTPStatus.SEE_OTHER)
    display = Display(theme=theme, density="compact" if compact else "comfortable", keys=bool(keys))
    write_display(response, display, secure=request.url.scheme == "https")
    return response


def _form(request: Request, running: Serving, next_address: str, *, refused: str = "") -> HTMLResponse:
    wording = Wording(running.settings.locale, running.settings.time_zone, running.clock())
    status = HTTPStatus.UNAUTHORIZED if refused else HTTPStatus.OK
    return page(request, "sign_in.html", wording=wording, status=status, values={"next": next_address, "refused": refused})
