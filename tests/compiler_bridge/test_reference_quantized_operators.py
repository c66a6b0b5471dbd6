"""Single quantized operators: never more than one step from onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.qdq_graphs import Array, OnnxGraph, both_outputs, f32, i8, steps_apart

LEVELS = st.sampled_from(["disabled", "all"])
SEEDS = st.integers(0, 2**32 - 1)
TYPES = st.sampled_from([np.int8, np.uint8])
few = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


class Draw:
    """Random data, scales and zero points from one seed."""

    def __init__(self, seed: int, dtype: npt.DTypeLike = np.int8) -> None:
        self.random = np.random.default_rng(seed)
        self.dtype = np.dtype(dtype)

    def integers(self, *shape: int, dtype: npt.DTypeLike | None = None) -> Array:
        limits = np.iinfo(np.dtype(dtype or self.dtype).name)
        values = self.random.integers(limits.min, limits.max + 1, shape)
        return values.astype(dtype or self.dtype)

    def zero_point(self) -> Array:
        return self.integers()

    def scale(self, low: float = 0.003, high: float = 0.3) -> float:
        return float(f32(np.exp(self.random.uniform(np.log(low), np.log(high)))))

    def scales(self, n: int) -> Array:
        return np.asarray([self.scale() for _ in range(n)], np.float32)

    def data(self, graph: OnnxGraph, *shape: int) -> str:
        """A dequantized graph input."""
        return graph.dequantized(
            graph.input(self.integers(*shape)), self.scale(), self.zero_point()
        )


def check(graph: OnnxGraph, output: str, level: str, most: int = 1) -> None:
    ours, theirs = both_outputs(graph, output, level)
    assert steps_apart(ours, theirs).max(initial=0) <= most


def linear_output_scale(draw: Draw, taps: int) -> float:
    return float(np.sqrt(taps)) * draw.scale(1.0, 8.0)


@few
@given(
    SEEDS,
    TYPES,
    LEVELS,
    st.sampled_from(["none", "Relu", "Clip"]),
    st.booleans(),
    st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]),
    st.sampled_from([1, 2, 4]),
    st.integers(1, 2),
)
def test_conv_is_within_one_step_of_onnxruntime(
    seed: int,
    dtype: npt.DTypeLike,
    level: str,
    activation: str,
    per_channel: bool,  # noqa: FBT001
    auto_pad: str,
    group: int,
    stride: int,
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    x_scale, x_zero = draw.scale(), draw.zero_point()
    x = graph.dequantized(graph.input(draw.integers(1, 4, 7, 6)), x_scale, x_zero)
    w_scale: Any = draw.scales(4) if per_channel else f32(draw.scale())
    weights = graph.constant(draw.integers(4, 4 // group, 3, 3, dtype=np.int8))
    w = graph.dequantized(
        weights,
        w_scale,
        np.zeros(np.shape(w_scale), np.int8),
        axis=0 if per_channel else None,
    )
    bias_scale = np.broadcast_to(f32(x_scale) * w_scale, (4,))
    integers = draw.random.integers(-5000, 5000, 4).astype(np.int32)
    bias = graph.dequantized(graph.constant(integers), bias_scale, np.zeros(4, np.int32), axis=0)
    attributes: dict[str, Any] = {"pads": [1, 0, 2, 1]} if auto_pad == "NOTSET" else {}
    y = graph.node(
        "Conv",
        [x, w, bias],
        strides=[stride, stride],
        group=group,
        auto_pad=auto_pad,
        **attributes,
    )
    if activation == "Relu":
        y = graph.node("Relu", [y])
    elif activation == "Clip":
        bounds = [graph.constant(-3.0, np.float32), graph.constant(6.0, np.float32)]
        y = graph.node("Clip", [y, *bounds])
    scale = linear_output_scale(draw, 36 // group)
    check(graph, graph.quantized(y, scale, draw.zero_point()), level)


@few
@given(SEEDS, TYPES, LEVELS, st.booleans(), st.booleans())
def test_gemm_is_within_one_step_of_onnxruntime(
    seed: int,
    dtype: npt.DTypeLike,
    level: str,
    transposed: bool,  # noqa: FBT001
    per_channel: bool,  # noqa: FBT001
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    x_scale = draw.scale()
    x = graph.dequantized(graph.input(draw.integers(3, 20)), x_scale, draw.zero_point())
    w_scale: Any = draw.scales(5) if per_channel else f32(draw.scale())
    shape = (5, 20) if transposed else (20, 5)
    axis = (0 if transposed else 1) if per_channel else None
    weights = graph.constant(draw.integers(*shape, dtype=np.int8))
    w = graph.dequantized(weights, w_scale, np.zeros(np.shape(w_scale), np.int8), axis=axis)
    bias_scale = np.broadcast_to(f32(x_scale) * w_scale, (5,))
    integers = draw.random.integers(-5000, 5000, 5).astype(np.int32)
    bias = graph.dequantized(graph.constant(integers), bias_scale, np.zeros(5, np.int32), axis=0)
    y = graph.node("Gemm", [x, w, bias], transB=int(transposed))
    check(graph, graph.quantized(y, linear_output_scale(draw, 20), draw.zero_point()), level)


@few
@given(SEEDS, TYPES, LEVELS, st.booleans())
def test_matmul_is_within_one_step_of_onnxruntime(
    seed: int,
    dtype: npt.DTypeLike,
    level: str,
    both_vary: bool,  # noqa: FBT001
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    a = draw.data(graph, 2, 3, 16)
    if both_vary:
        b = draw.data(graph, 2, 16, 5)
    else:
        weights = graph.constant(draw.integers(16, 5, dtype=np.int8))
        b = graph.dequantized(weights, draw.scale(), i8(0))
    y = graph.node("MatMul", [a, b])
    check(graph, graph.quantized(y, linear_output_scale(draw, 16), draw.zero_point()), level)


@few
@given(
    SEEDS,
    TYPES,
    LEVELS,
    st.sampled_from(["AveragePool", "MaxPool"]),
    st.booleans(),
    st.booleans(),
)
def test_pools_are_within_one_step_of_onnxruntime(
    seed: int,
    dtype: npt.DTypeLike,
    level: str,
    op_type: str,
    include_pad: bool,  # noqa: FBT001
    rounds_up: bool,  # noqa: FBT001
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    x = draw.data(graph, 2, 3, 8, 7)
    attributes: dict[str, Any] = {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [1, 0, 1, 1]}
    if op_type == "AveragePool":
        attributes["count_include_pad"] = int(include_pad)
    # Before opset 19 it was unclear whether rows that only rounding up adds are counted.
    if op_type == "MaxPool" or not include_pad:
        attributes["ceil_mode"] = int(rounds_up)
    y = graph.node(op_type, [x], **attributes)
    check(graph, graph.quantized(y, draw.scale(), draw.zero_point()), level)


@few
@given(SEEDS, TYPES, LEVELS, st.sampled_from(["GlobalAveragePool", "ReduceMean"]))
def test_means_are_within_one_step_of_onnxruntime(
    seed: int, dtype: npt.DTypeLike, level: str, op_type: str
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    x = draw.data(graph, 1, 4, 5, 9)
    attributes: dict[str, Any] = {"axes": [2, 3], "keepdims": 0} if op_type == "ReduceMean" else {}
    y = graph.node(op_type, [x], **attributes)
    check(graph, graph.quantized(y, draw.scale(), draw.zero_point()), level)


@few
@given(SEEDS, TYPES, LEVELS, st.sampled_from(["Add", "Sub", "Mul", "Concat"]))
def test_operators_on_two_tensors_are_within_one_step_of_onnxruntime(
    seed: int, dtype: npt.DTypeLike, level: str, op_type: str
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    pair = [draw.data(graph, 2, 5, 3), draw.data(graph, *((2, 5, 3) if seed % 2 else (2, 5, 1)))]
    attributes: dict[str, Any] = {"axis": 2} if op_type == "Concat" else {}
    y = graph.node(op_type, pair, **attributes)
    check(graph, graph.quantized(y, draw.scale(), draw.zero_point()), level)


@few
@given(
    SEEDS, TYPES, LEVELS, st.sampled_from(["Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid"])
)
def test_operators_on_one_tensor_are_within_one_step_of_onnxruntime(
    seed: int, dtype: npt.DTypeLike, level: str, op_type: str
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    y = graph.node(op_type, [draw.data(graph, 4, 16)])
    check(graph, graph.quantized(y, draw.scale(), draw.zero_point()), level)


@few
@given(SEEDS, LEVELS, st.sampled_from([11, 13]), st.sampled_from([1, 2]))
def test_softmax_is_within_one_step_of_onnxruntime(
    seed: int, level: str, opset: int, axis: int
) -> None:
    draw, graph = Draw(seed), OnnxGraph(opset=opset)
    y = graph.node("Softmax", [draw.data(graph, 2, 3, 6)], axis=axis)
    check(graph, graph.quantized(y, 1 / 256, i8(-128)), level)


@pytest.mark.parametrize(
    ("op_type", "attributes"),
    [
        ("Reshape", {"shape": [3, -1]}),
        ("Transpose", {"perm": [2, 0, 1]}),
        ("Flatten", {"axis": 2}),
        ("Identity", {}),
        ("Unsqueeze", {"axes": [0, -1]}),
        ("Slice", {"starts": [-1, 4], "ends": [-9, 1], "axes": [2, 1], "steps": [-2, -1]}),
        ("Pad", {"pads": [0, 1, 2, 0, 0, -1]}),
        ("MaxPool", {"kernel_shape": [2]}),
    ],
)
def test_moving_integers_keeps_them_exactly(op_type: str, attributes: dict[str, list[int]]) -> None:
    draw, graph = Draw(1), OnnxGraph()
    scale, zero_point = draw.scale(), draw.zero_point()
    x = graph.dequantized(graph.input(draw.integers(2, 5, 6)), scale, zero_point)
    as_inputs = {"shape", "axes", "starts", "ends", "steps", "pads"}
    order = ("starts", "ends", "axes", "steps", "shape", "pads")
    names = [name for name in order if name in attributes]
    constants = [graph.constant(attributes[name], np.int64) for name in names]
    rest: dict[str, Any] = {
        name: value for name, value in attributes.items() if name not in as_inputs
    }
    y = graph.node(op_type, [x, *constants], **rest)
    check(graph, graph.quantized(y, scale, zero_point), "disabled", most=0)


QLINEAR_UNARY = [("QLinearSigmoid", {}), ("QLinearLeakyRelu", {"alpha": 0.2})]


@few
@given(SEEDS, TYPES, st.sampled_from(QLINEAR_UNARY))
def test_qlinear_operators_on_one_tensor_are_within_one_step_of_onnxruntime(
    seed: int, dtype: npt.DTypeLike, case: tuple[str, dict[str, Any]]
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    op_type, attributes = case
    inputs = [graph.input(draw.integers(3, 20)), *_affine(draw, graph), *_affine(draw, graph)]
    check(graph, graph.node(op_type, inputs, domain="com.microsoft", **attributes), "disabled")


@few
@given(SEEDS, TYPES, st.sampled_from(["QLinearAdd", "QLinearMul"]))
def test_qlinear_operators_on_two_tensors_are_within_one_step_of_onnxruntime(
    seed: int, dtype: npt.DTypeLike, op_type: str
) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    left = [graph.input(draw.integers(3, 20)), *_affine(draw, graph)]
    right = [graph.input(draw.integers(1, 20)), *_affine(draw, graph)]
    inputs = [*left, *right, *_affine(draw, graph)]
    check(graph, graph.node(op_type, inputs, domain="com.microsoft"), "disabled")


@few
@given(SEEDS, TYPES)
def test_qlinear_concat_is_within_one_step_of_onnxruntime(seed: int, dtype: npt.DTypeLike) -> None:
    draw, graph = Draw(seed, dtype), OnnxGraph()
    inputs = _affine(draw, graph)
    for width in (2, 5):
        inputs += [graph.input(draw.integers(3, width)), *_affine(draw, graph)]
    check(graph, graph.node("QLinearConcat", inputs, domain="com.microsoft", axis=1), "disabled")


@few
@given(SEEDS, st.booleans(), st.booleans())
def test_qlinear_pools_are_within_one_step_of_onnxruntime(
    seed: int,
    whole: bool,  # noqa: FBT001
    channels_last: bool,  # noqa: FBT001
) -> None:
    draw, graph = Draw(seed, np.uint8), OnnxGraph()
    x = graph.input(draw.integers(1, 6, 7, 8))
    inputs = [x, *_affine(draw, graph), *_affine(draw, graph)]
    attributes: dict[str, Any] = {"channels_last": int(channels_last)}
    if not whole:
        attributes |= {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 0, 1]}
    op_type = "QLinearGlobalAveragePool" if whole else "QLinearAveragePool"
    y = graph.node(op_type, inputs, domain="com.microsoft", **attributes)
    check(graph, y, "disabled")


@few
@given(SEEDS, st.booleans())
def test_qgemm_is_within_one_step_of_onnxruntime(
    seed: int,
    is_float: bool,  # noqa: FBT001
) -> None:
    draw, graph = Draw(seed), OnnxGraph()
    a = [graph.input(draw.integers(3, 20)), *_affine(draw, graph)]
    b = [
        graph.constant(draw.integers(5, 20)),
        graph.constant(draw.scales(5)),
        graph.constant(np.zeros(5, np.int8)),
    ]
    bias = graph.constant(draw.random.integers(-5000, 5000, 5), np.int32)
    target = [graph.constant(linear_output_scale(draw, 20), np.float32), graph.constant(i8(3))]
    inputs = [*a, *b, bias, *([] if is_float else target)]
    y = graph.node("QGemm", inputs, domain="com.microsoft", transB=1, alpha=0.7)
    ours, theirs = both_outputs(graph, y, "disabled")
    if is_float:
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    else:
        assert steps_apart(ours, theirs).max() <= 1


def _affine(draw: Draw, graph: OnnxGraph) -> list[str]:
    return [graph.constant(draw.scale(), np.float32), graph.constant(draw.zero_point())]
