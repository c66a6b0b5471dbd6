"""Float operators that QuantizeLinear and DequantizeLinear around them turn into integer ones.

Each function computes the operator at a position and returns True, or returns False when the
graph does not say that integers are meant; the operator is then computed on reals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgraph.compiler_bridge.reference import kernels_int8
from fitgraph.compiler_bridge.reference.affine import Quantized
from fitgraph.compiler_bridge.reference.kernels_float import over_softmax_axis, reduction_axes
from fitgraph.compiler_bridge.reference.patterns import (
    activation_source,
    narrow_source,
    quantized_source,
    sink,
    weights_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.affine import Affine
    from fitgraph.compiler_bridge.reference.execution import Execution
    from fitgraph.compiler_bridge.reference.kernels_int8 import Accumulated
    from fitgraph.compiler_bridge.reference.node import Array, Floats

    Layer = Callable[[Execution, int], bool]
    Bias = Quantized | Floats | None


def conv(run: Execution, position: int) -> bool:
    """Conv of quantized data with weights quantized per tensor or per filter."""
    operator = run.operator(position)
    x = activation_source(run, operator.inputs[0])
    w = weights_source(run, operator.inputs[1])
    if (
        x is None
        or w is None
        or w.affine.axis not in {None, 0}
        or not _bias_is_fixed(run, position)
    ):
        return False
    bias = _bias(run, position)
    return _finish(run, position, kernels_int8.conv(run.node(position), x, w, bias))


def matmul(run: Execution, position: int) -> bool:
    """MatMul of quantized matrices; the second one per tensor or per column."""
    operator = run.operator(position)
    a = activation_source(run, operator.inputs[0])
    b = weights_source(run, operator.inputs[1])
    if a is None or b is None:
        return False
    if b.affine.axis is not None and not (b.values.ndim == 2 and b.affine.axis == 1):
        return False
    return _finish(run, position, kernels_int8.matmul(a, b))


def gemm(run: Execution, position: int) -> bool:
    """Gemm of quantized matrices; the second one per tensor or per output feature."""
    operator, node = run.operator(position), run.node(position)
    a = activation_source(run, operator.inputs[0])
    b = weights_source(run, operator.inputs[1])
    features = 0 if node.integer("transB", 0) else 1
    if a is None or b is None or b.affine.axis not in {None, features}:
        return False
    if a.values.dtype.itemsize > 1 and node.integer("transA", 0):
        return False
    if not _bias_is_fixed(run, position):
        return False
    return _finish(run, position, kernels_int8.gemm(node, a, b, _bias(run, position)))


def _bias_is_fixed(run: Execution, position: int) -> bool:
    inputs = run.operator(position).inputs
    return len(inputs) < 3 or inputs[2] is None or run.is_constant(inputs[2])


def _bias(run: Execution, position: int) -> Bias:
    inputs = run.operator(position).inputs
    if len(inputs) < 3 or inputs[2] is None:
        return None
    return quantized_source(run, inputs[2]) or run.node(position).value(2)


def _finish(run: Execution, position: int, result: Accumulated) -> bool:
    output = run.operator(position).outputs[0]
    found = sink(run, output)
    if found is None or found.affine.dtype.itemsize != result.item_bytes:
        run.values[output] = result.to_real()
        return True
    run.values[found.output] = found.clamp(result.to_integers(found.affine))
    run.done.update(found.covered)
    return True


def average_pool(run: Execution, position: int) -> bool:
    """AveragePool of quantized data with a quantized result."""
    node = run.node(position)
    kernel = node.integers("kernel_shape")
    return _average(run, position, lambda x, y: kernels_int8.average_pool(node, x, y, kernel))


def global_average_pool(run: Execution, position: int) -> bool:
    """GlobalAveragePool of quantized data with a quantized result."""
    axes = tuple(range(2, run.node(position).rank))
    return _average(
        run, position, lambda x, y: kernels_int8.average_over(x, y, axes, keepdims=True)
    )


def reduce_mean(run: Execution, position: int) -> bool:
    """ReduceMean of quantized data with a quantized result."""
    node = run.node(position)
    axes, keepdims = reduction_axes(node), node.integer("keepdims", 1) == 1
    return _average(
        run, position, lambda x, y: kernels_int8.average_over(x, y, axes, keepdims=keepdims)
    )


def _average(run: Execution, position: int, average: Callable[[Quantized, Affine], Array]) -> bool:
    operator = run.operator(position)
    x = narrow_source(run, operator.inputs[0])
    found = sink(run, operator.outputs[0])
    if x is None or found is None or found.affine.dtype.itemsize > 1:
        return False
    run.values[found.output] = found.clamp(average(x, found.affine))
    run.done.update(found.covered)
    return True


def softmax(run: Execution, position: int) -> bool:
    """Softmax of quantized data."""
    operator, node = run.operator(position), run.node(position)
    x = narrow_source(run, operator.inputs[0])
    if x is None:
        return False
    affine = x.affine
    run.values[operator.outputs[0]] = over_softmax_axis(
        node, x.values, node.version, lambda rows: kernels_int8.softmax(Quantized(rows, affine))
    )
    return True


LAYERS: dict[str, Layer] = {
    "Conv": conv,
    "MatMul": matmul,
    "Gemm": gemm,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "ReduceMean": reduce_mean,
    "Softmax": softmax,
}
