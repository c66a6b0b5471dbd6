"""C from TFLite models, on the host under sanitizers: bit for bit what tflite-micro computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.io_bytes import Arrays
from tests.support.exactness import (
    Subject,
    assert_near,
    assert_same_bits,
    computes_in_integers,
    contents,
    input_sets,
    subject,
)
from tests.support.host_runs import resetting_after, sanitized_outputs
from tests.support.listed_models import listed, parameters
from tests.support.model_files import KnownModel
from tests.support.reference_models import FLOAT32, INT8, UINT8, reference_path
from tests.support.tflite_layers import with_every_layer
from tests.support.wake_words import chirp_inputs, wake_words

# Relative to the largest output of an inference, or to 1: what float32 sums owe to their order.
FLOAT_TOLERANCE = 1e-6
# By how much more than that a network answers to a last bit: LiteRT's own kernels lie 2e-5 apart on
# inputs far from pictures, where logits are beyond a hundred.
SENSITIVE = {"pypi_mediapipe__a77d03f4_selfie_segmentation_landscape": 30}
# The shared data's own files: of each dtype and kind, how many at least are compiled today.
COMPILED_AT_LEAST = {
    ("int8", "network"): 28,
    ("int8", "single-op/unit test"): 56,
    ("int16", "single-op/unit test"): 52,
    ("float32", "network"): 13,
    ("hybrid(float32+int8)", "network"): 2,
    ("uint8", "network"): 1,
    ("uint8", "single-op/unit test"): 1,
}
TFLITE_FILES = listed(lambda model: model.format == "tflite")
NETWORKS = [model for model in TFLITE_FILES if model.kind == "network"]


def check(model: Subject) -> None:
    """Outputs equal the reference's, over random inputs and the ends of their range."""
    sets = input_sets(model.graph)
    compare(model, sanitized_outputs(model.generated, sets), model.expected(sets))


def compare(model: Subject, got: Sequence[Arrays], expected: Sequence[Arrays]) -> None:
    """To the bit, or but for the last bits where float32 kernels made them."""
    if computes_in_integers(model):
        assert_same_bits(got, expected)
    else:
        assert_near(got, expected, FLOAT_TOLERANCE * SENSITIVE.get(model.graph.name, 1))


def is_audio_front_end(model: Subject) -> bool:
    """Whether most operators write unsigned words, which no output can be."""
    return any(one.op_type.startswith("CUSTOM:Signal") for one in model.graph.operators)


def check_every_layer(model: Subject) -> None:
    """What each operator computes equals what it computes in the reference."""
    layers = with_every_layer(model)
    sets = input_sets(layers.graph)
    expected = layers.expected(sets)
    least = 6 if is_audio_front_end(model) else len(model.graph.operators) // 2
    assert len(layers.graph.outputs) >= least
    assert contents(expected[0]) != contents(expected[1]), "inputs make no difference"
    compare(layers, run_on_host(layers.generated, sets), expected)


@pytest.mark.parametrize("name", INT8)
def test_an_int8_reference_model_computes_what_tflm_computes(shared_data: Path, name: str) -> None:
    check(subject(reference_path(shared_data, name)))


@pytest.mark.many
@pytest.mark.parametrize("name", INT8)
def test_every_layer_of_an_int8_reference_model_is_tflms(shared_data: Path, name: str) -> None:
    check_every_layer(subject(reference_path(shared_data, name)))


@pytest.mark.parametrize("name", FLOAT32)
def test_a_float_reference_model_is_near_tflm(shared_data: Path, name: str) -> None:
    check(subject(reference_path(shared_data, name)))


@pytest.mark.parametrize("name", UINT8)
def test_a_uint8_reference_model_computes_what_litert_computes(
    shared_data: Path, name: str
) -> None:
    check(subject(reference_path(shared_data, name)))


@pytest.mark.many
@pytest.mark.parametrize("known", parameters(TFLITE_FILES))
def test_a_real_file_computes_what_tflm_computes_or_is_refused_by_an_operator(
    known: KnownModel,
) -> None:
    model = subject(known.path)
    if not is_refused(known, model):
        check(model)


@pytest.mark.many
@pytest.mark.parametrize("known", parameters([m for m in NETWORKS if m.dtype == "int8"]))
def test_every_layer_of_a_real_int8_network_is_tflms(known: KnownModel) -> None:
    model = subject(known.path)
    if not is_refused(known, model):
        check_every_layer(model)


def is_refused(known: KnownModel, model: Subject) -> bool:
    """Whether the compiler refuses the file, which it must do by naming one of its operators."""
    if not model.refusal:
        return False
    assert any(f"tflite:{op_type} version" in model.refusal for op_type in known.ops), model.refusal
    return True


@pytest.mark.usefixtures("shared_data")
def test_no_file_that_was_compiled_is_refused_now() -> None:
    compiled = Counter(
        (known.dtype, known.kind)
        for known in TFLITE_FILES
        if not is_refused(known, subject(known.path))
    )
    short = {key for key, floor in COMPILED_AT_LEAST.items() if compiled[key] < floor}
    assert not short, compiled


@pytest.mark.many
@pytest.mark.parametrize("path", wake_words(), ids=lambda path: path.stem)
def test_a_streaming_model_remembers_as_tflm_does_and_starts_over(path: Path) -> None:
    model = with_every_layer(subject(path))
    heard = chirp_inputs(model.graph)
    half = len(heard) // 2
    assert half >= 8
    assert model.generated.is_stateful
    got = sanitized_outputs(resetting_after(model.generated, half), heard)
    first, afresh = model.expected(heard[:half]), model.expected(heard[half:])
    assert_same_bits(got, [*first, *afresh])
    remembering = model.expected(heard)
    assert contents(afresh[0]) != contents(remembering[half]), "it has nothing to forget"


@pytest.mark.many
@pytest.mark.parametrize("path", wake_words(), ids=lambda path: path.stem)
def test_a_streaming_model_follows_tflm_through_random_inputs(path: Path) -> None:
    model = subject(path)
    sets = input_sets(model.graph, n_random=24)
    assert_same_bits(sanitized_outputs(model.generated, sets), model.expected(sets))
    check_every_layer(model)
