"""Graphs in layers: each box right of what it comes from, whatever the graph."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from fitgraph.api.pictures.bars import bars_svg
from fitgraph.api.pictures.layers import Arrow, Box, layered_svg, layers_of

KEYS = tuple("abcdefgh")
pairs = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=14)
SVG = "{http://www.w3.org/2000/svg}"


@given(pairs)
def test_arrows_go_to_the_right_where_there_is_no_circle(drawn: list[tuple[str, str]]) -> None:
    """Keys that only go to later letters make no circle."""
    arrows = [Arrow(*sorted(pair)) for pair in drawn if pair[0] != pair[1]]
    layers = layers_of(KEYS, arrows)
    layer = {key: place for place, keys in enumerate(layers) for key in keys}
    assert sorted(key for keys in layers for key in keys) == sorted(KEYS)
    assert all(layer[one.start] < layer[one.end] for one in arrows)


@given(pairs)
def test_any_graph_is_drawn_with_all_its_boxes_and_arrows(drawn: list[tuple[str, str]]) -> None:
    arrows = [Arrow(start, end, "<says> & more") for start, end in drawn]
    svg = layered_svg([Box(key, f"<{key}>") for key in KEYS], arrows, "a graph", "it")
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.get("role") == "img"
    titles = {one.text for one in root.iter(f"{SVG}title")}
    assert {f"<{key}>" for key in KEYS} <= titles
    assert len(root.findall(f"{SVG}path")) == 2 * len(arrows)


def test_a_source_stands_just_before_what_it_is_for() -> None:
    """A board is used by the last step, so it is not drawn beside the first."""
    chain = [Arrow("a", "b"), Arrow("b", "c"), Arrow("h", "c")]
    assert layers_of(("a", "b", "c", "h"), chain) == (("a",), ("b", "h"), ("c",))


def test_bars_are_as_long_as_their_numbers() -> None:
    svg = bars_svg([("one", 10.0), ("two", 5.0), ("minus", -5.0)], "numbers")
    bars = [
        (float(one.get("x", "")), float(one.get("width", "")))
        for one in ET.fromstring(svg).iter(f"{SVG}rect")  # noqa: S314 - our own
        if one.get("x")
    ]
    (start, length), (_, half), (left, below) = bars
    assert length == 2 * half == 2 * below
    assert left + below == start
