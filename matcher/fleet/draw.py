"""A plan as a picture: for each demand the devices that each model reaches, and those left out."""

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
_OUT: Final = "#ddd"


def draw_plan(plan: Plan) -> str:
    """An SVG with a bar for each demand, as long as the devices that it is about."""
    models = sorted({one.model for one in plan.assignments})
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(models)}
    height = 60 + _ROW * len(plan.coverage) + 20 * (len(models) + 1)
    rows = [row for number in range(len(plan.coverage)) for row in _row(plan, number, colours)]
    legend = _legend(colours, 60 + _ROW * len(plan.coverage))
    body = "\n  ".join([*rows, *legend])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _BAR + 40} {height}" '
        'font-family="sans-serif" font-size="13">\n'
        f"  <title>{escape(f'Plan for {plan.fleet}')}</title>\n"
        f'  <rect width="100%" height="100%" fill="#fff"/>\n'
        f'  <text x="10" y="26" font-size="16">{escape(f"Plan for {plan.fleet}")}</text>\n'
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
    yield f'<path d="M{line:.1f} {top - 4}v34" stroke="#000" stroke-width="2"/>'
    said = f"{covered.reached:,} of {covered.wanted:,} wanted, of {covered.n_devices:,} devices"
    yield f'<text x="{_LEFT}" y="{top + 42}" font-size="11">{said}</text>'


def _legend(colours: dict[str, str], top: int) -> Iterator[str]:
    for number, (name, colour) in enumerate([*colours.items(), ("left out", _OUT)]):
        y = top + 20 * number
        yield f'<rect x="{_LEFT}" y="{y}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{_LEFT + 20}" y="{y + 11}">{escape(name)}</text>'
