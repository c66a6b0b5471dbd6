"""A directed graph as a picture: boxes in layers from left to right, arrows between them.

Each box is right of all that it comes from; what comes from nothing is just left of what it is for.
Boxes of a layer are ordered by where their neighbours stand, so that few arrows cross (Sugiyama,
Tagawa and Toda, IEEE Transactions on Systems, Man, and Cybernetics 11, 1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx

from fitgraph.api.pictures.svg import CHARACTER_WIDTH, LINE, QUIET, label, picture, text

_WIDTH, _HEIGHT = 186, 46
_DOWN, _MARGIN = 16, 12
#: Between layers, where arrows say something, and where they do not.
_TOLD, _PLAIN = 110, 40
_SWEEPS: Final = 6
_FITTING: Final = int((_WIDTH - 20) / (CHARACTER_WIDTH * 1.25))  # bold
_LABEL: Final = int((_TOLD + 20) / CHARACTER_WIDTH)
_BOX: Final = "var(--sunk, #f0f2ef)"
_ACCENT: Final = "var(--accent, #0b5f5f)"


@dataclass(frozen=True, slots=True)
class Box:
    """Something in the graph.

    Attributes:
        key: tells it from others.
        title: its name.
        kind: what it is, or more about it; the second line.
        is_chosen: whether the picture is about it.
    """

    key: str
    title: str
    kind: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the key of one box to that of another, with what it says."""

    start: str
    end: str
    words: str = ""


def layered_svg(boxes: Sequence[Box], arrows: Sequence[Arrow], title: str, told: str) -> str:
    """The picture.

    Args:
        boxes: each with a key of its own.
        arrows: between them; circles are drawn, too.
        title: what it is a picture of.
        told: what it shows, for those who do not see it.
    """
    layers = layers_of([box.key for box in boxes], arrows)
    across = _TOLD if any(arrow.words for arrow in arrows) else _PLAIN
    places = _places(layers, _WIDTH + across)
    width = 2 * _MARGIN + len(layers) * (_WIDTH + across) - across
    height = 2 * _MARGIN + max(map(len, layers), default=1) * (_HEIGHT + _DOWN) - _DOWN
    drawn = [*_lines(arrows, places), *(_box(box, places[box.key]) for box in boxes)]
    return picture(max(width, 0), height, title, told, drawn)


def layers_of(keys: Sequence[str], arrows: Iterable[Arrow]) -> tuple[tuple[str, ...], ...]:
    """Keys by layer, the first on the left, in an order with few crossings."""
    graph = nx.DiGraph()
    graph.add_nodes_from(keys)
    graph.add_edges_from((one.start, one.end) for one in arrows if one.start != one.end)
    whole = nx.condensation(graph)  # what goes round in a circle stands in one layer
    depth: dict[int, int] = {}
    for part in nx.topological_sort(whole):
        depth[part] = max((depth[one] + 1 for one in whole.predecessors(part)), default=0)
    for part in whole:
        if depth[part] == 0 and whole.out_degree(part):  # no further left than it must
            depth[part] = min(depth[one] for one in whole.successors(part)) - 1
    layers: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        layers[depth[whole.graph["mapping"][key]]].append(key)
    found = [layers[place] for place in sorted(layers)]
    for turn in range(_SWEEPS):
        _sweep(found, graph, is_forth=turn % 2 == 0)
    return tuple(map(tuple, found))


def _sweep(layers: list[list[str]], graph: nx.DiGraph, *, is_forth: bool) -> None:
    """Orders each layer by the middle of its neighbours in the layers before it, or behind."""
    place = {key: index for layer in layers for index, key in enumerate(layer)}
    for layer in layers if is_forth else reversed(layers):
        near = {key: [place[one] for one in (graph.predecessors(key) if is_forth
                                             else graph.successors(key))]
                for key in layer}  # fmt: skip
        layer.sort(key=lambda key: sum(near[key]) / len(near[key]) if near[key] else place[key])
        place.update({key: index for index, key in enumerate(layer)})


def _places(layers: Sequence[Sequence[str]], step: float) -> Mapping[str, tuple[float, float]]:
    """Left upper corners, a step from layer to layer; shorter layers stand in the middle."""
    tallest = max(map(len, layers), default=0)
    return {
        key: (
            _MARGIN + column * step,
            _MARGIN + (row + (tallest - len(layer)) / 2) * (_HEIGHT + _DOWN),
        )
        for column, layer in enumerate(layers)
        for row, key in enumerate(layer)
    }


def _lines(arrows: Iterable[Arrow], places: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    for arrow in arrows:
        (x, y), (to_x, to_y) = places[arrow.start], places[arrow.end]
        if to_x > x:
            x, y, to_y = x + _WIDTH, y + _HEIGHT / 2, to_y + _HEIGHT / 2
            middle = (x + to_x) / 2
            way = f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
            tip = f"M{to_x - 7:g} {to_y - 4:g}L{to_x:g} {to_y:g}L{to_x - 7:g} {to_y + 4:g}"
        else:  # within a layer, or to itself
            x, y, to_y, middle = (
                x + _WIDTH,
                y + _HEIGHT / 3,
                to_y + 2 * _HEIGHT / 3,
                x + _WIDTH + 30,
            )
            way = f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {x:g} {to_y:g}"
            tip = f"M{x + 7:g} {to_y - 4:g}L{x:g} {to_y:g}L{x + 7:g} {to_y + 4:g}"
        yield f"<path d='{way}' fill='none' stroke='{QUIET}' stroke-opacity='.6'/>"
        yield f"<path d='{tip}' fill='none' stroke='{QUIET}'/>"
        if arrow.words:
            words = _shortened(arrow.words, _LABEL)
            yield label(to_x - 12 if to_x > x else middle, to_y - 5, words,
                        f"font-size='10' fill='{QUIET}' text-anchor='end'")  # fmt: skip


def _box(box: Box, place: tuple[float, float]) -> str:
    x, y = place
    edge = f"stroke='{_ACCENT}' stroke-width='2.5'" if box.is_chosen else f"stroke='{LINE}'"
    title_y = y + (19 if box.kind else 27)
    parts = [
        f"<title>{text(f'{box.title} ({box.kind})' if box.kind else box.title)}</title>",
        (
            f"<rect x='{x:g}' y='{y:g}' width='{_WIDTH}' height='{_HEIGHT}' rx='7'"
            f" fill='{_BOX}' {edge}/>"
        ),
        label(x + 10, title_y, _shortened(box.title, _FITTING), "font-weight='600'"),
    ]
    if box.kind:
        parts.append(label(x + 10, y + 36, _shortened(box.kind, _FITTING + 6),
                           f"font-size='11' fill='{QUIET}'"))  # fmt: skip
    return f"<g>{''.join(parts)}</g>"


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
