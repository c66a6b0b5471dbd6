"""A proof: generated, compiled, linked into a board's own regions, run, and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.build import build_for_class, footprint_of
from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.errors import ProofError, ToolchainError, UnsupportedOperatorError
from fitgraph.compiler_bridge.prove import (
    DEFAULT_RANDOM_INPUTS,
    ProvenBuild,
    computes_in_integers,
    prove,
)
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.link_errors import RegionOverflowError
from fitgraph.matcher.placement import need, place, usable
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.footprint import Evidence, Footprint
from tests.support.exactness import Subject, assert_near, assert_same_bits, subject
from tests.support.example_models import float_example, real_inputs
from tests.support.made_up_boards import KIB, board, flash, sram
from tests.support.reference_models import reference_path
from tests.support.wake_words import wake_words

MICROBIT = builtin_board("bbc-microbit-v2")
ISA_CLASS = MICROBIT.needed_isa_class()


@cache
def footprint(model: Subject, isa_class: str = ISA_CLASS) -> Footprint:
    build = build_for_class(model.generated, isa_class)
    return footprint_of(build, model.graph.sha256, RUNTIME_NAME)


@pytest.fixture(scope="module")
def digits(int8_example: Callable[[str], Path]) -> Subject:
    """The digits example in int8."""
    return subject(int8_example("digits"))


@pytest.fixture(scope="module")
def proven(digits: Subject) -> ProvenBuild:
    """The digits example on a micro:bit, with ten of its own test inputs."""
    return prove(digits.graph, digits.content, MICROBIT, real_inputs("digits", 10))


def without_time(proven: ProvenBuild) -> object:
    return replace(proven.proof, created_at="")


def test_a_proof_says_what_was_shown(proven: ProvenBuild, digits: Subject) -> None:
    proof = proven.proof
    assert proof.model_sha256 == hashlib.sha256(digits.content).hexdigest()
    assert proof.firmware_sha256 == hashlib.sha256(proven.firmware.elf).hexdigest()
    assert (proof.board_id, proof.isa_class) == (MICROBIT.board_id, ISA_CLASS)
    assert (proof.n_inputs, proof.n_outputs_compared, proof.worst_difference) == (10, 100, 0.0)
    assert proof.reference == "fitgraph QLinear semantics 1"
    assert proof.emulator.startswith("unicorn ")
    assert toolchain_for(ISA_CLASS).identity in proof.toolchain
    assert proof.instructions_per_inference == proven.run.instructions_per_inference > 766_272
    assert proven.input_kind == "given"
    age = datetime.now(UTC) - datetime.fromisoformat(proof.created_at)
    assert 0 <= age.total_seconds() < 600


def test_the_firmware_lies_in_the_boards_regions_and_leaves_what_the_proof_says(
    proven: ProvenBuild,
) -> None:
    image = read_firmware(proven.firmware.elf)
    used = {use.region: use for use in proven.proof.regions}
    for name in ("Flash", "RAM"):
        (region,) = (region for region in MICROBIT.regions if region.name == name)
        origin, capacity = usable(region)
        assert used[name].used_bytes + used[name].free_bytes == capacity
        assert used[name].free_bytes > 0
        inside = [s for s in image.sections.values() if origin <= s.address < origin + capacity]
        assert max(s.end_address for s in inside) <= origin + used[name].used_bytes
    needed = need(proven.footprint)
    assert used["Flash"].used_bytes == needed.flash_bytes
    assert used["RAM"].used_bytes == needed.together_bytes


def test_the_stack_that_was_seen_fits_in_the_stack_that_is_reserved(proven: ProvenBuild) -> None:
    seen = proven.proof.stack_high_water_bytes
    assert 0 < seen == proven.run.stack_high_water_bytes
    # An exception pushes 104 bytes more where the FPU is in use.
    assert seen + 104 <= proven.footprint.stack_bytes == proven.firmware.sizes.stack_bytes
    assert proven.footprint.evidence is Evidence.MEASURED
    assert proven.footprint == footprint_of(
        build_for_class(proven.generated, ISA_CLASS), proven.proof.model_sha256, RUNTIME_NAME
    )


def test_the_outputs_that_were_compared_are_kept(proven: ProvenBuild, digits: Subject) -> None:
    assert_same_bits(proven.run.outputs, digits.expected(real_inputs("digits", 10)))


def test_the_same_proof_comes_out_twice(proven: ProvenBuild, digits: Subject) -> None:
    again = prove(digits.graph, digits.content, MICROBIT, real_inputs("digits", 10))
    assert without_time(again) == without_time(proven)
    assert again.firmware.elf == proven.firmware.elf


def test_random_inputs_are_made_where_none_are_given(shared_data: Path) -> None:
    model = subject(reference_path(shared_data, "Hello_World"))
    found = prove(model.graph, model.content, MICROBIT)
    assert (found.input_kind, found.proof.n_inputs) == ("random", DEFAULT_RANDOM_INPUTS)
    assert found.proof.n_outputs_compared == DEFAULT_RANDOM_INPUTS
    assert found.proof.reference.startswith("tflite-micro ")


def test_a_float_model_is_proven_within_a_tolerance_that_the_proof_tells() -> None:
    model = subject(float_example("anomaly"))
    sets = real_inputs("anomaly", 3)
    found = prove(model.graph, model.content, MICROBIT, sets)
    assert found.proof.reference.startswith("onnxruntime ")
    assert 0 <= found.proof.worst_difference < 1e-5
    assert_near(found.run.outputs, model.expected(sets), 1e-5)


def test_floats_computed_from_integers_are_proven_within_the_tolerance_of_floats(
    shared_data: Path,
) -> None:
    """All layers are int8, and a LOG_SOFTMAX of floats stands behind them."""
    (path,) = (shared_data / "models").glob("*__a3aa10a3_*.tflite")
    model = subject(path)
    assert not computes_in_integers(model.graph)
    proof = prove(model.graph, model.content, builtin_board("nucleo-f446re")).proof
    assert 0 < proof.worst_difference < 1e-6


def test_a_streaming_model_is_proven_over_inputs_that_follow_one_another() -> None:
    model = subject(wake_words()[-1])
    found = prove(model.graph, model.content, MICROBIT, n_random=20)
    assert found.proof.n_inputs == 20
    assert found.proof.worst_difference == 0


def test_progress_is_told_from_the_first_stage_to_the_last(shared_data: Path) -> None:
    model = subject(reference_path(shared_data, "Hello_World"))
    seen: list[tuple[str, int, int]] = []
    prove(
        model.graph,
        model.content,
        MICROBIT,
        n_random=1,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )
    assert [done for _, done, _ in seen] == list(range(len(seen)))
    assert {total for _, _, total in seen} == {len(seen) - 1}
    assert len({stage for stage, _, _ in seen}) == len(seen)


def test_outputs_of_another_model_are_an_error_with_the_difference(shared_data: Path) -> None:
    ours, other = (subject(reference_path(shared_data, f"Micro_Speech_Yes_No_{n}")) for n in (2, 4))
    assert ours.graph.sha256 != other.graph.sha256
    with pytest.raises(ProofError, match=r"differ from tflite-micro .* by up to \d+ over 64"):
        prove(ours.graph, other.content, MICROBIT)


def exact_board(model: Subject, spare_flash: int = 0, spare_ram: int = 0) -> Board:
    """A board that has just what the model needs, and so much more."""
    needed = need(footprint(model))
    return board(
        ISA_CLASS,
        replace(flash(needed.flash_bytes + spare_flash), name="Flash bank 1"),
        sram(needed.together_bytes + spare_ram, name="SRAM12"),
    )


def test_a_board_with_not_a_byte_to_spare_is_enough(digits: Subject) -> None:
    found = prove(digits.graph, digits.content, exact_board(digits), real_inputs("digits", 1))
    assert [use.free_bytes for use in found.proof.regions] == [0, 0]


@pytest.mark.parametrize(
    ("spare_flash", "spare_ram", "overflows"),
    [
        (-16, 0, {"Flash bank 1": 16}),
        (0, -16, {"SRAM12": 16}),
        (-1024, -2048, {"Flash bank 1": 1024, "SRAM12": 2048}),
    ],
)
def test_a_board_that_is_too_small_is_told_with_region_and_bytes(
    digits: Subject, spare_flash: int, spare_ram: int, overflows: dict[str, int]
) -> None:
    small = exact_board(digits, spare_flash, spare_ram)
    with pytest.raises(RegionOverflowError) as caught:
        prove(digits.graph, digits.content, small)
    assert caught.value.overflows == overflows
    assert all(f"{name} by {n:,} bytes" in caught.value.message for name, n in overflows.items())
    assert small.name in caught.value.message
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("isa_class", ["armv7e-m+fp", "rv32imc"])
@pytest.mark.parametrize(
    ("flash_bytes", "flash_base", "ram_bytes", "named"),
    [
        (32, 0x0800_0000, 64 * KIB, "FLASH by "),  # less than the vector table
        (600, 0x0800_0200, 64 * KIB, "FLASH by "),  # nothing is left behind the alignment
        (1, 0x0800_0000, 1, "FLASH by "),
        (1024 * KIB, 0x0800_0000, 8, "SRAM1 by "),
    ],
)
def test_a_board_smaller_than_the_vector_table_is_told_by_its_region(
    isa_class: str, flash_bytes: int, flash_base: int, ram_bytes: int, named: str
) -> None:
    model = subject(float_example("anomaly"))
    small = board(isa_class, flash(flash_bytes, flash_base), sram(ram_bytes))
    with pytest.raises(RegionOverflowError, match=named) as caught:
        prove(model.graph, model.content, small, n_random=1)
    assert all(missing > 0 for missing in caught.value.overflows.values())


def test_the_arena_goes_where_it_fits_when_no_region_holds_everything(digits: Subject) -> None:
    needed = need(footprint(digits))
    split = board(
        ISA_CLASS,
        flash(64 * KIB),
        sram(needed.rest_bytes, 0x2000_0000, name="SRAM1"),
        sram(needed.arena_bytes, 0x1000_0000, name="SRAM2"),
    )
    placement = place(footprint(digits), split)
    assert placement is not None
    assert placement.is_split
    found = prove(digits.graph, digits.content, split, real_inputs("digits", 2))
    used = {use.region: use.used_bytes for use in found.proof.regions}
    assert (used["SRAM1"], used["SRAM2"]) == (needed.rest_bytes, needed.arena_bytes)


@pytest.mark.parametrize("board_id", ["esp32-s3-devkitc-1", "arduino-uno-r3"])
def test_a_core_that_nothing_compiles_for_is_an_error_of_the_toolchain(
    digits: Subject, board_id: str
) -> None:
    with pytest.raises(ToolchainError, match=builtin_board(board_id).isa_class):
        prove(digits.graph, digits.content, builtin_board(board_id))


def test_a_model_that_cannot_be_compiled_is_refused_by_its_operator(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*__a995048c_model_with_add2.tflite")
    model = subject(path)
    with pytest.raises(UnsupportedOperatorError, match="Add2 version 1 is not supported"):
        prove(model.graph, model.content, MICROBIT)


@pytest.mark.usefixtures("qemu_system_arm")
def test_a_helium_board_is_proven_in_qemu(digits: Subject) -> None:
    ours = builtin_board("alif-ensemble-e7-devkit")
    found = prove(digits.graph, digits.content, ours, real_inputs("digits", 4))
    assert found.proof.emulator.startswith("qemu-system-arm ")
    assert found.proof.worst_difference == 0
    assert found.footprint.evidence is Evidence.MEASURED
    assert {use.region for use in found.proof.regions} <= {region.name for region in ours.regions}


@pytest.mark.parametrize(
    "board_id", ["raspberry-pi-pico", "nucleo-h743zi2", "raspberry-pi-pico-2", "esp32-c3-devkitm-1"]
)
def test_other_cores_prove_the_same_outputs(
    digits: Subject, proven: ProvenBuild, board_id: str
) -> None:
    found = prove(digits.graph, digits.content, builtin_board(board_id), real_inputs("digits", 10))
    assert_same_bits(found.run.outputs, proven.run.outputs)
    assert found.proof.isa_class != ISA_CLASS
