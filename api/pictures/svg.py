"""What pictures have in common: the frame, text that XML may hold, colours of the page around."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

# Colours of the page that the picture stands in; by themselves, those of a light page.
PAPER: Final = "var(--card, #ffffff)"
INK: Final = "var(--ink, #17211f)"
QUIET: Final = "var(--quiet, #51605c)"
LINE: Final = "var(--line, #d5dbd7)"
#: Of text on coloured ground, which has the same colours by day and by night.
ON_COLOUR: Final = "class='on-box' fill='#17211f'"

_FONT: Final = "font-family='system-ui, sans-serif' font-size='12'"
#: Width of a character of that font, a little more than it takes.
CHARACTER_WIDTH: Final = 6.8


def picture(width: float, height: float, title: str, told: str, parts: Iterable[str]) -> str:
    """An SVG document of its own, without scripts and outside references.

    Args:
        width: in pixels.
        height: likewise.
        title: what it is a picture of.
        told: what it shows, for those who do not see it.
        parts: elements.
    """
    size = f"width='{width:g}' height='{height:g}' viewBox='0 0 {width:g} {height:g}'"
    lines = (
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {_FONT} fill='{INK}'>",
        f"<title>{text(title)}</title>",
        f"<desc>{text(told)}</desc>",
        f"<rect width='{width:g}' height='{height:g}' fill='{PAPER}'/>",
        *parts,
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def text(words: str) -> str:
    """Text that XML may hold."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
    return escape(shown, {"'": "&apos;", '"': "&quot;"})


def label(x: float, y: float, words: str, attributes: str = "") -> str:
    """A line of text."""
    return f"<text x='{x:g}' y='{y:g}' {attributes}>{text(words)}</text>"


def told(words: str, *elements: str) -> str:
    """Elements with what is said of them where a pointer rests."""
    return f"<g><title>{text(words)}</title>{''.join(elements)}</g>"


def round_step(most: float, n_steps: int) -> float:
    """Distance of ticks: 1, 2 or 5 times a power of ten, so that there are not more."""
    step = 1.0
    while step * n_steps > most:
        step /= 10
    while step * n_steps < most:
        for factor in (2, 5, 10):
            if step * factor * n_steps >= most:
                return step * factor
        step *= 10
    return step
