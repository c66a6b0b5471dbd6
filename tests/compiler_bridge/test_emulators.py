"""The emulator: right outputs, exact counts, and nothing touched that a board does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from unicorn import unicorn_const

from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.emulators.blocks import BlockHook, PythonBlockHook
from fitgraph.compiler_bridge.emulators.cores import (
    CORES,
    riscv_instruction_bytes,
    thumb_instruction_bytes,
)
from fitgraph.compiler_bridge.emulators.memory import Span, board_pages
from fitgraph.compiler_bridge.emulators.native_blocks import (
    NativeBlockHook,
    block_counter_library,
)
from fitgraph.compiler_bridge.emulators.unicorn_emulator import UnicornEmulator
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.io_bytes import InputMismatchError, input_bytes
from tests.support.hand_written_code import (
    N_INPUTS,
    layer_code,
    layer_inputs,
    misbehaving_code,
)
from tests.support.hand_written_runs import COMMON_CLASSES, ZEROS, check_layer, elf_for, run
from tests.support.made_up_boards import KIB, board, flash, sram

# Its array is never written: only the stack pointer tells that it is there.
TAKES_WITHOUT_WRITING = """
int32_t takes_1600(void);
__attribute__((noinline)) int32_t takes_1600(void) {
  int32_t array[400];
  __asm__ volatile("" : : "r"(array) : "memory");
  memmove(hand_arena + 32, hand_arena + 16, (size_t)hand_arena[0] + 8u);
  return 3;
}
"""


@pytest.mark.parametrize("isa_class", COMMON_CLASSES)
def test_unicorn_computes_what_the_reference_computes(isa_class: str) -> None:
    inputs = layer_inputs(4)
    result = run(layer_code(), board(isa_class), inputs)
    check_layer(result, inputs)
    assert result.instructions_per_inference > 2 * N_INPUTS
    assert 0 < result.stack_high_water_bytes < 1024


@pytest.mark.slow
@pytest.mark.parametrize("isa_class", sorted(set(CORES) - set(COMMON_CLASSES)))
def test_unicorn_runs_every_other_class(isa_class: str) -> None:
    inputs = layer_inputs(2)
    check_layer(run(layer_code(), board(isa_class), inputs), inputs)


@pytest.mark.parametrize("isa_class", ["armv6-m", "rv32imc"])
def test_counting_blocks_counts_every_instruction(isa_class: str) -> None:
    code, ours, inputs = layer_code(), board(isa_class), layer_inputs(1)
    elf = elf_for(code, ours)
    counted = UnicornEmulator().run(elf, ours, code, inputs).instructions_per_inference
    session = UnicornSession(CORES[isa_class], elf, ours, code, timeout_s=20)
    n_instructions = 0

    def one_instruction(*_: object) -> None:
        nonlocal n_instructions
        n_instructions += 1

    session.machine.hook_add(unicorn_const.UC_HOOK_CODE, one_instruction)
    session.machine.ctl_flush_tb()
    session.infer(input_bytes(code, inputs[0]))
    assert counted == n_instructions


@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp", "rv32imc"])
def test_the_hook_in_c_and_the_hook_in_python_count_the_same(isa_class: str) -> None:
    library = block_counter_library()
    assert library is not None
    code, ours, core = layer_code(), board(isa_class), CORES[isa_class]
    (contents,) = (input_bytes(code, arrays) for arrays in layer_inputs(1))
    elf = elf_for(code, ours)
    image = read_firmware(elf)
    hooks: tuple[BlockHook, ...] = (
        NativeBlockHook(core, image, library),
        PythonBlockHook(core),
    )
    in_c, in_python = (
        UnicornSession(core, elf, ours, code, timeout_s=20).infer_counted(contents, hook)
        for hook in hooks
    )
    assert in_c == in_python
    assert sum(in_c[1].times.values()) > N_INPUTS


def test_without_a_place_to_build_it_python_does_what_the_hook_in_c_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("FITGRAPH_CACHE", str(in_the_way / "cache"))
    assert block_counter_library.__wrapped__() is None
    monkeypatch.setenv("FITGRAPH_CACHE", str(tmp_path))
    assert block_counter_library.__wrapped__() is not None
    (library,) = tmp_path.glob("block_counter-*")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / library.name).write_bytes(b"not a library")
    monkeypatch.setenv("FITGRAPH_CACHE", str(broken))
    assert block_counter_library.__wrapped__() is None


def test_counts_are_the_same_however_many_inferences_came_before() -> None:
    inputs = layer_inputs(3)
    last_only = [inputs[-1]]
    ours = board("armv7e-m+fp")
    three = run(layer_code(), ours, inputs)
    assert three.instructions_per_inference == sum(three.instructions_by_symbol.values())
    one = run(layer_code(), ours, last_only)
    assert one.instructions_per_inference == three.instructions_per_inference
    assert next(iter(one.instructions_by_symbol)) == "hand_invoke"


@pytest.mark.parametrize("isa_class", ["armv7e-m+fp", "rv32imc"])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("*(volatile int32_t *)0x30000000 = 1;", "wrote 0x30000000"),
        ("arena[1] = *(volatile int32_t *)0x1FFFFFF0;", "read 0x1ffffff0"),
        ("arena[1] = *(volatile int32_t *)0x20004000;", "read 0x20004000"),
        ("*(volatile int32_t *)(uintptr_t)&table[1] = 5;", "wrote 0x0800"),
        ("((void (*)(void))(uintptr_t)0x20000101)();", "jumped to 0x2000010"),
        ("arena[1] = *(volatile int32_t *)0x08010000;", "read 0x08010000"),
    ],
)
def test_an_access_outside_the_boards_memory_is_a_fault(
    isa_class: str, statement: str, message: str
) -> None:
    with pytest.raises(EmulationError, match=message) as caught:
        run(misbehaving_code(statement), board(isa_class), ZEROS)
    if "jumped" not in message:
        assert "in hand_invoke at 0x" in caught.value.message


def test_memory_that_a_reserve_takes_is_not_there() -> None:
    ours = board(
        "armv7e-m+fp", flash(64 * KIB, reserve_bytes=4096), sram(16 * KIB, reserve_bytes=2048)
    )
    check_layer(run(layer_code(), ours, layer_inputs(1)), layer_inputs(1))
    with pytest.raises(EmulationError, match="wrote 0x200007fc"):
        run(misbehaving_code("*(volatile int32_t *)0x200007FC = 1;"), ours, ZEROS)


@pytest.mark.parametrize("isa_class", ["armv7e-m+fp", "rv32imc"])
def test_a_region_that_is_no_multiple_of_a_page_ends_where_it_ends(isa_class: str) -> None:
    ours = board(isa_class, flash(64 * KIB), sram(5000))
    check_layer(run(layer_code(), ours, layer_inputs(2)), layer_inputs(2))
    last = misbehaving_code("*(volatile uint8_t *)(0x20000000 + 4999) = 1;")
    assert run(last, ours, ZEROS).outputs
    past = misbehaving_code("*(volatile uint8_t *)(0x20000000 + 5000) = 1;")
    with pytest.raises(EmulationError, match="wrote 0x20001388"):
        run(past, ours, ZEROS)


@pytest.mark.parametrize("isa_class", ["armv6-m", "rv32imc"])
def test_a_stack_that_is_too_deep_is_a_fault(isa_class: str) -> None:
    recursion = "static volatile int32_t depth = 200;\nint32_t deep(int32_t n);\n"
    recursion += "int32_t deep(int32_t n) { volatile int32_t a[4] = {n, n, n, n};\n"
    recursion += "  return (n > 0) ? (deep(n - 1) + a[n & 3]) : a[0]; }\n"
    code = misbehaving_code("arena[1] = deep(depth);", recursion)
    with pytest.raises(EmulationError, match="wrote 0x1ffff") as caught:
        run(code, board(isa_class), ZEROS)
    assert "stack" in caught.value.hint
    ample = run(code, board(isa_class), ZEROS, stack_bytes=15 * KIB)
    assert ample.stack_high_water_bytes > 200 * 16


def test_a_stack_that_runs_into_the_arena_below_is_an_error_too() -> None:
    # The arena's region ends where the region of the stack starts.
    regions = (flash(64 * KIB), sram(8 * KIB, 0x2000_0000), sram(4 * KIB, 0x2000_2000, name="B"))
    code = misbehaving_code("arena[1] = takes_1600();", TAKES_WITHOUT_WRITING)
    with pytest.raises(EmulationError, match=r"stack grew to 1,6\d\d bytes, but 1,024 are"):
        run(code, board("armv7e-m+fp", *regions), ZEROS)


def test_stack_that_is_taken_but_not_written_counts() -> None:
    code = misbehaving_code("arena[1] = takes_1600();", TAKES_WITHOUT_WRITING)
    result = run(code, board("armv7e-m+fp"), ZEROS, stack_bytes=4 * KIB)
    assert 1600 <= result.stack_high_water_bytes < 1700


@pytest.mark.parametrize("isa_class", ["armv6-m", "rv32imc"])
def test_an_endless_loop_ends_in_an_error(isa_class: str) -> None:
    code = misbehaving_code("while (arena[0] == 0) {}")
    with pytest.raises(
        EmulationError, match=r"did not finish within 0\.2 s; it was in hand_invoke"
    ):
        run(code, board(isa_class), ZEROS, timeout_s=0.2)


def test_an_instruction_that_the_core_lacks_is_an_error() -> None:
    code = misbehaving_code('__asm__ volatile(".inst.n 0xde00");')
    with pytest.raises(EmulationError, match="the core stopped in hand_invoke"):
        run(code, board("armv7e-m+fp"), ZEROS)


def test_firmware_of_another_board_is_refused() -> None:
    code, ours = layer_code(), board("armv7e-m+fp")
    other = board("armv7e-m+fp", flash(64 * KIB, 0), sram(16 * KIB))
    with pytest.raises(EmulationError, match="does not lie in the memory of Made-up board"):
        UnicornEmulator().run(elf_for(code, other), ours, code, ZEROS)


@pytest.mark.parametrize(
    "arrays",
    [
        [],
        [np.zeros(N_INPUTS, np.uint8)],
        [np.zeros(N_INPUTS - 1, np.int8)],
        [np.zeros((1, N_INPUTS), np.int8)],
        [np.zeros(N_INPUTS, np.int8)] * 2,
    ],
)
def test_inputs_of_another_shape_or_type_are_refused(arrays: list[npt.NDArray[Any]]) -> None:
    with pytest.raises(InputMismatchError):
        run(layer_code(), board("armv7e-m+fp"), [arrays])


def test_no_input_at_all_is_refused() -> None:
    with pytest.raises(EmulationError, match="no input"):
        run(layer_code(), board("armv7e-m+fp"), [])


def test_a_product_is_rounded_before_it_is_added_to() -> None:
    # (1 + 2^-12)^2 - (1 + 2^-11) is 0 with two roundings and 2^-24 with one.
    code = misbehaving_code(
        "f = f * f - g; arena[1] = (f == 0.0f); (void)memcpy(hand_arena + 272, hand_arena + 4, 4);",
        "static volatile float f = 1.000244140625f, g = 1.00048828125f;",
    )
    for isa_class in ("armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp"):
        ((_, is_zero),) = run(code, board(isa_class), ZEROS).outputs
        assert is_zero == 1


def test_a_class_without_a_core_is_refused() -> None:
    with pytest.raises(EmulationError, match=r"armv8\.1-m\.main\+mve"):
        UnicornEmulator().reference_board("armv8.1-m.main+mve")


def test_instruction_lengths_follow_the_manuals() -> None:
    assert [thumb_instruction_bytes(h) for h in (0xE7FE, 0xE800, 0xF000, 0xFFFF)] == [2, 4, 4, 4]
    assert [riscv_instruction_bytes(h) for h in (0x0001, 0x8082, 0x0013)] == [2, 2, 4]


def test_regions_that_share_a_page_are_mapped_together_and_the_rest_is_guarded() -> None:
    ours = board(
        "rv32imc",
        flash(64 * KIB),
        sram(1 * KIB, 0x2000_0000),
        sram(1 * KIB, 0x2000_0800, name="B"),
        sram(4 * KIB, 0x2000_1000, name="C"),
    )
    _, shared, alone = board_pages(ours, 4096)
    assert shared.pages == Span(0x2000_0000, 0x2000_1000)
    assert shared.guards == (Span(0x2000_0400, 0x2000_0800), Span(0x2000_0C00, 0x2000_1000))
    assert alone.guards == ()


def test_symbols_are_found_by_address() -> None:
    image = read_firmware(elf_for(layer_code(), board("armv7e-m+fp")))
    start = image.symbol("hand_invoke") & ~1
    assert image.nearest_function(start + 2) == "hand_invoke"
    assert image.nearest_function(0) == "0x00000000"
