"""One small graph for each bug of the ONNX lowering that was once found."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from tests.support.onnx_cases import model_bytes
from tests.support.qdq_graphs import Array, OnnxGraph, f32, i8, i32, i64, read

RANDOM = np.random.default_rng(5)


def draw(*shape: int) -> Array:
    return i8(RANDOM.integers(-128, 128, shape))


def real_input(graph: OnnxGraph, *shape: int, scale: float = 0.02) -> str:
    return graph.dequantized(graph.input(draw(*shape)), scale, i8(-7))


def assert_exact(graph: OnnxGraph, *outputs: str) -> None:
    """Generated code gives the reference's bits."""
    model, inputs = read(model_bytes(graph, outputs)), list(graph.inputs.values())
    wanted = run_qlinear(model, inputs)
    (got,) = run_on_host(generate(model), [inputs], sanitize=("address", "undefined"))
    for value, expected in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(value, expected)


def assert_refused(graph: OnnxGraph, output: str, because: str) -> None:
    with pytest.raises(UnsupportedOperatorError, match=because):
        generate(read(model_bytes(graph, [output])))


def quantized(graph: OnnxGraph, name: str, scale: float = 0.05) -> str:
    return graph.quantized(name, scale, i8(3))


def test_weights_scaled_along_the_input_channels_are_reals() -> None:
    graph = OnnxGraph()
    x = real_input(graph, 1, 3, 1, 1)
    # square, so that one scale a row and one a column are equally many
    w = graph.dequantized(graph.constant(draw(3, 3, 1, 1)), f32([0.01, 0.1, 1]), i8([0] * 3), 1)
    y = graph.node("Conv", [x, w])
    model, inputs = read(model_bytes(graph, [y])), list(graph.inputs.values())
    (wanted,) = run_qlinear(model, inputs)
    ((got,),) = run_on_host(generate(model), [inputs])
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_a_gemm_whose_weights_are_scaled_along_its_inputs_is_on_reals() -> None:
    graph = OnnxGraph()
    x = real_input(graph, 2, 3)
    w = graph.dequantized(graph.constant(draw(3, 3)), f32([0.01, 0.1, 1]), i8([0] * 3), 0)
    y = graph.node("Gemm", [x, w])
    model, inputs = read(model_bytes(graph, [y])), list(graph.inputs.values())
    (wanted,) = run_qlinear(model, inputs)
    ((got,),) = run_on_host(generate(model), [inputs])
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_a_mean_over_the_batch_averages_the_batch() -> None:
    graph = OnnxGraph()
    y = graph.node("ReduceMean", [real_input(graph, 3, 4, 5)], axes=[0])
    assert_exact(graph, quantized(graph, y))


def test_a_bound_of_infinity_is_no_bound() -> None:
    graph = OnnxGraph()
    bounds = [graph.constant(f32(0)), graph.constant(f32(math.inf))]
    x = graph.input(f32([-1, 2, 3]))
    assert_exact(graph, graph.node("Clip", [x, *bounds]))


def test_of_two_bounds_in_the_wrong_order_the_upper_one_wins() -> None:
    graph = OnnxGraph()
    bounds = [graph.constant(f32(1)), graph.constant(f32(-1))]
    clipped = graph.node("Clip", [real_input(graph, 9), *bounds])
    on_reals = graph.node("Clip", [graph.input(f32([-3, 0, 3])), *bounds])
    assert_exact(graph, quantized(graph, clipped), on_reals)


def test_a_constant_first_operand_of_full_size_is_subtracted_from() -> None:
    graph = OnnxGraph()
    constant = graph.constant(f32(RANDOM.standard_normal((2, 3))))
    assert_exact(graph, graph.node("Sub", [constant, graph.input(f32(np.ones((2, 3))))]))


def test_two_constant_operands_have_two_names() -> None:
    graph = OnnxGraph()
    x = graph.input(f32([1, 2]))
    constants = [graph.constant(f32([4, 5])), graph.constant(f32([7, 8]))]
    assert_exact(graph, graph.node("Mul", [x, graph.node("Add", constants)]))


@pytest.mark.parametrize("shape", [(1, 4, 5, 5), (1, 4, 9)])
def test_a_convolution_with_a_real_output_scales_its_sums(shape: tuple[int, ...]) -> None:
    graph = OnnxGraph()
    kernel = [3] * (len(shape) - 2)
    w = graph.constant(draw(6, 2, *kernel))
    scales = f32(RANDOM.uniform(0.001, 0.01, 6))
    weights = graph.dequantized(w, scales, i8([0] * 6), axis=0)
    bias = graph.constant(f32(RANDOM.standard_normal(6)))
    pads = [1] * (2 * len(kernel))
    x = real_input(graph, *shape)
    assert_exact(graph, graph.node("Conv", [x, weights, bias], pads=pads, group=2))


