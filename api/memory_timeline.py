"""The memory timeline as a picture: which tensors lie in which bytes of the arena at which step.

Steps go from left to right, addresses from bottom to top. A tensor is a box from the step that
writes it to the last that reads it. Where boxes overlap, an output is written over an input that
dies there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from fitgraph.api.output import shortened

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.profiling.records import TensorLife, Timeline

_LEFT, _RIGHT, _TOP, _PLOT_HEIGHT = 78, 24, 62, 360
_STEP_WIDTHS = (18, 64)  # least and most
_USUAL_WIDTH = 900
_FONT = "font-family='system-ui, sans-serif'"
_CHARACTER_WIDTH = 6.2  # of the font at 11 px, a little more than it takes
_MOST_NAMED_STEPS = 60
_TICKS = 6

# By role, and by turns for what has none: told apart in print and by people who see fewer colours
# (Okabe & Ito, https://jfly.uni-koeln.de/color/).
_COLOURS = {"input": "#56b4e9", "output": "#009e73", "state": "#cc79a7"}
_OTHERS = ("#e69f00", "#f0e442", "#d9d9d9", "#ffbf80")
_PEAK, _LINE = "#d55e00", "var(--quiet, #333333)"
# Of the page that the picture stands in, where it stands in one.
_PAPER, _INK, _QUIET = "var(--card, #ffffff)", "var(--ink, #17211f)", "var(--quiet, #51605c)"
_GRID = "var(--line, #e4e4e4)"
# On boxes, which have the same colours by day and by night.
_ON_BOX = "class='on-box' fill='#17211f'"


def memory_timeline_svg(profile: Timeline, isa_class: str = "") -> str:
    """An SVG document of its own, without scripts and outside references.

    Args:
        profile: the life of each value.
        isa_class: that a build was made for; an empty string where the plan is that of all.
    """
    scale = _Scale(profile)
    height = scale.bottom + (150 if scale.names_steps else 54)
    size = f"width='{scale.width}' height='{height}' viewBox='0 0 {scale.width} {height}'"
    style = f"role='img' {_FONT} font-size='11' fill='{_QUIET}'"
    in_order = sorted(profile.tensors, key=lambda life: (life.first_step, life.offset_bytes))
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} {style}>",
        f"<title>{_text(_title(profile, isa_class))}</title>",
        f"<desc>{_text(_told(profile))}</desc>",
        f"<rect width='{scale.width}' height='{height}' fill='{_PAPER}'/>",
        *_heading(profile, isa_class),
        *_legend(scale),
        *_peak(profile, scale),
        *_axes(profile, scale),
        *(_box(life, index, scale) for index, life in enumerate(in_order)),
        *(_label(life, scale) for life in in_order),
        *_limits(profile, scale),
        *_borders(profile, scale),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Scale:
    """Steps and bytes to places in the picture; the inputs have a column before the first step."""

    def __init__(self, profile: Timeline) -> None:
        self.n_columns = len(profile.steps) + 2
        least, most = _STEP_WIDTHS
        self.step_width = min(most, max(least, _USUAL_WIDTH // self.n_columns))
        self.width = max(_LEFT + self.n_columns * self.step_width + _RIGHT, 560)
        self.bottom = _TOP + _PLOT_HEIGHT
        self.names_steps = len(profile.steps) <= _MOST_NAMED_STEPS
        self._top_bytes = max(profile.arena_bytes, 1)

    def x(self, step: int) -> int:
        """Left edge of a step's column; -1 is the column of the inputs."""
        return _LEFT + (step + 1) * self.step_width

    def y(self, n_bytes: int) -> float:
        """Height of an address."""
        return round(self.bottom - n_bytes / self._top_bytes * _PLOT_HEIGHT, 1)


def _title(profile: Timeline, isa_class: str) -> str:
    return f"Memory timeline of {profile.model}" + (f" on {isa_class}" if isa_class else "")


def _heading(profile: Timeline, isa_class: str) -> Iterator[str]:
    title = shortened(_title(profile, isa_class), 60)
    yield f"<text x='{_LEFT}' y='22' font-size='15' fill='{_INK}'>{_text(title)}</text>"
    yield f"<text x='{_LEFT}' y='42'>{_text(_told(profile))}</text>"


def _told(profile: Timeline) -> str:
    told = f"arena {profile.arena_bytes:,} B, lower bound {profile.lower_bound_bytes:,} B"
    if not profile.steps:
        return told
    step = profile.steps[profile.peak_step]
    return (
        f"{told}; most is live at step {step.index}, {step.operator}: {step.live_bytes:,} B, "
        "with overlaps counted twice"
    )


def _peak(profile: Timeline, scale: _Scale) -> Iterator[str]:
    """The column of the step at which most bytes are live."""
    if profile.steps:
        yield (
            f"<rect x='{scale.x(profile.peak_step)}' y='{_TOP}' width='{scale.step_width}' "
            f"height='{_PLOT_HEIGHT}' fill='{_PEAK}' fill-opacity='0.12'/>"
        )


