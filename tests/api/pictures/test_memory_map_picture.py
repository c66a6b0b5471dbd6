"""The memory map as a picture: to scale, with what a model takes, past the end if too much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from fitgraph.api.pictures.memory_map import Use, memory_map_svg
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from tests.support.command import Command
from tests.support.made_up_graph import ISA, board

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def with_regions(*regions: MemoryRegion) -> Board:
    return replace(board("made-up", ISA, 1, 1), regions=regions)


def boxes(root: ET.Element) -> dict[str, float]:
    """Widths of boxes by what is said of them."""
    return {
        str(group.findtext(f"{SVG}title")): float(group.find(f"{SVG}rect").attrib["width"])  # type: ignore[union-attr]
        for group in root.findall(f"{SVG}g")
    }


def test_regions_of_one_group_are_as_wide_as_they_have_bytes() -> None:
    found = boxes(parsed(memory_map_svg(with_regions(
        MemoryRegion("A", RegionKind.SRAM, 0x2000_0000, 65_536),
        MemoryRegion("B", RegionKind.DTCM, 0x1000_0000, 16_384),
        MemoryRegion("F", RegionKind.FLASH, 0, 1 << 20),
    ))))  # fmt: skip
    widths = {title.partition(",")[0]: width for title, width in found.items()}
    assert widths["A"] == pytest.approx(4 * widths["B"], rel=0.01)
    assert widths["F"] == pytest.approx(widths["A"])


def test_what_a_model_takes_lies_behind_the_reserve_and_sticks_out_where_it_is_too_much() -> None:
    ram = MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 1000, 250, "a radio stack")
    text = memory_map_svg(with_regions(ram), [Use("RAM", "arena", 500), Use("RAM", "stack", 500)])
    found = boxes(parsed(text))
    assert found["arena 500 B"] == pytest.approx(2 * found["reserve 250 B"], rel=0.01)
    assert "250 B too much; reserve 250 B for a radio stack" in text
    assert "250 B free" in memory_map_svg(with_regions(ram), [Use("RAM", "arena", 500)])


def test_names_are_text_and_a_board_without_regions_says_so() -> None:
    bad = MemoryRegion("</text><script>x()</script>\x00", RegionKind.SRAM, None, 5)
    root = parsed(memory_map_svg(with_regions(bad)))
    assert not list(root.iter(f"{SVG}script"))
    assert root.attrib["role"] == "img"
    assert "no memory region is known" in memory_map_svg(with_regions())


def test_board_show_writes_the_picture(fitgraph: Command, tmp_path: Path) -> None:
    picture = tmp_path / "map.svg"
    found = fitgraph("board", "show", "nrf52840-dk", "--svg", picture)
    assert found.code == 0, found.err
    assert "Memory map of" in picture.read_text()
    refused = fitgraph("board", "show", "nrf52840-dk", "--svg", tmp_path / "none" / "map.svg")
    assert refused.code != 0
    assert "--svg" in refused.err
