"""From a template and what it shows to a response: one environment, one set of headers."""

import hashlib
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from controls.catalog import CONTROLS
from service.auth import Actor
from service.pages.display import KEYS, THEMES, read_display
from service.pages.places import AREAS, Area
from service.pages.wording import CATALOGUE, Wording
from service.sessions import CSRF_FIELD, csrf_token

HERE: Final = Path(__file__).parent.parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = HERE / "static"


@cache
def environment() -> Environment:
    """Jinja with escaping always on and unknown names an error."""
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.install_gettext_translations(CATALOGUE, newstyle=True)  # type: ignore[attr-defined]
    jinja.filters["trim_zeros"] = lambda text: re.sub(r"\.?0+$", "", text) if "." in text else text
    return jinja


@cache
def static_root() -> str:
    """Path of the static files with a digest of them: a new release is never shown with an old style sheet."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def areas_of(actor: Actor | None) -> tuple[Area, ...]:
    """The queues this reader may open, in the order of the top bar."""
    return tuple(area for area in AREAS if actor and area.owner_role in actor.sees)


def page(
    request: Request,
    template: str,
    *,
    wording: Wording,
    actor: Actor | None = None,
    status: int = HTTPStatus.OK,
    values: dict[str, Any] | None = None,
) -> HTMLResponse:
    """A whole page or a fragment of one, with what the shell needs."""
    shown: dict[str, Any] = {
        "actor": actor,
        "area": None,
        "areas": areas_of(actor),
        "at_controls": False,
        "has_controls": actor is not None and any(control.owner_role in actor.sees for control in CONTROLS),
        "banners": (),
        "csrf": lambda: csrf_field(request),
        "display": read_display(request),
        "here": str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        "keys": KEYS,
        "message": None,
        "place": None,
        "static": static_root(),
        "themes": THEMES,
        "wording": wording,
    }
    html = environment().get_template(template).render(shown | (values or {}))
    # A fragment and the page share an address: no cache may hand out one for the other, nor keep a firm's money.
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store", "Vary": "HX-Request-Type, HX-Target"})


def csrf_field(request: Request) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, csrf_token(request))


def wants_fragment(request: Request) -> bool:
    """Whether htmx will put the answer into a part of the page; going back in the history asks for the whole."""
    return request.headers.get("HX-Request-Type") == "partial" and "HX-History-Restore-Request" not in request.headers


def fragment_target(request: Request) -> str:
    """Id of the element that the fragment is for, as htmx 4 names it: "section#detail"."""
    return request.headers.get("HX-Target", "").partition("#")[2]
