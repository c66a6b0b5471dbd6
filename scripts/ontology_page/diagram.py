"""The main classes of the vocabulary as an SVG: boxes on a grid, object properties as arrows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from fitgraph.ontology.terms import Term

#: Column and row of each class that is drawn.
PLACES: Final[Mapping[str, tuple[int, int]]] = {
    "Compression": (0, 0),
    "Tensor": (1, 0),
    "OperatorUse": (2, 0),
    "Operator": (3, 0),
    "OperatorSupport": (4, 0),
    "Variant": (0, 1),
    "Model": (1, 1),
    "Footprint": (2, 1),
    "Runtime": (4, 1),
    "Verdict": (0, 2),
    "Match": (1, 2),
    "Measurement": (2, 2),
    "IsaClass": (3, 2),
    "ConstraintResult": (0, 3),
    "Remedy": (1, 3),
    "Board": (3, 3),
    "Mcu": (4, 3),
    "ModelDescription": (0, 4),
    "Firmware": (1, 4),
    "Proof": (2, 4),
    "MemoryRegion": (4, 4),
    "Claim": (0, 5),
    "Artifact": (1, 5),
    "Assignment": (2, 5),
    "DeviceGroup": (3, 5),
    "Device": (4, 5),
    "Wave": (1, 6),
    "Plan": (2, 6),
    "Fleet": (3, 6),
    "Demand": (4, 6),
}

#: What is drawn between them: class, property, class. ``is a`` stands for a subclass.
ARROWS: Final = (
    ("Compression", "compressed", "Variant"),
    ("Variant", "is a", "Model"),
    ("Model", "hasTensor", "Tensor"),
    ("Model", "hasOperatorUse", "OperatorUse"),
    ("OperatorUse", "operator", "Operator"),
    ("OperatorSupport", "operator", "Operator"),
    ("Runtime", "supports", "OperatorSupport"),
    ("Footprint", "model", "Model"),
    ("Footprint", "runtime", "Runtime"),
    ("Footprint", "isaClass", "IsaClass"),
    ("Runtime", "runsOn", "IsaClass"),
    ("Board", "isaClass", "IsaClass"),
    ("Measurement", "model", "Model"),
    ("ModelDescription", "hasClaim", "Claim"),
    ("Match", "model", "Model"),
    ("Match", "board", "Board"),
    ("Match", "verdict", "Verdict"),
    ("Match", "hasConstraintResult", "ConstraintResult"),
    ("Match", "hasRemedy", "Remedy"),
    ("Board", "hasMcu", "Mcu"),
    ("Board", "hasMemoryRegion", "MemoryRegion"),
    ("Mcu", "hasMemoryRegion", "MemoryRegion"),
    ("Proof", "board", "Board"),
    ("Proof", "firmware", "Firmware"),
    ("Firmware", "is a", "Artifact"),
    ("Assignment", "proof", "Proof"),
    ("Assignment", "assignedArtifact", "Artifact"),
    ("Assignment", "deviceGroup", "DeviceGroup"),
    ("DeviceGroup", "deviceType", "Board"),
    ("DeviceGroup", "member", "Device"),
    ("Plan", "hasAssignment", "Assignment"),
    ("Plan", "hasWave", "Wave"),
    ("Plan", "planFor", "Fleet"),
    ("Fleet", "hasDeviceGroup", "DeviceGroup"),
    ("Fleet", "hasDemand", "Demand"),
)

_TITLE: Final = "The main classes and what joins them"
_TIPS: Final = """
<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
  orient="auto"><path d="M0 0L8 4L0 8z"/></marker>
<marker id="hollow" viewBox="0 0 12 12" refX="11" refY="6" markerWidth="12" markerHeight="12"
  orient="auto"><path class="hollow" d="M1 1L11 6L1 11z"/></marker>
"""
_CELL: Final = (276, 104)
_BOX: Final = (154, 40)
_MARGIN: Final = 12


@dataclass(frozen=True, slots=True)
class _Point:
    x: float
    y: float


def diagram(terms: Mapping[str, Term]) -> str:
    """The SVG; each box links to its term's section and has the class of its module."""
    columns, rows = (max(place[axis] for place in PLACES.values()) for axis in (0, 1))
    width = columns * _CELL[0] + _BOX[0] + 2 * _MARGIN
    height = rows * _CELL[1] + _BOX[1] + 2 * _MARGIN
    parts = [
        f'<svg class="diagram" viewBox="0 0 {width} {height}" role="group" aria-label="{_TITLE}">',
        f"<defs>{_TIPS}</defs>",
        *(_line(*arrow) for arrow in ARROWS),
        *(_label(*arrow) for arrow in ARROWS),
        *(_box(terms[name]) for name in PLACES),
        "</svg>",
    ]
    return "\n".join(parts)


def _centre(name: str) -> _Point:
    column, row = PLACES[name]
    return _Point(_MARGIN + column * _CELL[0] + _BOX[0] / 2, _MARGIN + row * _CELL[1] + _BOX[1] / 2)


def _edge(of: str, towards: str) -> _Point:
    """Where the line between the centres of two boxes leaves the first."""
    here, there = _centre(of), _centre(towards)
    dx, dy = there.x - here.x, there.y - here.y
    scale = min(
        (_BOX[axis] / 2 / abs(length) for axis, length in enumerate((dx, dy)) if length), default=0
    )
    return _Point(here.x + dx * scale, here.y + dy * scale)


def _line(one: str, name: str, other: str) -> str:
    start, end = _edge(one, other), _edge(other, one)
    tip = "hollow" if name == "is a" else "tip"
    return (
        f'<line x1="{start.x:g}" y1="{start.y:.1f}" x2="{end.x:g}" y2="{end.y:.1f}" '
        f'marker-end="url(#{tip})"/>'
    )


def _label(one: str, name: str, other: str) -> str:
    start, end = _edge(one, other), _edge(other, one)
    share = _share(start, end)
    x, y = start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)
    text = f'<text x="{x:g}" y="{y + 4:.1f}">{name}</text>'
    return text if name == "is a" else f'<a href="#{name}">{text}</a>'


def _share(start: _Point, end: _Point) -> float:
    """How far along its line a label stands: off the middle of a slope, where others may be."""
    if start.x == end.x or start.y == end.y:
        return 0.5
    return 0.36 if end.x > start.x else 0.64


def _box(term: Term) -> str:
    at = _centre(term.name)
    return (
        f'<a href="#{term.name}" class="module-{term.module}">'
        f"<title>{escape(term.definition)}</title>"
        f'<rect x="{at.x - _BOX[0] / 2:g}" y="{at.y - _BOX[1] / 2:g}" width="{_BOX[0]}" '
        f'height="{_BOX[1]}" rx="6"/>'
        f'<text class="name" x="{at.x:g}" y="{at.y + 5:g}">{term.name}</text></a>'
    )
