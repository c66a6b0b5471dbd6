"""What pages show of matches: pure functions from records to views and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from fitgraph.api.pictures.need_bar import need_bar_svg
from fitgraph.api.pictures.placed import uses_of, whole_uses
from fitgraph.api.pictures.scatter import Dot, scatter_svg
from fitgraph.api.web.match_page import answer_of, span
from fitgraph.api.web.matrix import columns_of, matrix_of
from fitgraph.api.web.model_page import kinds_of
from fitgraph.api.web.ranking_page import dots_of
from fitgraph.api.web.verdict_tables import match_address, match_row, portion, tallies
from fitgraph.matcher import index_of
from fitgraph.matcher.index.index import Index
from fitgraph.matcher.ranking import Axis, pareto_front, ranked
from fitgraph.matcher.timing import Interval
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.store import EmbeddedStore
from tests.support.made_up_graph import BOARDS, FOOTPRINTS, WAKE, board, fill

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    twin = replace(BOARDS[1], board_id="twin", name="Twin")
    with EmbeddedStore.open(tmp_path_factory.mktemp("views") / "graph") as store:
        fill(store, (*BOARDS, twin, board("tiny", "armv6-m", 32, 4)))
        yield index_of(store)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def one(index: Index, model: str, board_id: str) -> Match:
    return next(m for m in index.explained(model) if m.board == board_id)


def test_boards_of_one_profile_are_one_column_unless_boards_are_asked_for(index: Index) -> None:
    by_profile = columns_of(index, index.boards, by_profile=True)
    assert [(c.board, c.n_boards) for c in by_profile] == [("small", 1), ("tiny", 1), ("large", 2)]
    by_board = columns_of(index, index.boards, by_profile=False)
    assert [c.board for c in by_board] == ["small", "tiny", "large", "twin"]


def test_a_cell_is_a_no_where_policies_forbid_all_its_boards_and_says_where_some(
    index: Index,
) -> None:
    columns = columns_of(index, index.boards, by_profile=True)
    (large,) = [c for c in columns if c.n_boards == 2]
    assert set(large.boards) == {"large", "twin"}

    def cell(*forbidden: str) -> tuple[str, str]:
        ruled = {one.name: frozenset(forbidden) for one in index.models}
        matrix = matrix_of(index, [large], "fitgraph-c", ruled)
        return next((c.verdict, c.words) for _, (c,) in matrix.rows if c.symbol != "?")

    verdict, words = cell()
    assert verdict == "fits"
    assert cell("twin") == ("fits", f"{words}; a policy forbids it on 1 of 2 boards")
    assert cell("twin", "large") == ("no", f"{words}; but a policy forbids it")


def test_every_cell_has_the_verdict_and_margin_of_the_pair(index: Index) -> None:
    columns = columns_of(index, index.boards, by_profile=False)
    matrix = matrix_of(index, columns, "fitgraph-c")
    assert matrix.groups == (("armv6-m", 2), ("armv7e-m+fp", 2))
    for model, cells in matrix.rows:
        pairs = {pair.board: pair for pair in index.boards_for(model)}
        for column, cell in zip(columns, cells, strict=True):
            pair = pairs[column.board]
            assert cell.verdict == str(pair.verdict)
            if pair.sram_margin_bytes is not None:
                assert f"{abs(pair.sram_margin_bytes):,} B" in cell.words
            assert cell.address == f"/matches/{model}/{column.board}"


def test_a_verdict_is_said_in_a_sentence(index: Index) -> None:
    fits = answer_of(one(index, "wake", "large"))
    assert fits.startswith("Every constraint is shown")
    assert "B of RAM are left" in fits
    refused = one(index, "wake", "tiny")
    assert answer_of(refused).startswith("A fact rules it out: ")
    assert match_row(refused).why in answer_of(refused)
    unknown = answer_of(one(index, "vision", "small"))
    assert unknown.startswith("A fact is missing: ")


def test_counts_by_verdict_lead_to_pages_of_their_own(index: Index) -> None:
    found = tallies(index.count_for(model="wake"), "/matches", Verdict.NO, model="wake")
    assert [(t.verdict, t.count) for t in found] == [
        ("fits", 3), ("likely", 0), ("unknown", 0), ("no", 1),
    ]  # fmt: skip
    assert [t.address for t in found if t.is_chosen] == ["/matches?model=wake&verdict=no"]
    assert match_address("a/b", "c", "tflm+x") == "/matches/a%2Fb/c?runtime=tflm%2Bx"


def test_a_page_begins_where_its_verdict_does() -> None:
    counts = {Verdict.FITS: 30, Verdict.LIKELY: 0, Verdict.UNKNOWN: 5, Verdict.NO: 41}
    assert portion(counts, None) == (0, 20, 4)
    assert portion(counts, Verdict.UNKNOWN) == (30, 5, 1)
    assert portion(counts, Verdict.NO, 3) == (75, 1, 3)
    assert portion(counts, Verdict.NO, 9) == (76, 0, 3)
    assert portion(counts, Verdict.LIKELY) == (30, 0, 1)


def test_a_bar_is_as_long_as_what_it_stands_for(index: Index) -> None:
    flash = one(index, "wake", "tiny").constraint("flash")
    frame, needed = (
        float(box.attrib["width"]) for box in parsed(need_bar_svg(flash)).findall(f"{SVG}rect")[1:3]
    )
    assert flash.required is not None
    assert flash.available is not None
    assert needed / frame == pytest.approx(flash.required / flash.available, rel=0.01)
    assert need_bar_svg(replace(flash, required=None)) == ""


def test_parts_of_a_firmware_lie_where_the_linker_puts_them(index: Index) -> None:
    footprint = FOOTPRINTS[0]
    uses = uses_of(footprint, BOARDS[1])
    assert [(use.region, use.part) for use in uses] == [
        ("FLASH", "weights"), ("FLASH", "code"),
        ("RAM", "arena"), ("RAM", "stack"), ("RAM", "static"),
    ]  # fmt: skip
    assert sum(use.n_bytes for use in uses) == footprint.flash_bytes + footprint.sram_bytes
    whole = whole_uses(one(index, "wake", "large"))
    assert [(use.region, use.part) for use in whole] == [("FLASH", "image"), ("RAM", "memory")]
    assert uses_of(footprint, replace(BOARDS[1], regions=())) == ()


def test_an_interval_is_told_in_three_digits() -> None:
    estimate = Interval(392.2, 565_432.1, Evidence.ESTIMATE, "source")
    assert span(estimate, "ms") == "392 to 565,000 ms"
    assert span(replace(estimate, low=0.01234, high=None), "ms") == "at least 0.0123 ms"


def test_multiply_accumulates_of_a_kind_are_told_once() -> None:
    (kind,) = kinds_of(WAKE)
    assert (kind.name, kind.count, kind.macs, kind.share) == ("tflite:CONV_2D", 2, 1, 1.0)


def test_the_picture_marks_what_nothing_beats(index: Index) -> None:
    matches = [one(index, model, "large") for model in ("wake", "wake-large", "vision")]
    found = [
        ranked(match, accuracy) for match, accuracy in zip(matches, (0.9, 0.95, 0.8), strict=True)
    ]
    dots = dots_of(found, pareto_front(found), Axis.SRAM, Axis.ACCURACY, is_by_board=False)
    assert [(dot.name.partition(":")[0], dot.is_front) for dot in dots] == [
        ("wake", True), ("wake-large", True), ("vision", False),
    ]  # fmt: skip
    root = parsed(scatter_svg("picture", "x", "y", dots))
    shapes = [group.find(f"{SVG}path") is not None for group in root.findall(f"{SVG}g")]
    assert sorted(shapes) == [False, True, True]
    assert dots_of(found, (), Axis.PRICE, Axis.SRAM, is_by_board=False) == ()


def test_dots_lie_within_the_axes() -> None:
    low, high = Dot("<a>", 1e-6, 5.0, "/", is_front=False), Dot("b", 1e5, 5.0, "/", is_front=True)
    dots = [low, high]
    root = parsed(scatter_svg("one height", "x", "y", dots))
    width = float(root.attrib["width"])
    circles = [float(c.attrib["cx"]) for c in root.iter(f"{SVG}circle")]
    assert all(0 < x < width for x in circles)
    assert any(title.text == "<a>" for title in root.iter(f"{SVG}title"))
