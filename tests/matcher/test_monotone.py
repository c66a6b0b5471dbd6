"""More memory never makes a verdict worse, however addresses, sizes and cores are known."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from fitgraph.matcher.decide import decide
from fitgraph.matcher.demand import Reserves, with_reserves
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, McuLink, MemoryRegion, RegionKind
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.runtime import Runtime

KIB = 1024
CLASSES = ("armv6-m", "armv7e-m+fp")
MODEL = ModelNeeds("model", "0" * 64, largest_io_bytes=64)
RUNTIME = Runtime("fitgraph-c", "fitgraph C", (), CLASSES, Evidence.MEASURED, "", "Apache-2.0")
WORST_FIRST = [Verdict.NO, Verdict.UNKNOWN, Verdict.LIKELY, Verdict.FITS]

# Small numbers, so that much is drawn where one byte decides.
sizes = st.sampled_from([16, KIB, 2 * KIB, 3 * KIB]) | st.integers(0, 6 * KIB)
statuses = st.sampled_from([ClaimStatus.SOURCED, *ClaimStatus])
addresses = st.none() | st.integers(0, 2**18).map(lambda kib: kib * KIB) | st.integers(0, 2**28)
memories = st.sampled_from([RegionKind.FLASH, RegionKind.SRAM, *RegionKind])
regions = st.builds(
    MemoryRegion,
    name=st.text("ABCD", min_size=3, max_size=3),
    kind=memories,
    base_address=addresses,
    size_bytes=st.integers(1, 16 * KIB),
    reserve_bytes=st.integers(0, 4 * KIB),
    status=statuses,
)
boards = st.builds(
    Board,
    board_id=st.just("board"),
    name=st.just("Board"),
    vendor=st.just("V"),
    mcu=st.just("M"),
    cpu_core=st.just("core"),
    isa_class=st.sampled_from(CLASSES),
    clock_hz=st.just(1),
    regions=st.lists(regions, min_size=1, max_size=5, unique_by=lambda one: one.name).map(tuple),
    mcu_link=st.none() | st.builds(McuLink, st.just("m"), st.booleans()),
    isa_status=statuses,
)
footprints = st.builds(
    Footprint,
    model_sha256=st.just("0" * 64),
    runtime=st.just("fitgraph-c"),
    isa_class=st.sampled_from(CLASSES),
    toolchain=st.sampled_from(["zig", "gcc"]),
    arena_bytes=sizes,
    static_bytes=sizes,
    stack_bytes=sizes,
    flash_bytes=sizes,
    code_bytes=sizes,
    weights_bytes=sizes,
    evidence=st.sampled_from([Evidence.MEASURED, Evidence.MEASURED, Evidence.ESTIMATE]),
)
known = st.lists(footprints, max_size=3)
answers = st.none() | st.builds(
    CompilerAnswer, arena_bytes=st.none() | sizes, weights_bytes=st.none() | sizes
)
which = st.integers(0, 4)


def verdict(
    board: Board, found: Iterable[Footprint], answer: CompilerAnswer | None = None
) -> Verdict:
    return decide(MODEL, board, RUNTIME, found, answer).verdict


def is_no_worse(after: Verdict, before: Verdict) -> bool:
    return WORST_FIRST.index(after) >= WORST_FIRST.index(before)


def with_region(board: Board, which: int, *instead: MemoryRegion) -> Board:
    place = which % len(board.regions)
    return replace(board, regions=(*board.regions[:place], *instead, *board.regions[place + 1 :]))


def measured(arena_bytes: int, flash_bytes: int) -> Footprint:
    return Footprint(
        "0" * 64, "fitgraph-c", "armv6-m", "zig", arena_bytes, 0, 0, flash_bytes, 0, 0,
        Evidence.MEASURED,
    )  # fmt: skip


# A small arena with much code and a large one with little, in a sure flash and one that is not.
SURE_AND_UNSURE = Board(
    "board", "Board", "V", "M", "core", "armv6-m", 1,
    (
        MemoryRegion("UNSURE", RegionKind.FLASH, 0x10000, KIB, status=ClaimStatus.DERIVED),
        MemoryRegion("SURE", RegionKind.FLASH, 0, 4 * KIB),
        MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 8 * KIB),
    ),
)  # fmt: skip


@given(boards, known, answers, which, st.integers(1, 16 * KIB))
@example(SURE_AND_UNSURE, [measured(96, 5000), measured(3000, 96)], None, 0, 7 * KIB)
def test_a_larger_region_never_makes_a_verdict_worse(
    board: Board, found: list[Footprint], answer: CompilerAnswer | None, which: int, more: int
) -> None:
    one = board.regions[which % len(board.regions)]
    larger = with_region(board, which, replace(one, size_bytes=one.size_bytes + more))
    assert is_no_worse(verdict(larger, found, answer), verdict(board, found, answer))


@given(boards, known, answers, which, st.integers(0, 4 * KIB))
def test_a_smaller_reserve_never_makes_a_verdict_worse(
    board: Board, found: list[Footprint], answer: CompilerAnswer | None, which: int, left: int
) -> None:
    one = board.regions[which % len(board.regions)]
    if left > one.reserve_bytes:
        return
    freed = with_reserves(board, Reserves(by_region={one.name: left}))
    assert is_no_worse(verdict(freed, found, answer), verdict(board, found, answer))


@given(boards, known, answers, regions)
@example(
    with_region(SURE_AND_UNSURE, 0),
    [measured(96, 5000), measured(3000, 96)],
    None,
    replace(SURE_AND_UNSURE.regions[0], size_bytes=8 * KIB),
)
def test_one_more_region_never_makes_a_verdict_worse(
    board: Board, found: list[Footprint], answer: CompilerAnswer | None, more: MemoryRegion
) -> None:
    """But where nothing of its kind was known, which tells for the first time that it is short."""
    if more.name in {one.name for one in board.regions}:
        return
    before = verdict(board, found, answer)
    after = verdict(replace(board, regions=(*board.regions, more)), found, answer)
    is_first = more.kind not in {one.kind for one in board.regions}
    assert is_no_worse(after, before) or (is_first and before is Verdict.UNKNOWN)


@given(boards, known, answers, which, st.integers(1, 15))
def test_a_region_in_two_parts_never_makes_a_verdict_better(
    board: Board, found: list[Footprint], answer: CompilerAnswer | None, which: int, kib: int
) -> None:
    """Nothing is ever matched on a total."""
    one = board.regions[which % len(board.regions)]
    n_bytes = kib * KIB
    if one.base_address is None or not one.reserve_bytes <= n_bytes < one.size_bytes:
        return
    second = replace(
        one,
        name=f"{one.name} 2",
        base_address=one.base_address + n_bytes,
        size_bytes=one.size_bytes - n_bytes,
        reserve_bytes=0,
    )
    parted = with_region(board, which, replace(one, size_bytes=n_bytes), second)
    assert is_no_worse(verdict(board, found, answer), verdict(parted, found, answer))


@given(boards, known, footprints)
def test_what_fits_still_does_when_one_more_build_is_known(
    board: Board, found: list[Footprint], more: Footprint
) -> None:
    if verdict(board, found) is Verdict.FITS:
        assert verdict(board, [*found, more]) is Verdict.FITS


@given(boards, known, answers, st.integers())
def test_the_order_of_regions_and_builds_changes_nothing(
    board: Board, found: list[Footprint], answer: CompilerAnswer | None, seed: int
) -> None:
    shuffled = random.Random(seed).sample
    regions = tuple(shuffled(board.regions, len(board.regions)))
    again = decide(
        MODEL, replace(board, regions=regions), RUNTIME, shuffled(found, len(found)), answer
    )
    assert again == decide(MODEL, board, RUNTIME, found, answer)
