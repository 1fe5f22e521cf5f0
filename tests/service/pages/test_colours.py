"""Colours where axe cannot judge them: text in charts, and what a bar or sheet lies over (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from service.pages.render import STATIC

TEXT = 4.5
GRAPHIC = 3.0
GROUNDS = ("ground", "paper", "raised", "chosen", "hover", "good", "warn", "bad")
TOKEN = re.compile(r"--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);")
SHEET = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("plumbline.css", "charts.css"))
THEMES = {theme: {name: values[at] for name, *values in TOKEN.findall(SHEET)} for at, theme in enumerate(("light", "dark"))}


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, from 0 (black) to 1 (white)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read_on_every_ground(theme: str) -> None:
    colours = THEMES[theme]
    pairs = [(ink, ground) for ink in ("ink", "quiet", "late", "accent") for ground in GROUNDS]
    pairs.append(("on-accent", "accent"))
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_bars_dots_and_borders_can_be_seen(theme: str) -> None:
    colours = THEMES[theme]
    weak = {
        (mark, ground): contrast(colours[mark], colours[ground])
        for mark in ("timely", "late", "edge", "ink")
        for ground in ("paper", "raised")
    }
    assert {pair: ratio for pair, ratio in weak.items() if ratio < GRAPHIC} == {}


def test_text_in_a_chart_takes_a_colour_that_is_tested_here() -> None:
    rules = dict(re.findall(r"^([^{}\n]*\btext\b[^{}]*) \{ fill: var\(--([a-z]+)\)", SHEET, re.MULTILINE))
    assert rules
    assert set(rules.values()) <= {"ink", "quiet"}


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
