"""How one browser shows the pages: theme, density and whether single letters are keys (WCAG 2.1.4). Kept in a cookie."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

COOKIE: Final = "plumbline_display"
YEAR_SECONDS: Final = 365 * 24 * 3600
THEMES: Final = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


@dataclass(frozen=True)
class Key:
    strokes: tuple[str, ...]
    does: str


KEYS: Final = (
    Key(("j", "k"), "next and previous line"),
    Key(("Enter",), "full page"),
    Key(("x", "Shift+x"), "tick the line, the page"),
    Key(("e",), "accept"),
    Key(("d",), "dismiss…"),
    Key(("s",), "snooze…"),
    Key(("z",), "undo or reopen"),
    Key(("c", "m"), "log a contact, a promise…"),
    Key(("/",), "search"),
    Key(("n", "p"), "next and previous page"),
    Key(("g b", "g d", "g c"), "billing, delivery, collections"),
    Key(("?",), "this list"),
    Key(("Esc",), "close what is open"),
)


@dataclass(frozen=True)
class Display:
    theme: str = "system"
    density: str = "comfortable"
    keys: bool = True


def read_display(request: Request) -> Display:
    """What the cookie says; anything unknown in it counts as the default."""
    said = dict(parse_qsl(request.cookies.get(COOKIE, "")))
    theme = said.get("theme", "")
    return Display(
        theme=theme if theme in dict(THEMES) else Display.theme,
        density="compact" if said.get("density") == "compact" else Display.density,
        keys=said.get("keys") != "off",
    )


def write_display(response: Response, display: Display, *, secure: bool) -> None:
    value = urlencode({"theme": display.theme, "density": display.density, "keys": "on" if display.keys else "off"})
    response.set_cookie(COOKIE, value, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
