"""Firmware on emulated cores computes what the reference computes, to the bit.

Networks run on every common class; single operators, of which there are many, each on a third of
the classes in turn. Slow tests run them on all others too, and the largest networks on one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.build import build_for_class, run_firmware
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.qemu_emulator import QemuEmulator
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.registry.facts import model_facts
from tests.support.emulated_runs import emulated_outputs
from tests.support.exactness import (
    Sets,
    Subject,
    assert_right,
    assert_same_bits,
    input_sets,
    subject,
)
from tests.support.example_models import NAMES, float_example, real_inputs
from tests.support.kernel_cover import drawn_operators
from tests.support.listed_models import listed, parameters, short_name
from tests.support.model_files import KnownModel
from tests.support.onnx_float_operators import GROUPS, Operators, subject_of
from tests.support.onnx_int16_operators import int16_layers
from tests.support.reference_models import FLOAT32, INT8, reference_path
from tests.support.wake_words import chirp_inputs, wake_words

pytestmark = pytest.mark.many

COMMON_CLASSES = ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc")
IN_TURN = (*COMMON_CLASSES, "armv7-m", "rv32imafc")
HELIUM = "armv8.1-m.main+mve"
ONE_CLASS = ("armv7e-m+fp",)

MAX_MACS = 8_000_000
LARGE = (
    "ARM_MicroNet_Small_anomaly_detection",
    "ARM_MicroNet_VWW_3",
    "blazeface_front_128-e803bb4e",
    "detection-ae2bf7c4",
    "face_detection_back-e376cf6b",
    "face_detection_full_range_sparse-2c3728e6",
    "face_detection_full_range_sparse-671dd2f9",
    "hand_recrop-67d996ce",
    "image_classification-ccb47716",
    "mobilenet_v1_0.25_128_quant-cb273c23",
    "model-a7025542",
    "model-c1c543d1",
    "network-0838079a",
    "network-4c83af1f",
    "yamnet_256_64x96_tl-235f9325",
    "yolo_lc_192-49ab539e",
)

FILES = listed(lambda known: short_name(known.path) not in LARGE)
NETWORKS = [known for known in FILES if known.kind == "network"]
OPERATORS = [known for known in FILES if known.kind != "network"]
LARGE_FILES = listed(lambda known: short_name(known.path) in LARGE)
REFERENCE = [name for name in (*INT8, *FLOAT32) if name not in LARGE]

common_then_others = pytest.mark.parametrize(
    "classes",
    [
        pytest.param(COMMON_CLASSES, id="common"),
        pytest.param(
            tuple(sorted(set(CORES) - set(COMMON_CLASSES))), id="others", marks=pytest.mark.slow
        ),
    ],
)
in_turn_then_others = pytest.mark.parametrize(
    "is_turn",
    [pytest.param(True, id="turn"), pytest.param(False, id="rest", marks=pytest.mark.slow)],
)


def check(model: Subject, classes: Iterable[str], sets: Sets = ()) -> None:
    """Right on each class, and the same to the bit on all, also where float32 is emulated."""
    if model.refusal:
        return
    tried = sets or input_sets(model.graph, n_random=2)
    expected = model.expected(tried)
    first = None
    for isa_class in classes:
        got = emulated_outputs(model.generated, isa_class, tried)
        assert_right(model, got, expected)
        first = first or got
        assert_same_bits(got, first, f"on {isa_class}")


@common_then_others
@pytest.mark.parametrize("name", REFERENCE)
def test_a_reference_model_is_right_on_every_core(
    shared_data: Path, name: str, classes: Sequence[str]
) -> None:
    check(subject(reference_path(shared_data, name)), classes)


@common_then_others
@pytest.mark.parametrize("known", parameters(NETWORKS))
def test_a_real_network_is_right_on_every_core(known: KnownModel, classes: Sequence[str]) -> None:
    check(subject(known.path), classes)


@in_turn_then_others
@pytest.mark.parametrize("known", parameters(OPERATORS))
def test_an_operator_is_right_on_every_core(known: KnownModel, is_turn: bool) -> None:  # noqa: FBT001
    turn = FILES.index(known)
    wanted = [isa_class for i, isa_class in enumerate(IN_TURN) if ((turn + i) % 3 == 0) is is_turn]
    check(subject(known.path), wanted)


@common_then_others
@pytest.mark.parametrize("name", ["float", "hybrid", "int16", "recurrent"])
def test_random_operators_are_right_on_every_core(name: str, classes: Sequence[str]) -> None:
    (model,) = (m for m in drawn_operators() if m.graph.name == name)
    check(model, classes, input_sets(model.graph, n_random=1))


@common_then_others
@pytest.mark.parametrize("add", [*GROUPS, int16_layers], ids=lambda add: add.__name__)
def test_float_onnx_operators_are_right_on_every_core(
    add: Callable[[Operators], None], classes: Sequence[str]
) -> None:
    model, _ = subject_of(add)
    check(model, classes, input_sets(model.graph, n_random=1)[:1])


@common_then_others
@pytest.mark.parametrize("path", wake_words(), ids=lambda path: path.stem)
def test_a_streaming_model_is_right_on_every_core(path: Path, classes: Sequence[str]) -> None:
    model = subject(path)
    check(model, classes, [*chirp_inputs(model.graph)[:12], *input_sets(model.graph)])


@common_then_others
@pytest.mark.parametrize("name", NAMES)
def test_a_quantized_example_is_right_on_every_core(
    int8_example: Callable[[str], Path], name: str, classes: Sequence[str]
) -> None:
    model = subject(int8_example(name))
    check(model, classes, [*real_inputs(name, 6), *input_sets(model.graph, n_random=2)])


@common_then_others
@pytest.mark.parametrize("name", NAMES)
def test_a_float_example_is_right_on_every_core(name: str, classes: Sequence[str]) -> None:
    check(subject(float_example(name)), classes, real_inputs(name, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in INT8 if name in LARGE])
def test_a_large_reference_model_is_right_on_a_cortex_m4(shared_data: Path, name: str) -> None:
    check(subject(reference_path(shared_data, name)), ONE_CLASS)


@pytest.mark.slow
@pytest.mark.parametrize("known", parameters(LARGE_FILES))
def test_a_large_network_is_right_on_a_cortex_m4(known: KnownModel) -> None:
    check(subject(known.path), ONE_CLASS)


def test_large_means_more_than_eight_million_macs(shared_data: Path) -> None:
    compiled = [subject(known.path) for known in FILES]
    compiled += [subject(reference_path(shared_data, name)) for name in REFERENCE]
    counts = {m.graph.name: model_facts(m.graph).macs for m in compiled if not m.refusal}
    assert len(counts) >= 50
    assert not {name for name, macs in counts.items() if (macs or 0) > MAX_MACS}


@pytest.mark.usefixtures("qemu_system_arm")
@pytest.mark.parametrize(
    "name", ["ARM_DS_CNN_Small_", "Magic_Wand_1", "Magic_Wand_2", "Micro_Speech_Up_Down_Go"]
)
def test_a_reference_model_is_right_on_a_helium_core(shared_data: Path, name: str) -> None:
    check(subject(reference_path(shared_data, name)), [HELIUM])


@pytest.mark.usefixtures("qemu_system_arm")
def test_a_streaming_model_is_right_on_a_helium_core() -> None:
    model = subject(wake_words()[-1])
    check(model, [HELIUM], chirp_inputs(model.graph)[:12])


@pytest.mark.usefixtures("qemu_system_arm")
@pytest.mark.parametrize("name", NAMES)
def test_a_quantized_example_is_right_on_a_helium_core(
    int8_example: Callable[[str], Path], name: str
) -> None:
    check(subject(int8_example(name)), [HELIUM], real_inputs(name, 6))


@pytest.mark.slow
@pytest.mark.usefixtures("qemu_system_arm")
@pytest.mark.parametrize("known", parameters([*NETWORKS, *OPERATORS]))
def test_a_real_file_is_right_on_a_helium_core(known: KnownModel) -> None:
    check(subject(known.path), [HELIUM])


@pytest.mark.usefixtures("qemu_system_arm")
def test_qemu_and_unicorn_see_the_same_run_of_a_keyword_spotter(shared_data: Path) -> None:
    isa_class, qemu = ONE_CLASS[0], QemuEmulator()
    model = subject(reference_path(shared_data, "ARM_DS_CNN_Small_"))
    build = build_for_class(model.generated, isa_class)
    assert build.run is not None
    board, inputs = ample_board(isa_class), [sample_inputs(model.generated)]
    in_qemu = run_firmware(model.generated, build.firmware, board, qemu, inputs)
    assert_same_bits(in_qemu.outputs, build.run.outputs)
    counted = build.run.instructions_per_inference
    assert in_qemu.instructions_per_inference == pytest.approx(counted, rel=0.01)
