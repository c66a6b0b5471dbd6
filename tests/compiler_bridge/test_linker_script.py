"""The linker script: what it lays where, and that it agrees with the matcher to the byte."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.build import ClassBuild, Firmware, build_for_class, link_for_board
from fitgraph.compiler_bridge.elf import FirmwareImage, read_firmware
from fitgraph.compiler_bridge.errors import DoesNotLinkError, ToolchainError
from fitgraph.compiler_bridge.firmware.linker_script import linker_script
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.stack import stack_need_bytes
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.matcher.placement import best_attempt, place, round_up
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.footprint import Evidence, Footprint
from tests.support.hand_written_code import ARENA_BYTES, layer_code, misbehaving_code
from tests.support.made_up_boards import KIB, board, flash, sram

STACK_BYTES = 400
CLASSES = ("armv6-m", "rv32imc")


@cache
def build(isa_class: str) -> ClassBuild:
    return build_for_class(layer_code(), isa_class, ZigToolchain())


def link(ours: Board, stack_bytes: int = STACK_BYTES) -> Firmware:
    return link_for_board(
        layer_code(),
        ours,
        best_attempt(ours),
        stack_bytes,
        ZigToolchain(),
        objects=build(ours.isa_class).objects,
    )


def image(ours: Board) -> FirmwareImage:
    return read_firmware(link(ours).elf)


def footprint(isa_class: str) -> Footprint:
    sizes = build(isa_class).firmware.sizes
    return Footprint(
        model_sha256="0" * 64,
        runtime="fitgraph-c",
        isa_class=isa_class,
        toolchain="zig",
        arena_bytes=sizes.arena_bytes,
        static_bytes=sizes.static_bytes,
        stack_bytes=STACK_BYTES,
        flash_bytes=sizes.flash_bytes,
        code_bytes=sizes.code_bytes,
        weights_bytes=sizes.weights_bytes,
        evidence=Evidence.MEASURED,
    )


@st.composite
def tight_boards(draw: st.DrawFn) -> Board:
    """Boards whose regions are a few bytes too small or too large, with odd sizes and reserves."""
    isa_class = draw(st.sampled_from(CLASSES))
    sizes = build(isa_class).firmware.sizes
    rest = STACK_BYTES + sizes.static_bytes
    slack = st.integers(-40, 40)
    reserves = st.sampled_from([0, 1, 1000, 1024, 3 * KIB])

    def region(name: str, kind: RegionKind, base: int, wanted: int) -> MemoryRegion:
        base_address = base + draw(st.sampled_from([0, 4, 2 * KIB, 1028]))
        reserve = draw(reserves)
        origin = round_up(base_address + reserve, 1024)
        size = max(1, origin - base_address + wanted + draw(slack))
        return MemoryRegion(name, kind, base_address, size, min(reserve, size))

    ram = [
        region(f"RAM{i}", draw(st.sampled_from([RegionKind.SRAM, RegionKind.DTCM])), base, wanted)
        for i, (base, wanted) in enumerate(
            zip(
                (0x2000_0000, 0x1000_0000, 0x3000_0000),
                draw(
                    st.lists(
                        st.sampled_from([sizes.arena_bytes, rest, sizes.arena_bytes + rest]),
                        min_size=1,
                        max_size=3,
                    )
                ),
                strict=False,
            )
        )
    ]
    code = region("FLASH", RegionKind.FLASH, 0x0800_0000, sizes.flash_bytes)
    return board(isa_class, code, *ram)


@settings(max_examples=120)
@given(tight_boards())
def test_the_matcher_says_fits_exactly_when_the_firmware_links(ours: Board) -> None:
    placement = place(footprint(ours.needed_isa_class()), ours)
    if placement is None:
        with pytest.raises(DoesNotLinkError):
            link(ours)
    else:
        objects = build(ours.isa_class).objects
        firmware = link_for_board(
            layer_code(), ours, placement, STACK_BYTES, ZigToolchain(), objects=objects
        )
        assert all(use.free_bytes >= 0 for use in firmware.regions)


@settings(max_examples=40)
@given(
    isa_class=st.sampled_from(CLASSES),
    flash_base=st.integers(0, 0x1FF0_0000 // 1024),
    ram_base=st.integers(0x2000_0000 // 1024, 0xDFF0_0000 // 1024),
)
def test_sizes_do_not_depend_on_where_the_regions_lie(
    isa_class: str, flash_base: int, ram_base: int
) -> None:
    ours = board(isa_class, flash(64 * KIB, flash_base * 1024), sram(16 * KIB, ram_base * 1024))
    expected = build(isa_class).firmware.sizes
    sizes = link(ours).sizes
    assert sizes.flash_bytes == expected.flash_bytes
    assert sizes.weights_bytes == expected.weights_bytes
    assert sizes.static_bytes == expected.static_bytes
    assert sizes.arena_bytes == expected.arena_bytes


def test_the_stack_lies_at_the_bottom_then_the_arena_then_static_data() -> None:
    sections = image(board("armv6-m")).sections
    assert sections[".stack"].address == 0x2000_0000
    assert sections[".stack"].n_bytes == STACK_BYTES
    assert sections[".arena"].address == sections[".stack"].end_address
    assert sections[".arena"].n_bytes == ARENA_BYTES
    assert sections[".data"].address == sections[".arena"].end_address
    assert sections[".bss"].address == sections[".data"].end_address


def test_a_split_placement_puts_only_the_arena_elsewhere() -> None:
    ours = board("armv6-m", flash(64 * KIB), sram(8 * KIB), sram(4 * KIB, 0x1000_0000, name="B"))
    firmware = link(ours)
    sections = read_firmware(firmware.elf).sections
    assert sections[".arena"].address == 0x2000_0000
    assert sections[".stack"].address == 0x1000_0000
    assert sections[".data"].address == sections[".stack"].end_address
    assert {use.region for use in firmware.regions} == {"FLASH", "SRAM1", "B"}


def test_a_reserve_moves_the_origin_up_to_the_next_1024() -> None:
    ours = board(
        "armv6-m",
        flash(64 * KIB, reserve_bytes=256),
        sram(16 * KIB, reserve_bytes=8 * KIB),
    )
    linked = image(ours)
    assert linked.symbol("fitgraph_vectors") == 0x0800_0400
    assert linked.sections[".stack"].address == 0x2000_2000


@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp"])
def test_the_vector_table_holds_the_stack_top_and_the_reset_handler(isa_class: str) -> None:
    linked = image(board(isa_class))
    words = linked.segments[0].content[:8]
    assert int.from_bytes(words[:4], "little") == linked.symbol("fitgraph_stack_top")
    assert int.from_bytes(words[4:], "little") == linked.symbol("Reset_Handler")
    assert linked.symbol("Reset_Handler") & 1


def test_risc_v_starts_at_the_first_address_of_flash() -> None:
    linked = image(board("rv32imc", flash(64 * KIB, 0x4200_0000), sram(16 * KIB)))
    assert linked.symbol("Reset_Handler") == 0x4200_0000
    pointer = linked.symbol("__global_pointer$")
    assert pointer == linked.symbol("fitgraph_data_start") + 0x800


def test_the_stack_is_rounded_up_to_sixteen() -> None:
    assert link(board("armv6-m"), stack_bytes=401).sizes.stack_bytes == 416


def test_names_with_comment_marks_and_newlines_stay_inside_their_comment() -> None:
    region = MemoryRegion("A */ B\nC", RegionKind.SRAM, 0x2000_0000, 8 * KIB, 16, "*/ evil /*")
    ours = board("armv6-m", flash(64 * KIB), region)
    assert link(ours).regions[1].region == region.name
    assert "*/ B" not in linker_script(ours, best_attempt(ours), 0)


def test_data_that_wants_more_than_sixteen_bytes_of_alignment_does_not_link() -> None:
    code = misbehaving_code(
        "wide[0]++;", "static volatile int32_t wide[8] __attribute__((aligned(64))) = {1};"
    )
    ours = board("armv6-m")
    objects = ZigToolchain().compile(firmware_sources(code, "armv6-m"), "armv6-m")
    with pytest.raises(ToolchainError, match="larger alignment") as caught:
        link_for_board(code, ours, best_attempt(ours), 512, ZigToolchain(), objects=objects)
    assert not isinstance(caught.value, DoesNotLinkError)


def test_the_error_names_the_boards_own_region() -> None:
    ours = board("armv6-m", flash(64 * KIB), sram(512, name="SRAM D2"))
    with pytest.raises(DoesNotLinkError, match=r"SRAM D2 by \d+ bytes of Made-up board"):
        link(ours)


@pytest.mark.parametrize(
    ("isa_class", "frame_bytes"),
    [("armv6-m", 32), ("armv7e-m+fp", 104), ("rv32imc", 80), ("rv32imafc", 160)],
)
def test_the_stack_need_leaves_room_for_an_exception_at_the_deepest_point(
    isa_class: str, frame_bytes: int
) -> None:
    for thread_bytes, handler_bytes in product(range(0, 200, 4), (0, 24)):
        need = stack_need_bytes(thread_bytes, isa_class, handler_bytes)
        assert need % 16 == 0
        assert 0 <= need - thread_bytes - handler_bytes - frame_bytes < 16 + 4
