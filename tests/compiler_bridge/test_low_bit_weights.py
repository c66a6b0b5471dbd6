"""Weights of 4 and of 2 bits: packed in flash, and to the bit what the interpreter computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.lower.low_bits import fewest_bits
from fitgraph.compiler_bridge.lower.packed_rows import pack_low
from fitgraph.compiler_bridge.prove import prove
from fitgraph.compiler_bridge.verify import verify
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.facts import model_facts
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import Subject, assert_same_bits, input_sets
from tests.support.host_runs import sanitized_outputs
from tests.support.low_bit_models import LowBitNetwork, every_layer

CASES = {"4": (4, 4, 4, 4), "2": (2, 2, 2, 2), "4 and 2": (4, 4, 2, 2)}


def case(name: str) -> Subject:
    return every_layer(len(name), "int4", CASES[name])


def beside_int8() -> Subject:
    """A layer of int8 weights between two of 4 bits."""
    network = LowBitNetwork(5)
    network.image(1, 5, 5, 6)
    network.conv((1, 5, 5, 6), 20, 3, 4)
    network.dtype = "int8"
    network.conv((1, 5, 5, 20), 9, 1, 8)
    network.dtype = "int4"
    network.dense(5 * 5 * 9, 8, 4)
    return network.subject()


def packed_bits(model: Subject) -> list[int]:
    """Bits of the weights of each layer that works on rows of them."""
    found = [step.fields.get("rows") for step in lower(model.graph).steps]
    return [rows["bits"] for rows in found if isinstance(rows, dict)]


@pytest.mark.parametrize("define", ["", "FG_EMULATE_SIMD", "FG_EMULATE_NARROW"])
@pytest.mark.parametrize("name", [*CASES, "beside int8"])
def test_layers_with_packed_weights_give_the_bits_of_the_interpreter(
    name: str, define: str
) -> None:
    """Under the sanitizers, in plain C and with emulated DSP instructions."""
    model = beside_int8() if name == "beside int8" else case(name)
    files = {
        file: f"#define {define}\n{text}" if define and file.endswith(".c") else text
        for file, text in model.generated.files.items()
    }
    sets = input_sets(model.graph, n_random=4)
    outputs = sanitized_outputs(replace(model.generated, files=files), sets)
    assert_same_bits(outputs, model.expected(sets))


@pytest.mark.parametrize(
    "isa_class", ["armv6-m", "armv7-m", "armv7e-m+fp", "armv8.1-m.main+mve", "rv32imc"]
)
def test_cores_unpack_to_the_same_bits(isa_class: str) -> None:
    for model in (case("4 and 2"), beside_int8()):
        sets = input_sets(model.graph, n_random=1)
        outputs = emulated_outputs(model.generated, isa_class, sets)
        assert_same_bits(outputs, model.expected(sets))


def test_each_layer_takes_the_fewest_bits_that_hold_its_weights() -> None:
    assert packed_bits(case("4 and 2")) == [4, 4, 2, 2]
    assert packed_bits(beside_int8()) == [4, 8, 4]


def test_weights_in_int8_stay_so_whatever_their_range() -> None:
    """Unless it is asked for: less flash costs instructions."""
    plain = every_layer(1, "int8", (4, 4, 2, 2))
    assert "fg_rows_low" not in "".join(plain.generated.files.values())


@pytest.mark.parametrize("name", CASES)
def test_weights_in_int8_are_packed_on_demand(name: str) -> None:
    """Bits, flash and outputs are those of a file that stores them in 4 bits."""
    asked, plain = (every_layer(1, dtype, CASES[name]) for dtype in ("int8", "int8"))
    packed = generate(asked.graph, pack_weights=True)
    assert packed.packed_weights
    assert not plain.generated.packed_weights
    assert packed.weights_bytes == every_layer(1, "int4", CASES[name]).generated.weights_bytes
    assert packed.weights_bytes < plain.generated.weights_bytes
    sets = input_sets(asked.graph, n_random=4)
    assert_same_bits(sanitized_outputs(packed, sets), asked.expected(sets))


def test_a_file_of_4_bits_is_packed_without_being_asked() -> None:
    """So that the demand changes nothing, and a proof need not speak of it."""
    model = case("4")
    asked = generate(model.graph, pack_weights=True)
    assert asked.files == model.generated.files
    assert not asked.packed_weights


def test_weights_that_need_8_bits_stay_as_they_are() -> None:
    plain = every_layer(1, "int8", (8, 8, 8, 8))
    asked = generate(plain.graph, pack_weights=True)
    assert asked.files == plain.generated.files
    assert not asked.packed_weights


def test_a_proof_tells_of_packed_weights_and_can_be_done_again() -> None:
    """The footprint is not the model's own, which a build without the demand takes."""
    model, board = every_layer(1, "int8", CASES["4"]), builtin_board("bbc-microbit-v2")
    proven = prove(model.graph, model.content, board, n_random=1, pack_weights=True)
    assert proven.proof.packed_weights
    assert proven.footprints == ()
    assert verify(proven.proof, model.graph, model.content, board).holds
    plain = prove(model.graph, model.content, board, n_random=1)
    assert plain.firmware.sizes.flash_bytes > proven.firmware.sizes.flash_bytes


def test_what_saves_less_than_the_code_takes_is_not_packed() -> None:
    network = LowBitNetwork(1)
    network.image(1, 16)
    network.dense(16, 4, 4)
    assert "fg_rows_low" not in "".join(network.subject().generated.files.values())


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_weights_take_their_bits_in_flash(bits: int) -> None:
    network = LowBitNetwork(1)
    network.image(1, 512)
    network.dense(512, 8, bits)
    assert network.subject().generated.weights_bytes == 8 * 512 * bits // 8


def test_the_file_counts_two_weights_a_byte() -> None:
    halves, wide = (model_facts(every_layer(1, dtype).graph) for dtype in ("int4", "int8"))
    assert halves.params == wide.params
    sizes = [9 * 7, 9 * 7 * 10, 9 * 10, 10 * 17, 510 * 10]
    assert wide.const_bytes - halves.const_bytes == sum(size // 2 for size in sizes)


@pytest.mark.parametrize(
    ("low", "high", "bits"), [(-2, 1, 2), (-2, 2, 4), (-3, 1, 4), (-8, 7, 4), (-9, 0, 8), (0, 8, 8)]
)
def test_a_range_needs_so_many_bits(low: int, high: int, bits: int) -> None:
    assert fewest_bits(np.array([low, high], np.int8)) == bits


@pytest.mark.parametrize("bits", [2, 4])
def test_packed_rows_can_be_unpacked(bits: int) -> None:
    """Words hold rows 0 and 1 of taps 0 and 2, then rows 2 and 3, then taps 1 and 3."""
    half = 2 ** (bits - 1)
    rows = np.random.default_rng(bits).integers(-half, half, (6, 9)).astype(np.int8)
    content = pack_low([rows], bits).view(np.uint8).reshape(2, 3, 2 * bits)
    for row, tap in np.ndindex(rows.shape):
        block = content[row // 4, tap // 4]
        byte = row % 2 + 2 * (tap % 4 // 2)
        place = row % 4 // 2 + 2 * (tap % 2)
        word, at = divmod(place * bits, 8)
        field = int(block[4 * word + byte]) >> at
        assert field % 2**bits - half == rows[row, tap]
