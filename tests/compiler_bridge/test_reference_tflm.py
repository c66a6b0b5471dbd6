"""The TFLM interpreter as a reference: in a process of its own, whatever the model does to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import BridgeError, EmulationError
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.reference.tflm import run_tflm, run_tflm_many
from fitgraph.registry.model_graph import DType, ModelGraph, Tensor
from fitgraph.registry.read_model import read_model
from tests.support.qdq_graphs import Array, OnnxGraph, f32, i8, read

KEYWORDS = "mlcommons+tiny__aeea4368_kws_ref_model.tflite"
STREAMING = "esphome+micro-wake-word-models__0689abe1_okay_nabu.tflite"
CRASHING = "google-coral+test_data__a7a16572_model_invoking_error.tflite"
UNKNOWN_OPERATOR = "google-coral+coralmicro__20735a16_testconv1-edgetpu.tflite"


def load(folder: Path, name: str) -> tuple[bytes, ModelGraph]:
    path = folder / "models" / name
    return path.read_bytes(), read_model(path)


def random_inputs(graph: ModelGraph, n: int) -> list[list[Array]]:
    random = np.random.default_rng(5)
    return [
        [
            random.integers(-128, 128, graph.tensor(index).static_shape).astype(np.int8)
            for index in graph.inputs
        ]
        for _ in range(n)
    ]


def equal(left: tuple[Array, ...], right: tuple[Array, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def test_outputs_have_the_types_and_shapes_of_the_graph(shared_data: Path) -> None:
    data, graph = load(shared_data, KEYWORDS)
    (output,) = run_tflm(data, graph, random_inputs(graph, 1)[0])
    declared = graph.tensor(graph.outputs[0])
    assert (output.dtype.name, output.shape) == (declared.dtype.value, declared.static_shape)


def test_many_inputs_in_one_process_give_what_each_gives_alone(shared_data: Path) -> None:
    data, graph = load(shared_data, STREAMING)
    sets = random_inputs(graph, 3)
    together = run_tflm_many(data, graph, sets)
    assert all(
        equal(outputs, run_tflm(data, graph, inputs))
        for outputs, inputs in zip(together, sets, strict=True)
    )


def test_a_kept_state_changes_what_follows(shared_data: Path) -> None:
    data, graph = load(shared_data, STREAMING)
    sets = random_inputs(graph, 1) * 5
    kept = run_tflm_many(data, graph, sets, keep_state=True)
    afresh = run_tflm_many(data, graph, sets)
    assert equal(kept[0], afresh[0])
    assert not equal(kept[-1], afresh[-1])


def test_no_inputs_give_no_outputs(shared_data: Path) -> None:
    assert run_tflm_many(*load(shared_data, KEYWORDS), []) == []


def test_an_interpreter_that_crashes_is_an_error_and_not_the_end(shared_data: Path) -> None:
    data = (shared_data / "models" / CRASHING).read_bytes()
    graph = ModelGraph(
        name="crash",
        format="tflite",
        sha256="",
        file_bytes=len(data),
        tensors=(Tensor("x", (1,), DType.INT8),),
        operators=(),
        inputs=(0,),
        outputs=(0,),
    )
    with pytest.raises(EmulationError, match="crash"):
        run_tflm(data, graph, [np.zeros(1, np.int8)])


def test_an_operator_that_the_interpreter_lacks_is_named(shared_data: Path) -> None:
    data, graph = load(shared_data, UNKNOWN_OPERATOR)
    inputs = [
        np.zeros(graph.tensor(i).static_shape, graph.tensor(i).dtype.value) for i in graph.inputs
    ]
    with pytest.raises(EmulationError, match="CUSTOM"):
        run_tflm(data, graph, inputs)


def test_an_interpreter_that_takes_too_long_is_stopped(shared_data: Path) -> None:
    data, graph = load(shared_data, KEYWORDS)
    with pytest.raises(EmulationError, match=r"more than 0\.01 s"):
        run_tflm_many(data, graph, random_inputs(graph, 1), timeout_seconds=0.01)


def test_an_input_of_the_wrong_type_is_refused_before_it_is_run(shared_data: Path) -> None:
    data, graph = load(shared_data, KEYWORDS)
    shape = graph.tensor(graph.inputs[0]).static_shape
    with pytest.raises(BridgeError, match="wants int8"):
        run_tflm(data, graph, [np.zeros(shape, np.float32)])


def test_a_tflite_model_is_held_to_tflm(shared_data: Path) -> None:
    data, graph = load(shared_data, KEYWORDS)
    reference = reference_for(graph, data)
    inputs = random_inputs(graph, 1)[0]
    assert reference.name.startswith("tflite-micro ")
    assert equal(reference.run(inputs), run_tflm(data, graph, inputs))


def onnx_model(*, quantized: bool) -> tuple[bytes, ModelGraph]:
    graph = OnnxGraph()
    y = graph.node("Relu", [graph.input(np.zeros((1, 3), np.float32))])
    data = graph.model(graph.quantized(y, 0.5, i8(0)) if quantized else y)
    return data, read(data)


def test_a_quantized_onnx_model_is_held_to_the_written_semantics() -> None:
    data, graph = onnx_model(quantized=True)
    reference = reference_for(graph, data)
    assert reference.name.startswith("fitgraph QLinear semantics")
    (output,) = reference.run([f32([[-1, 0.75, 1.25]])])
    assert output.tolist() == [[0, 2, 2]]
    assert equal(reference.run_many([[f32([[-1, 0.75, 1.25]])]])[0], (output,))


def test_a_float_onnx_model_is_held_to_onnxruntime() -> None:
    data, graph = onnx_model(quantized=False)
    reference = reference_for(graph, data)
    assert reference.name.startswith("onnxruntime ")
    assert reference.run([f32([[-1, 0.75, 1.25]])])[0].tolist() == [[0, 0.75, 1.25]]


def test_a_model_that_onnxruntime_refuses_is_an_error_with_its_words() -> None:
    data, graph = onnx_model(quantized=False)
    with pytest.raises(EmulationError, match="onnxruntime"):
        reference_for(graph, data[:-5]).run([np.zeros((1, 3), np.float32)])


def test_a_format_without_a_reference_is_refused() -> None:
    nothing = ModelGraph("x", "savedmodel", "", 0, (), (), (), ())
    with pytest.raises(BridgeError, match="savedmodel"):
        reference_for(nothing, b"")
