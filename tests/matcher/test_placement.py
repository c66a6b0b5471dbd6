"""Placement: monotone, indifferent to order, and true to what it says it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.placement import best_attempt, need, need_apart, place, place_apart, usable
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.footprint import Evidence, Footprint
from tests.support.regions import span_of

KIB = 1024


def region(
    name: str, kind: RegionKind, size: int, base: int = 0x2000_0000, reserve: int = 0
) -> MemoryRegion:
    return MemoryRegion(name, kind, base, size, reserve)


def board(*regions: MemoryRegion) -> Board:
    return Board("b", "B", "V", "M", "Cortex-M4F", "armv7e-m+fp", 64_000_000, regions)


def footprint(arena: int, static: int, stack: int, flash: int) -> Footprint:
    return Footprint(
        model_sha256="0" * 64,
        runtime="fitgraph-c",
        isa_class="armv7e-m+fp",
        toolchain="zig",
        arena_bytes=arena,
        static_bytes=static,
        stack_bytes=stack,
        flash_bytes=flash,
        code_bytes=0,
        weights_bytes=flash,
        evidence=Evidence.MEASURED,
    )


sizes = st.integers(0, 64 * KIB)


@st.composite
def regions(draw: st.DrawFn) -> list[MemoryRegion]:
    kinds = draw(st.lists(st.sampled_from(list(RegionKind)), min_size=0, max_size=6))
    return [
        region(
            f"R{index}",
            kind,
            size=draw(st.integers(1, 64 * KIB)),
            base=draw(st.integers(0, 2**28)),
            reserve=draw(st.integers(0, 16 * KIB)),
        )
        for index, kind in enumerate(kinds)
    ]


footprints = st.builds(footprint, sizes, sizes, sizes, sizes)


@given(regions(), footprints, st.integers(0, 5), st.integers(0, 64 * KIB))
def test_more_memory_never_removes_a_placement(
    found: list[MemoryRegion], needed: Footprint, which: int, more: int
) -> None:
    if not found or place(needed, board(*found)) is None:
        return
    which %= len(found)
    found[which] = replace(found[which], size_bytes=found[which].size_bytes + more)
    assert place(needed, board(*found)) is not None


@given(regions(), footprints, st.integers(1, 64 * KIB), st.sampled_from(list(RegionKind)))
def test_one_more_region_never_removes_a_placement(
    found: list[MemoryRegion], needed: Footprint, size: int, kind: RegionKind
) -> None:
    if place(needed, board(*found)) is not None:
        assert place(needed, board(*found, region("NEW", kind, size))) is not None


@given(regions(), footprints, st.randoms(use_true_random=False))
def test_the_order_of_regions_never_matters(
    found: list[MemoryRegion], needed: Footprint, random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert place(needed, board(*found)) == place(needed, board(*shuffled))


@given(regions(), footprints)
def test_the_placement_holds_everything(found: list[MemoryRegion], needed: Footprint) -> None:
    placement = place(needed, board(*found))
    if placement is None:
        return
    assert placement.flash.kind is RegionKind.FLASH
    assert {placement.arena.kind, placement.rest.kind} <= {
        RegionKind.SRAM,
        RegionKind.DTCM,
        RegionKind.CCM,
    }
    assert usable(placement.flash)[1] >= needed.flash_bytes
    if placement.arena == placement.rest:
        assert usable(placement.arena)[1] >= needed.sram_bytes
    else:
        assert usable(placement.arena)[1] >= needed.arena_bytes
        assert usable(placement.rest)[1] >= needed.rest_bytes


@given(regions(), footprints)
def test_where_nothing_is_found_the_best_attempt_does_not_fit_either(
    found: list[MemoryRegion], needed: Footprint
) -> None:
    if place(needed, board(*found)) is not None:
        return
    try:
        attempt = best_attempt(board(*found))
    except MatchError:
        return
    bytes_needed = need(needed)
    flash_short = usable(attempt.flash)[1] < bytes_needed.flash_bytes
    if attempt.is_split:
        ram_short = (
            usable(attempt.arena)[1] < bytes_needed.arena_bytes
            or usable(attempt.rest)[1] < bytes_needed.rest_bytes
        )
    else:
        ram_short = usable(attempt.arena)[1] < bytes_needed.together_bytes
    assert flash_short or ram_short


@given(regions())
def test_origin_lies_after_the_reserve_on_a_1024_byte_boundary(found: list[MemoryRegion]) -> None:
    for one in found:
        origin, capacity = usable(one)
        assert origin >= span_of(one).start + one.reserve_bytes
        assert origin % 1024 == 0
        assert 0 <= capacity <= one.free_bytes or capacity == 0


def test_arena_and_rest_stay_together_where_one_region_holds_both() -> None:
    flash = region("FLASH", RegionKind.FLASH, 256 * KIB)
    small = region("SRAM1", RegionKind.SRAM, 64 * KIB)
    large = region("SRAM2", RegionKind.SRAM, 96 * KIB)
    placement = place(footprint(32 * KIB, 1 * KIB, 2 * KIB, 100 * KIB), board(flash, small, large))
    assert placement is not None
    assert (placement.arena, placement.rest) == (large, large)


def test_the_arena_is_never_spread_over_two_regions() -> None:
    flash = region("FLASH", RegionKind.FLASH, 256 * KIB)
    halves = [region(f"SRAM{i}", RegionKind.SRAM, 64 * KIB) for i in range(2)]
    assert place(footprint(65 * KIB, 0, 16, 16), board(flash, *halves)) is None


def test_rest_moves_to_another_region_when_the_arena_fills_the_largest() -> None:
    flash = region("FLASH", RegionKind.FLASH, 256 * KIB)
    ccm = region("CCM", RegionKind.CCM, 16 * KIB)
    sram = region("SRAM", RegionKind.SRAM, 64 * KIB)
    placement = place(footprint(64 * KIB, 1 * KIB, 2 * KIB, 16), board(flash, ccm, sram))
    assert placement is not None
    assert (placement.arena, placement.rest) == (sram, ccm)


def test_itcm_and_psram_hold_no_data() -> None:
    flash = region("FLASH", RegionKind.FLASH, 256 * KIB)
    itcm = region("ITCM", RegionKind.ITCM, 64 * KIB)
    psram = region("PSRAM", RegionKind.PSRAM, 8192 * KIB)
    assert place(footprint(16, 16, 16, 16), board(flash, itcm, psram)) is None


@pytest.mark.parametrize("kind", [RegionKind.SRAM, RegionKind.FLASH])
def test_best_attempt_names_the_kind_of_memory_a_board_lacks(kind: RegionKind) -> None:
    missing = "flash" if kind is RegionKind.SRAM else "SRAM"
    with pytest.raises(MatchError, match=missing):
        best_attempt(board(region("ONLY", kind, 64 * KIB)))


@given(sizes, sizes, st.lists(sizes, min_size=1, max_size=3))
def test_weights_apart_are_placed_exactly_where_both_parts_hold(
    weights_bytes: int, code_bytes: int, capacities: list[int]
) -> None:
    found = [region("RAM", RegionKind.SRAM, 64 * KIB)]
    found += [
        region(f"F{n}", RegionKind.FLASH, size + 1, base=n << 20)
        for n, size in enumerate(capacities)
    ]
    image = replace(
        footprint(16, 16, 16, weights_bytes + code_bytes),
        weights_bytes=weights_bytes,
        code_bytes=code_bytes,
    )
    weights_need, rest_need = need_apart(image)
    placed = place_apart(image, board(*found), "F0")
    others = capacities[1:]
    holds = weights_need <= capacities[0] + 1 and any(rest_need <= one + 1 for one in others)
    assert (placed is not None) is holds
    if placed is not None:
        assert placed.weights == found[1]
        assert placed.flash != found[1]


def test_flash_that_a_program_sets_up_first_takes_weights_and_never_the_image() -> None:
    outer = region("QSPI", RegionKind.EXTFLASH, 8192 * KIB, base=0x90000000)
    inner = region("Flash", RegionKind.FLASH, 8 * KIB, base=0x08000000)
    here = board(inner, outer, region("RAM", RegionKind.SRAM, 64 * KIB))
    image = replace(footprint(16, 16, 16, 64 * KIB), weights_bytes=60 * KIB, code_bytes=4 * KIB)
    assert place(image, here) is None
    placed = place_apart(image, here, "QSPI")
    assert placed is not None
    assert (placed.weights, placed.flash) == (outer, inner)


def test_weights_go_into_flash_regions_of_the_board_alone() -> None:
    with pytest.raises(MatchError, match="no flash region 'RAM'"):
        place_apart(footprint(16, 16, 16, 16), board(region("RAM", RegionKind.SRAM, KIB)), "RAM")
