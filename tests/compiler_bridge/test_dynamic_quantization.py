"""What onnxruntime's quantize_dynamic writes is compiled in each of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quant_pre_process, quantize_dynamic

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from tests.support.exactness import Subject, assert_right, assert_same_bits, input_sets, subject
from tests.support.host_runs import sanitized_outputs
from tests.support.qdq_graphs import Array, OnnxGraph, f32, read
from tests.support.small_networks import NETWORKS

FORMS: dict[str, dict[str, Any]] = {
    "int8": {"weight_type": QuantType.QInt8},
    "int8-by-channel": {"weight_type": QuantType.QInt8, "per_channel": True},
    "int8-reduced": {"weight_type": QuantType.QInt8, "reduce_range": True},
    "uint8": {"weight_type": QuantType.QUInt8},
    "uint8-by-channel-reduced": {
        "weight_type": QuantType.QUInt8,
        "per_channel": True,
        "reduce_range": True,
    },
    "products-of-data": {
        "weight_type": QuantType.QInt8,
        "extra_options": {"MatMulConstBOnly": False},
    },
}
# The first network is a chain of dense layers, the second one of convolutions and a dense layer.
FUSED = ("perceptron", "waveform")
LEVELS = (
    ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
)


def _quantized(network: str, form: str, folder: Path) -> Path:
    given, prepared, quantized = (folder / f"{name}.onnx" for name in ("given", "ready", form))
    onnx.save(NETWORKS[network](), given)
    quant_pre_process(given, prepared, skip_symbolic_shape=True)
    quantize_dynamic(prepared, quantized, **FORMS[form])
    return quantized


@pytest.mark.many
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_dynamically_quantized_network_computes_what_onnxruntime_computes(
    network: str, form: str, tmp_path: Path
) -> None:
    found = subject(_quantized(network, form, tmp_path))
    sets = input_sets(found.graph, 4)
    assert_right(found, sanitized_outputs(found.generated, sets), found.expected(sets))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("network", FUSED)
def test_operators_that_onnxruntime_has_fused_compute_the_same(
    network: str, level: ort.GraphOptimizationLevel, tmp_path: Path
) -> None:
    quantized, fused = _quantized(network, "uint8", tmp_path), tmp_path / "fused.onnx"
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    options.optimized_model_filepath = str(fused)
    options.log_severity_level = 4
    ort.InferenceSession(str(quantized), options, providers=["CPUExecutionProvider"])
    before, after = subject(quantized), subject(fused)
    sets = input_sets(before.graph, 4)
    got = sanitized_outputs(after.generated, sets)
    assert_same_bits(got, sanitized_outputs(before.generated, sets))
    assert_right(after, got, after.expected(sets))


def test_a_layer_its_scales_bias_and_bounds_are_one_step(tmp_path: Path) -> None:
    kernels = [
        step.kernel for step in lower(subject(_quantized("waveform", "int8", tmp_path)).graph).steps
    ]
    assert kernels.count("conv2d_dynamic_s8_f32") == 4
    assert not {"cast", "conv2d_dynamic_s32"} & set(kernels)


class _Layer:
    """An integer layer of one operator, with its sums as output."""

    def __init__(
        self, op_type: str, data: Array, weights: Array, *zeros: Array, **attributes: Any
    ) -> None:
        self.graph = OnnxGraph(opset=17)
        names = [self.graph.input(data), self.graph.constant(weights)]
        names += [self.graph.constant(zero) for zero in zeros]
        output = self.graph.node(op_type, names, **attributes)
        model = onnx.load_from_string(self.graph.model(output))
        inferred = onnx.shape_inference.infer_shapes(model)
        self.content = inferred.SerializeToString()
        self.subject = Subject(read(self.content), self.content)


def _drawn(dtype: str, *shape: int) -> Array:
    limits = np.iinfo(dtype)
    random = np.random.default_rng(sum(shape))
    return random.integers(limits.min, limits.max + 1, shape).astype(dtype)


def _zero(dtype: str, value: object) -> Array:
    return np.asarray(value, dtype)


LAYERS: dict[str, tuple[Any, ...]] = {
    "no zero points": ("MatMulInteger", _drawn("uint8", 3, 9), _drawn("int8", 9, 4)),
    "int8 data": ("MatMulInteger", _drawn("int8", 3, 9), _drawn("int8", 9, 4), _zero("int8", -7)),
    "weights that leave 8 bits": (
        "MatMulInteger",
        _drawn("uint8", 2, 3, 9),
        _drawn("uint8", 9, 4),
        _zero("uint8", 255),
        _zero("uint8", [0, 3, 128, 255]),
    ),
    "matrices in a batch": (
        "MatMulInteger",
        _drawn("uint8", 2, 3, 9),
        _drawn("uint8", 2, 9, 4),
        _zero("uint8", 9),
        _zero("uint8", 77),
    ),
    "a padded convolution": (
        "ConvInteger",
        _drawn("uint8", 1, 3, 7, 6),
        _drawn("int8", 4, 3, 3, 2),
        _zero("uint8", 200),
    ),
    "a convolution whose weights leave 8 bits": (
        "ConvInteger",
        _drawn("uint8", 1, 3, 7, 6),
        _drawn("uint8", 4, 3, 3, 2),
        _zero("uint8", 3),
        _zero("uint8", 1),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_sums_are_those_of_onnxruntime_and_of_the_semantics(name: str) -> None:
    op_type, *operands = LAYERS[name]
    window: dict[str, Any] = {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}
    layer = _Layer(op_type, *operands, **(window if op_type == "ConvInteger" else {}))
    graph = layer.subject.graph
    sets = input_sets(graph, 4)
    got = sanitized_outputs(layer.subject.generated, sets)
    assert_same_bits(got, run_onnxruntime_many(layer.content, graph, sets))
    assert_same_bits(got, [run_qlinear(graph, inputs) for inputs in sets])


@pytest.mark.parametrize(
    "values", [[0.0, 0.0], [1.5, 3.0], [-4.0, -1.0], [-1.0, 2.0], [-0.0, 1e-30]]
)
def test_numbers_scale_and_zero_point_come_from_the_range(values: list[float]) -> None:
    graph = OnnxGraph(opset=17)
    graph.input(f32(values))
    names = ["integers", "scale", "zero"]
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", ["input0"], names))
    types = (TensorProto.UINT8, TensorProto.FLOAT, TensorProto.UINT8)
    ends = [
        helper.make_tensor_value_info(name, kind, [2] if name == "integers" else [])
        for name, kind in zip(names, types, strict=True)
    ]
    model = onnx.load_from_string(graph.model("integers"))
    del model.graph.output[:]
    model.graph.output.extend(ends)
    content = model.SerializeToString()
    found = Subject(read(content), content)
    sets = [[f32(values)]]
    got = sanitized_outputs(found.generated, sets)
    assert_same_bits(got, run_onnxruntime_many(content, found.graph, sets))


def test_a_zero_point_for_each_row_is_refused() -> None:
    layer = _Layer(
        "MatMulInteger",
        _drawn("uint8", 3, 9),
        _drawn("int8", 9, 4),
        _zero("uint8", [1, 2, 3]),
    )
    with pytest.raises(UnsupportedOperatorError, match="input 2 has shape"):
        generate(layer.subject.graph)
