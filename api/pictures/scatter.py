"""Matches by two of their figures, those that nothing beats marked and joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fitgraph.api.pictures.svg import INK, LINE, QUIET, label, picture, round_step, text

_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _BOTTOM = 78, 20, 640, 360, 24, 52
_TICKS: Final = 6
_FRONT: Final = "var(--bar-2, #b86a00)"
_OTHER: Final = "var(--bar, #2d8a86)"


@dataclass(frozen=True, slots=True)
class Dot:
    """One match in the picture.

    Attributes:
        name: what is said of it.
        address: of its page.
        is_front: whether nothing beats it.
    """

    name: str
    x: float
    y: float
    address: str
    is_front: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis: its words, and the values at its ends."""

    words: str
    low: float
    high: float

    def at(self, value: float) -> float:
        """The place of a value between 0 and 1."""
        return (value - self.low) / (self.high - self.low)


def scatter_svg(title: str, x: str, y: str, dots: Sequence[Dot]) -> str:
    """The picture of some matches.

    Args:
        title: what it is a picture of.
        x: words of the axis to the right, with its unit.
        y: likewise upwards.
        dots: in any order.
    """
    across = _scale(x, [one.x for one in dots])
    upwards = _scale(y, [one.y for one in dots])
    n_front = sum(one.is_front for one in dots)
    return picture(
        _LEFT + _WIDTH + _RIGHT,
        _TOP + _HEIGHT + _BOTTOM,
        title,
        f"{len(dots)} matches by {x} and {y}, {n_front} of which nothing beats",
        [*_axes(across, upwards), *_front(dots, across, upwards), *_dots(dots, across, upwards)],
    )


def _scale(words: str, values: Sequence[float]) -> Scale:
    """Ends at round numbers; from 0 on, unless all values are close together far from it."""
    least, most = min(values, default=0.0), max(values, default=1.0)
    start = 0.0 if least <= (most - least) * 2 else least
    step = round_step(most - start or 1.0, _TICKS)
    low = start // step * step
    n_steps = 1
    while low + n_steps * step < most:
        n_steps += 1
    return Scale(words, low, low + n_steps * step)


def _place(one: Dot, across: Scale, upwards: Scale) -> tuple[float, float]:
    return (
        _LEFT + across.at(one.x) * _WIDTH,
        _TOP + (1 - upwards.at(one.y)) * _HEIGHT,
    )


def _axes(across: Scale, upwards: Scale) -> Iterator[str]:
    bottom, right = _TOP + _HEIGHT, _LEFT + _WIDTH
    for value in _ticks(across):
        x = _LEFT + across.at(value) * _WIDTH
        yield f"<path d='M{x:.1f} {_TOP}V{bottom}' stroke='{LINE}'/>"
        yield label(x, bottom + 18, f"{value:,g}", f"text-anchor='middle' fill='{QUIET}'")
    for value in _ticks(upwards):
        y = _TOP + (1 - upwards.at(value)) * _HEIGHT
        yield f"<path d='M{_LEFT} {y:.1f}H{right}' stroke='{LINE}'/>"
        yield label(_LEFT - 8, y + 4, f"{value:,g}", f"text-anchor='end' fill='{QUIET}'")
    yield f"<path d='M{_LEFT} {_TOP}V{bottom}H{right}' fill='none' stroke='{INK}'/>"
    yield label(right, bottom + 40, across.words, "text-anchor='end' font-weight='600'")
    yield (
        f"<text transform='translate(16 {_TOP})rotate(-90)' text-anchor='end' font-weight='600'>"
        f"{text(upwards.words)}</text>"
    )


def _ticks(scale: Scale) -> Iterator[float]:
    step = round_step(scale.high - scale.low, _TICKS)
    n_steps = round((scale.high - scale.low) / step)
    for number in range(n_steps + 1):
        yield round(scale.low + number * step, 10)


def _front(dots: Sequence[Dot], across: Scale, upwards: Scale) -> Iterator[str]:
    front = sorted(_place(one, across, upwards) for one in dots if one.is_front)
    if len(front) > 1:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in front)
        yield (
            f"<polyline points='{points}' fill='none' stroke='{_FRONT}' stroke-width='1.5' "
            "stroke-dasharray='5 3'/>"
        )


def _dots(dots: Sequence[Dot], across: Scale, upwards: Scale) -> Iterator[str]:
    """Those of the front as diamonds, over the others: told apart without their colour."""
    for one in sorted(dots, key=lambda dot: dot.is_front):
        x, y = _place(one, across, upwards)
        shape = f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4' fill='{_OTHER}' fill-opacity='0.6'/>"
        if one.is_front:
            shape = (
                f"<path d='M{x:.1f} {y - 8:.1f}l8 8l-8 8l-8 -8z' fill='{_FRONT}' stroke='{INK}'/>"
            )
        yield f"<g><title>{text(one.name)}</title>{shape}</g>"