def test_joining_signed_and_unsigned_integers_makes_reals() -> None:
    graph = OnnxGraph()
    x = graph.dequantized(graph.input(draw(1, 2, 4, 4)), 0.02, i8(0))
    unsigned = np.asarray(RANDOM.integers(0, 256, (1, 2, 4, 4)), np.uint8)
    y = graph.dequantized(graph.input(unsigned), 0.02, np.asarray(128, np.uint8))
    assert_exact(graph, quantized(graph, graph.node("Concat", [x, y], axis=1)))


def test_a_constant_joins_integers_of_its_scale() -> None:
    graph = OnnxGraph()
    x = real_input(graph, 1, 2, 4, 4)
    constant = graph.dequantized(graph.constant(draw(1, 1, 4, 4)), 0.02, i8(-7))
    joined = graph.node("Concat", [constant, x], axis=1)
    w = graph.dequantized(graph.constant(draw(2, 3, 2, 2)), 0.01, i8(0))
    assert_exact(graph, graph.node("Conv", [joined, w]))


def test_a_constant_integer_output_is_written() -> None:
    graph = OnnxGraph()
    graph.input(f32([1]))
    constant = graph.constant(np.asarray([1, 2, 255], np.uint8))
    x = graph.node("Identity", [graph.dequantized(constant, 0.5, np.asarray(3, np.uint8))])
    assert_exact(graph, graph.node("Identity", [constant]), x)


def test_a_global_average_works_on_any_number_of_axes() -> None:
    graph = OnnxGraph()
    outputs = []
    for shape in ((2, 3, 4), (1, 3, 4, 5), (1, 2, 3, 4, 5)):
        y = graph.node("GlobalAveragePool", [real_input(graph, *shape)])
        outputs.append(quantized(graph, y))
    assert_exact(graph, *outputs)


def test_reshaped_weights_stay_integers() -> None:
    graph = OnnxGraph()
    flat = graph.dequantized(graph.constant(draw(12)), 0.01, i8(0))
    w = graph.node("Reshape", [flat, graph.constant(i64([4, 3]))])
    assert_exact(graph, quantized(graph, graph.node("MatMul", [real_input(graph, 2, 4), w])))


def test_alpha_and_beta_scale_an_integer_gemm() -> None:
    graph = OnnxGraph()
    w = graph.dequantized(graph.constant(draw(4, 3)), 0.01, i8(0))
    bias = graph.constant(f32(RANDOM.standard_normal(3)))
    x = real_input(graph, 2, 4)
    y = graph.node("Gemm", [x, w, bias], alpha=0.3, beta=1.7)
    assert_exact(graph, quantized(graph, y), y)


def test_no_axes_can_mean_nothing_to_average() -> None:
    graph = OnnxGraph(opset=18)
    y = graph.node("ReduceMean", [real_input(graph, 2, 3)], noop_with_empty_axes=1)
    assert_exact(graph, quantized(graph, y))


Refused = Callable[[OnnxGraph], str]

REFUSALS: dict[str, tuple[Refused, str]] = {
    "a bias of each row": (
        lambda g: g.node(
            "Gemm",
            [
                real_input(g, 3, 4),
                g.dequantized(g.constant(draw(4, 3)), 0.01, i8(0)),
                g.constant(f32([[1], [2], [3]])),
            ],
        ),
        r"its bias has shape \[3, 1\] for 3 outputs",
    ),
    "a bias too short": (
        lambda g: g.node(
            "Conv",
            [
                g.input(f32(np.ones((1, 2, 3, 3)))),
                g.constant(f32(np.ones((4, 2, 1, 1)))),
                g.constant(f32([1, 2])),
            ],
        ),
        "its bias has shape",
    ),
    "a window in the padding": (
        lambda g: g.node(
            "AveragePool", [real_input(g, 1, 1, 3, 3)], kernel_shape=[1, 1], pads=[2, 2, 2, 2]
        ),
        "wholly in its padding",
    ),
    "a zero point of another type": (
        lambda g: g.node(
            "DequantizeLinear",
            [g.input(draw(4)), g.constant(f32(0.1)), g.constant(np.asarray(1, np.uint8))],
        ),
        ".",
    ),
    "a scale of zero": (
        lambda g: g.dequantized(g.input(draw(4)), 0.0, i8(0)),
        "its scale is 0",
    ),
    "a scale that is no number": (
        lambda g: g.quantized(g.input(f32([1])), math.nan, i8(0)),
        "its scale is nan",
    ),
    "too many parts of a bias": (
        lambda g: g.node(
            "Conv",
            [
                real_input(g, 1, 2, 3, 3),
                g.dequantized(g.constant(draw(2, 2, 1, 1)), 0.1, i8(0)),
                g.dequantized(g.constant(i32([1, 2, 3])), 0.1, i32(0)),
            ],
        ),
        "its bias has shape",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_compiled_is_refused(name: str) -> None:
    build, because = REFUSALS[name]
    graph = OnnxGraph()
    assert_refused(graph, build(graph), because)


def test_an_output_of_a_type_that_c_does_not_offer_is_refused() -> None:
    graph = OnnxGraph()
    graph.input(f32([1]))
    y = graph.node("Identity", [graph.constant(np.array([3.0]))])
    assert_refused(graph, y, "writes the output 'value0' as float64")