def _axes(profile: Timeline, scale: _Scale) -> Iterator[str]:
    right = scale.x(len(profile.steps) + 1)
    for n_bytes in _ticks(profile.arena_bytes):
        y = scale.y(n_bytes)
        yield f"<path d='M{_LEFT} {y}H{right}' stroke='{_GRID}'/>"
        yield f"<text x='{_LEFT - 8}' y='{y + 4}' text-anchor='end'>{n_bytes:,} B</text>"
    yield f"<path d='M{_LEFT} {_TOP}V{scale.bottom}H{right}' fill='none' stroke='{_LINE}'/>"
    every = 1 if scale.names_steps else max(1, len(profile.steps) // 30)
    labels = [(-1, "in"), *((step.index, str(step.index)) for step in profile.steps[::every])]
    for index, label in (*labels, (len(profile.steps), "out")):
        x = scale.x(index) + scale.step_width / 2
        yield f"<text x='{x}' y='{scale.bottom + 16}' text-anchor='middle'>{label}</text>"
    if scale.names_steps:
        for step in profile.steps:
            x, y = scale.x(step.index) + scale.step_width / 2, scale.bottom + 28
            label = _text(shortened(step.operator, 22))
            yield f"<text transform='translate({x + 4} {y})rotate(60)'>{label}</text>"


def _ticks(n_bytes: int) -> Iterable[int]:
    """Round numbers from 0 on: powers of two with a factor below eight of each."""
    step = 16
    while step * _TICKS < n_bytes:
        step *= 2
    return range(0, n_bytes + 1, step)


def _box(life: TensorLife, index: int, scale: _Scale) -> str:
    left, right = scale.x(life.first_step), scale.x(life.last_step + 1)
    top, bottom = scale.y(life.offset_bytes + life.n_bytes), scale.y(life.offset_bytes)
    width, height = right - left, max(round(bottom - top, 1), 0.8)
    colour = _COLOURS.get(life.role) or _OTHERS[index % len(_OTHERS)]
    told = (
        f"{life.name}: {life.n_bytes:,} B at {life.offset_bytes:,}, steps "
        f"{life.first_step} to {life.last_step}" + (f" ({life.role})" if life.role else "")
    )
    box = (
        f"<rect x='{left}' y='{top}' width='{width}' height='{height}' fill='{colour}' "
        f"fill-opacity='0.8' stroke='{_LINE}' stroke-width='0.6'/>"
    )
    return f"<g><title>{_text(told)}</title>{box}</g>"


def _label(life: TensorLife, scale: _Scale) -> str:
    """Bytes and name, where there is room for them left of what may lie over the box's end."""
    top, bottom = scale.y(life.offset_bytes + life.n_bytes), scale.y(life.offset_bytes)
    n_columns = max(1, life.last_step - life.first_step)
    room = int((n_columns * scale.step_width - 8) / _CHARACTER_WIDTH)
    label = f"{life.n_bytes:,} B"
    if bottom - top < 14 or room < len(label):
        return ""
    name = shortened(life.name, room - len(label) - 1)
    words = f"{label} {name}" if len(name) >= 4 else label
    return (
        f"<text x='{scale.x(life.first_step) + 4}' y='{top + 12}' {_ON_BOX}>{_text(words)}</text>"
    )


def _legend(scale: _Scale) -> Iterator[str]:
    """What the colours stand for, at the right of the title."""
    x = scale.width - _RIGHT - 76 * (len(_COLOURS) + 1)
    for role, colour in (*_COLOURS.items(), ("between", _OTHERS[0])):
        yield f"<rect x='{x}' y='12' width='11' height='11' fill='{colour}'/>"
        yield f"<text x='{x + 15}' y='22'>{role}</text>"
        x += 76


def _limits(profile: Timeline, scale: _Scale) -> Iterator[str]:
    """The end of the arena, and the bound below which none can be."""
    right = scale.x(len(profile.steps) + 1)
    lines = ((profile.arena_bytes, "arena", ""), (profile.lower_bound_bytes, "lower bound", "6 4"))
    told = lines if profile.arena_bytes != profile.lower_bound_bytes else lines[:1]
    for n_bytes, name, dashes in told:
        y = scale.y(n_bytes)
        yield (
            f"<path d='M{_LEFT} {y}H{right}' stroke='{_PEAK}' stroke-width='1.5' "
            f"stroke-dasharray='{dashes or 'none'}'><title>{name} {n_bytes:,} B</title></path>"
        )


def _borders(profile: Timeline, scale: _Scale) -> Iterator[str]:
    """Where each region's part of the arena ends, with the region's name below."""
    right = scale.x(len(profile.steps) + 1)
    ends = accumulate(part.n_bytes for part in profile.parts)
    for part, end in zip(profile.parts, ends, strict=True):
        y = scale.y(end)
        told = f"{part.room}: {part.n_bytes:,} B"
        yield f"<path d='M{_LEFT} {y}H{right}' stroke='{_LINE}' stroke-width='2'/>"
        yield (
            f"<text x='{right - 4}' y='{round(y + 12, 1)}' text-anchor='end' fill='{_LINE}' "
            f"font-weight='bold'>{_text(told)}</text>"
        )


def _text(text: str) -> str:
    """Text that XML may hold."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return escape(shown, {"'": "&apos;", '"': "&quot;"})
