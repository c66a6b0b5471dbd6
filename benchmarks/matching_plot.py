"""Draws cost against work as an SVG, both axes from zero, so that a line is a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

_WIDTH: Final = 640
_HEIGHT: Final = 400
_LEFT: Final = 80
_BELOW: Final = 60


def plot(points: Sequence[tuple[float, float]]) -> str:
    """Points of (distinct needs x profiles, milliseconds), with the line through zero that is best.

    Both axes are linear.
    """
    most_x, most_y = (max(point[axis] for point in points) * 1.05 for axis in (0, 1))
    slope = sum(x * y for x, y in points) / sum(x * x for x, _ in points)

    def at(x: float, y: float) -> tuple[float, float]:
        across = _LEFT + (_WIDTH - _LEFT - 20) * x / most_x
        return round(across, 1), round(_HEIGHT - _BELOW - (_HEIGHT - _BELOW - 20) * y / most_y, 1)

    end = min(most_x, most_y / slope)
    (x0, y0), (x1, y1) = at(0, 0), at(end, end * slope)
    shown = [
        f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#888" stroke-dasharray="4"/>',
        *(
            f'<circle cx="{cx}" cy="{cy}" r="4" fill="#0b6"/>'
            for cx, cy in (at(*p) for p in points)
        ),
        *_axes(most_x, most_y, at),
    ]
    body = "\n  ".join(shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="12">\n'
        f"  <title>Cost of counting all pairs</title>\n"
        f'  <rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>\n  {body}\n</svg>\n'
    )


def _axes(
    most_x: float, most_y: float, at: Callable[[float, float], tuple[float, float]]
) -> Iterator[str]:
    (x0, y0), (right, _), (_, top) = at(0, 0), at(most_x, 0), at(0, most_y)
    yield f'<path d="M{x0} {top}V{y0}H{right}" fill="none" stroke="#000"/>'
    for part in range(5):
        x, y = at(most_x * part / 4, most_y * part / 4)
        yield f'<text x="{x}" y="{y0 + 18}" text-anchor="middle">{most_x * part / 4e6:.2f}</text>'
        yield f'<text x="{x0 - 8}" y="{y + 4}" text-anchor="end">{most_y * part / 4:.0f}</text>'
    middle = (x0 + right) / 2
    words = "million distinct needs x profiles"
    yield f'<text x="{middle}" y="{y0 + 42}" text-anchor="middle">{words}</text>'
    yield f'<text x="{x0 - 8}" y="{top - 6}" text-anchor="end">ms</text>'
