"""A plan as a picture: for each demand the devices that each model reaches, and the waves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from fitgraph.matcher.fleet.records import Plan

_LEFT: Final = 180
_BAR: Final = 520
_ROW: Final = 56
# Colours that are told apart by who sees no red or green (Okabe and Ito, 2008).
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_OUT: Final = "var(--free, #e4e8e5)"
# Colours of the page that the picture stands in; by themselves, those of a light page.
_PAPER: Final = "var(--card, #ffffff)"
_INK: Final = "var(--ink, #17211f)"
_WAVE: Final = "var(--bar, #2d8a86)"
_WAVE_ROW: Final = 30


def draw_plan(plan: Plan) -> str:
    """An SVG with a bar for each demand, as long as the devices that it is about."""
    models = sorted({one.model for one in plan.assignments})
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(models)}
    below = 60 + _ROW * len(plan.coverage)
    waves = below + 20 * (len(models) + 1) + 20
    height = waves + _WAVE_ROW * len(plan.waves) + (30 if plan.waves else 0)
    rows = [row for number in range(len(plan.coverage)) for row in _row(plan, number, colours)]
    body = "\n  ".join([*rows, *_legend(colours, below), *_waves(plan, waves)])
    told = "; ".join(f"{one.demand}: {one.reached:,} of {one.wanted:,}" for one in plan.coverage)
    name, width = escape(f"Plan for {plan.fleet}"), _LEFT + _BAR + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="system-ui, sans-serif" font-size="13" '
        f'fill="{_INK}">\n'
        f"  <title>{name}</title>\n  <desc>{escape(told)}</desc>\n"
        f'  <rect width="100%" height="100%" fill="{_PAPER}"/>\n'
        f'  <text x="10" y="26" font-size="16">{name}</text>\n'
        f"  {body}\n</svg>\n"
    )


def _row(plan: Plan, number: int, colours: dict[str, str]) -> Iterator[str]:
    covered = plan.coverage[number]
    top, scale = 50 + _ROW * number, _BAR / max(1, covered.n_devices)
    yield f'<text x="10" y="{top + 18}">{escape(covered.demand[:24])}</text>'
    yield f'<rect x="{_LEFT}" y="{top}" width="{_BAR}" height="26" fill="{_OUT}"/>'
    reached: defaultdict[str, int] = defaultdict(int)
    for one in plan.assignments:
        if one.demand == covered.demand:
            reached[one.model] += one.n_devices
    across = float(_LEFT)
    for model, n_devices in sorted(reached.items()):
        width = n_devices * scale
        words = escape(f"{model}: {n_devices:,} devices")
        yield (
            f'<rect x="{across:.1f}" y="{top}" width="{width:.1f}" height="26" '
            f'fill="{colours[model]}"><title>{words}</title></rect>'
        )
        across += width
    line = _LEFT + covered.wanted * scale
    yield f'<path d="M{line:.1f} {top - 4}v34" stroke="{_INK}" stroke-width="2"/>'
    said = f"{covered.reached:,} of {covered.wanted:,} wanted, of {covered.n_devices:,} devices"
    yield f'<text x="{_LEFT}" y="{top + 42}" font-size="11">{said}</text>'


def _legend(colours: dict[str, str], top: int) -> Iterator[str]:
    for number, (name, colour) in enumerate([*colours.items(), ("left out", _OUT)]):
        y = top + 20 * number
        yield f'<rect x="{_LEFT}" y="{y}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{_LEFT + 20}" y="{y + 11}">{escape(name)}</text>'


def _waves(plan: Plan, top: int) -> Iterator[str]:
    """A bar for each wave, which begins where the one before it ends."""
    total = sum(one.n_devices for one in plan.waves)
    if not total:
        return
    yield f'<text x="10" y="{top + 6}" font-size="14">Waves</text>'
    before = 0
    for number, one in enumerate(plan.waves):
        y, name = top + 18 + _WAVE_ROW * number, "canary" if one.is_canary else f"wave {one.number}"
        left, width = _LEFT + before / total * _BAR, max(2.0, one.n_devices / total * _BAR)
        before += one.n_devices
        words = f"{name}: {one.n_devices:,} devices, {before:,} of {total:,} by then"
        yield f'<rect x="{_LEFT}" y="{y}" width="{_BAR}" height="18" fill="{_OUT}"/>'
        yield (
            f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="18" fill="{_WAVE}">'
            f"<title>{escape(words)}</title></rect>"
        )
        yield f'<text x="10" y="{y + 13}">{escape(name)}, {one.n_devices:,} devices</text>'
