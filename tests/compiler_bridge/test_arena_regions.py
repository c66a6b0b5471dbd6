"""An arena in several regions: what is said of it is what links, runs and is verified."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.api.memory_timeline import memory_timeline_svg
from fitgraph.compiler_bridge.arena_regions import named_regions
from fitgraph.compiler_bridge.build import link_for_board
from fitgraph.compiler_bridge.errors import ArenaRegionsError, DoesNotLinkError
from fitgraph.compiler_bridge.fitting import Fitted, Wanted, fitted
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.profiling.profile import profile
from fitgraph.compiler_bridge.prove import prove
from fitgraph.compiler_bridge.runtime import fitgraph_c_runtime
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.compiler_bridge.verify import verify
from fitgraph.matcher.decide import decide
from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.placement import in_two_regions, place
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import read_model
from tests.support.made_up_boards import KIB, board, flash, sram

IMAGES = "*ccb47716_image_classification.tflite"  # 33,456 bytes of arena, 16,384 of them one value
ISA = "armv7e-m+fp"


def dtcm(size_bytes: int) -> MemoryRegion:
    return MemoryRegion("DTCM", RegionKind.DTCM, 0x2000_0000, size_bytes, 0)


def axi(size_bytes: int) -> MemoryRegion:
    return sram(size_bytes, 0x2400_0000, name="AXI SRAM")


def of(*ram: MemoryRegion) -> Board:
    return board(ISA, flash(1024 * KIB), *ram)


@pytest.fixture(scope="module")
def words(shared_data: Path) -> ModelGraph:
    """A wake word network of 10,528 bytes of arena, which keeps a state."""
    (path,) = shared_data.glob("models/*2335faf0_keyword_scramble*.tflite")
    return read_model(path)


def verdict_on(fit: Fitted, ours: Board) -> Verdict:
    """By the footprints that a build leaves in the graph."""
    known = (fit.footprint, *(() if fit.whole is None else (fit.whole,)))
    ways = [way for one in known for way in in_two_regions(one)]
    return decide(ModelNeeds("m", "0" * 64), ours, fitgraph_c_runtime(TARGETS), ways).verdict


@given(st.lists(st.integers(35, 110), min_size=2, max_size=3), st.integers(0, 1))
@settings(max_examples=5, deadline=None)
def test_what_is_said_of_random_regions_is_what_links(
    words: ModelGraph, shares: list[int], has_small: int
) -> None:
    """A compiler's time each; sizes are shares of the arena."""
    whole = generate(words).arena_bytes
    ram = [sram(whole * share // 100, 0x2400_0000 + number * 0x100_0000, name=f"R{number}")
           for number, share in enumerate(shares)]  # fmt: skip
    ours = of(*([dtcm(512), *ram] if has_small else ram))
    fit = fitted(words, ours, Wanted(), ZigToolchain())
    said = verdict_on(fit, ours)
    try:
        firmware = link_for_board(
            fit.generated, ours, fit.placement, fit.footprint.stack_bytes, ZigToolchain(),
            objects=fit.build.objects,
        )  # fmt: skip
    except DoesNotLinkError:
        assert said in (Verdict.NO, Verdict.UNKNOWN)
        assert place(fit.footprint, ours) is None
    else:
        assert said in (Verdict.FITS, Verdict.UNKNOWN)
        assert place(fit.footprint, ours) is not None
        assert all(use.free_bytes >= 0 for use in firmware.regions)


def test_an_arena_that_no_region_takes_is_proven_in_two_and_verified(shared_data: Path) -> None:
    """In the emulator, whose memory ends where the regions do."""
    (path,) = shared_data.glob(f"models/{IMAGES}")
    graph, content, ours = read_model(path), path.read_bytes(), of(dtcm(18 * KIB), axi(20 * KIB))
    proven = prove(graph, content, ours, n_random=1)
    assert proven.proof.worst_difference == 0
    assert [part.room for part in proven.generated.parts] == ["DTCM", "AXI SRAM"]
    assert proven.generated.arena_bytes == proven.generated.lower_bound_bytes == 33_456
    assert {use.region for use in proven.proof.regions} == {"FLASH", "DTCM", "AXI SRAM"}
    assert ".arena_1" in {part.name for part in proven.proof.sections}
    assert len(proven.footprints) == 2
    assert verify(proven.proof, graph, content, ours).holds


def test_regions_that_are_asked_for_take_the_arena_and_are_proven_again(shared_data: Path) -> None:
    (path,) = shared_data.glob(f"models/{IMAGES}")
    graph, content, ours = read_model(path), path.read_bytes(), of(dtcm(18 * KIB), axi(64 * KIB))
    names = ("DTCM", "AXI SRAM")
    proven = prove(graph, content, ours, n_random=1, arena_regions=names)
    assert [part.room for part in proven.generated.parts] == list(names)
    assert proven.proof.arena_regions == names
    assert verify(proven.proof, graph, content, ours).holds


def test_a_region_that_takes_all_leaves_the_code_as_it_was(words: ModelGraph) -> None:
    ours = of(dtcm(64 * KIB), axi(128 * KIB))
    fit = fitted(words, ours, Wanted(arena_regions=("AXI SRAM", "DTCM")), ZigToolchain())
    assert fit.placement.arena.name == "AXI SRAM"
    assert fit.generated.files == generate(words).files


def test_regions_that_do_not_hold_the_arena_are_refused(words: ModelGraph) -> None:
    ours = of(dtcm(512), axi(1024))
    with pytest.raises(ArenaRegionsError, match=r"cannot be laid into .* DTCM"):
        fitted(words, ours, Wanted(arena_regions=("DTCM",)), ZigToolchain())


@pytest.mark.parametrize("names", [("ITCM",), ("DTCM", "DTCM"), ("FLASH",)])
def test_regions_that_are_none_of_the_board_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(MatchError, match=r"no RAM region|each named once") as caught:
        named_regions(of(dtcm(KIB), axi(KIB)), names)
    assert "it has AXI SRAM, DTCM" in caught.value.hint


def test_an_arena_that_may_lie_in_several_regions_is_no_plain_no(words: ModelGraph) -> None:
    """Until a build shows it; where all regions together are short it is one."""
    ample = of(sram(64 * KIB))
    whole = fitted(words, ample, Wanted(), ZigToolchain())
    share = generate(words).arena_bytes * 3 // 4
    assert verdict_on(whole, of(dtcm(share), axi(share))) is Verdict.UNKNOWN
    assert verdict_on(whole, of(dtcm(share // 2), axi(share // 2))) is Verdict.NO
    assert verdict_on(whole, of(axi(share))) is Verdict.NO


def test_a_profile_of_a_board_draws_each_regions_part(shared_data: Path) -> None:
    (path,) = shared_data.glob(f"models/{IMAGES}")
    found = profile(read_model(path), ISA, of(dtcm(18 * KIB), axi(20 * KIB)))
    assert [part.room for part in found.parts] == ["DTCM", "AXI SRAM"]
    assert found.arena_bytes == sum(part.n_bytes for part in found.parts)
    picture = memory_timeline_svg(found.timeline)
    assert "DTCM: 17,072 B" in picture
    assert "AXI SRAM: 16,384 B" in picture
