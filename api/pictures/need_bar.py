"""What is needed against what there is, as a bar: the frame is what there is."""

from __future__ import annotations

from typing import Final

from fitgraph.api.pictures.svg import INK, picture
from fitgraph.matcher.verdict import Constraint

_WIDTH, _HEIGHT, _EDGE = 320, 24, 1
_FREE: Final = "var(--free, #e4e8e5)"
_TAKEN: Final = {
    True: "var(--bar, #2d8a86)",
    None: "var(--unknown, #4d5876)",
    False: "var(--no, #a02c2c)",
}


def need_bar_svg(constraint: Constraint) -> str:
    """The bar of a constraint; an empty string where one of its figures is not known."""
    required, available = constraint.required, constraint.available
    if required is None or available is None or max(required, available) <= 0:
        return ""
    scale = (_WIDTH - 2 * _EDGE) / max(required, available)
    there, needed = max(available * scale, 1.0), max(required * scale, 1.0)
    words = f"{required:,.4g} of {available:,.4g} {constraint.unit}"
    if constraint.unit == "B":
        words = f"{required:,.0f} of {available:,.0f} B"
    colour = _TAKEN[constraint.satisfied]
    parts = [
        f"<rect x='{_EDGE}' y='4' width='{there:.1f}' height='16' fill='{_FREE}'/>",
        f"<rect x='{_EDGE}' y='7' width='{needed:.1f}' height='10' fill='{colour}'/>",
        f"<rect x='{_EDGE}' y='4' width='{there:.1f}' height='16' fill='none' stroke='{INK}'/>",
    ]
    return picture(_WIDTH, _HEIGHT, f"{constraint.name}: {words}", constraint.message, parts)
