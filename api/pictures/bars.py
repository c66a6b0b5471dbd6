"""Numbers with their names as a picture: horizontal bars, the number behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fitgraph.api.pictures.svg import CHARACTER_WIDTH, LINE, label, picture, told

_ROW, _BAR, _MARGIN, _LENGTH = 24, 16, 12, 420
_COLOUR: Final = "var(--bar, #2d8a86)"
_LONGEST: Final = 40


def bars_svg(values: Sequence[tuple[str, float]], title: str) -> str:
    """The picture of names with numbers, in their order; bars to the left are below 0.

    Args:
        values: at least one.
        title: what the numbers are.
    """
    names = [_shortened(name) for name, _ in values]
    left = _MARGIN + max(map(len, names)) * CHARACTER_WIDTH + 10
    low = min(0.0, *(number for _, number in values))
    high = max(0.0, *(number for _, number in values))
    scale = _LENGTH / ((high - low) or 1)
    shown = [f"{number:,.6g}" if number % 1 else f"{number:,.0f}" for _, number in values]
    width = left + _LENGTH + 8 + max(map(len, shown)) * CHARACTER_WIDTH + _MARGIN
    said = "; ".join(f"{name}: {number}" for (name, _), number in zip(values, shown, strict=True))

    def drawn() -> Iterator[str]:
        zero = left - low * scale
        for row, ((name, number), short, text) in enumerate(zip(values, names, shown, strict=True)):
            y = _MARGIN + row * _ROW
            start, length = zero + min(number, 0) * scale, abs(number) * scale
            yield label(left - 8, y + 13, short, "text-anchor='end'")
            yield told(
                f"{name}: {text}",
                f"<rect x='{start:g}' y='{y}' width='{length:g}' height='{_BAR}' rx='2'"
                f" fill='{_COLOUR}'/>",
            )
            yield label(zero + max(number, 0) * scale + 6, y + 13, text)
        yield (
            f"<path d='M{zero:g} {_MARGIN - 4}V{_MARGIN + len(values) * _ROW}' stroke='{LINE}'/>"
        )

    return picture(width, 2 * _MARGIN + len(values) * _ROW, title, said, drawn())


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
