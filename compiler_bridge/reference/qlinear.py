"""The written-down meaning of a quantized ONNX model: see docs/qlinear-semantics.md.

An interpreter, one operator after the other. It shares nothing with the C generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.errors import BridgeError, UnsupportedOperatorError
from fitgraph.compiler_bridge.reference import (
    kernels_elementwise,
    kernels_float,
    kernels_onnx,
    kernels_qdq,
    kernels_qlinear,
    kernels_requant,
    kernels_resize,
    kernels_shape,
)
from fitgraph.compiler_bridge.reference.execution import Execution, start
from fitgraph.compiler_bridge.reference.inputs import checked_inputs
from fitgraph.compiler_bridge.reference.node import Array, Kernel, describe
from fitgraph.compiler_bridge.reference.qdq_layers import LAYERS
from fitgraph.compiler_bridge.reference.tracking import track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fitgraph.registry.model_graph import ModelGraph, Operator

KERNELS: dict[str, dict[str, Kernel]] = {
    "ai.onnx": {
        **kernels_onnx.KERNELS,
        **kernels_resize.KERNELS,
        **kernels_shape.KERNELS,
        **kernels_elementwise.KERNELS,
        **kernels_float.KERNELS,
        **kernels_qdq.KERNELS,
        **kernels_qlinear.MAIN_DOMAIN,
        **kernels_requant.KERNELS,
    },
    "com.microsoft": kernels_qlinear.MICROSOFT_DOMAIN,
    "PACTOps": kernels_requant.KERNELS,
}


def run_qlinear(graph: ModelGraph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Compute an ONNX graph by QLinear semantics.

    Args:
        graph: an ONNX model; symbolic dimensions take what the inputs have.
        inputs: one array for each of the graph's inputs, of its type and shape.

    Returns:
        One array for each of the graph's outputs.

    Raises:
        UnsupportedOperatorError: the reference lacks an operator, or a form of it.
        BridgeError: the inputs do not suit the graph, or the graph contradicts itself.
    """
    unsupported = next((o for o in graph.operators if _kernel(o) is None), None)
    if unsupported is not None:
        raise _unsupported(unsupported)
    run = start(graph, checked_inputs(graph, inputs))
    for position in range(len(graph.operators)):
        if position not in run.done:
            _compute(run, position)
    return tuple(_output(run, tensor) for tensor in graph.outputs)


def _compute(run: Execution, position: int) -> None:
    operator = run.operator(position)
    try:
        layer = LAYERS.get(operator.op_type) if operator.domain == "ai.onnx" else None
        if layer is None or not layer(run, position):
            _compute_alone(run, position)
    except (ValueError, IndexError, TypeError, KeyError) as error:
        raise BridgeError(
            f"The reference failed in {describe(operator)}: {error}",
            hint="Check the model with onnx.checker and the shapes of the inputs.",
        ) from error


def _compute_alone(run: Execution, position: int) -> None:
    operator = run.operator(position)
    kernel = _kernel(operator)
    if kernel is None:
        raise _unsupported(operator)
    node = run.node(position)
    result = kernel(node)
    results = result if isinstance(result, tuple) else (result,)
    run.values.update(zip(operator.outputs, results, strict=True))
    track(run, node)


def _kernel(operator: Operator) -> Kernel | None:
    return KERNELS.get(operator.domain, {}).get(operator.op_type)


def _unsupported(operator: Operator) -> UnsupportedOperatorError:
    return UnsupportedOperatorError(
        f"The reference does not know {describe(operator)}.",
        hint="docs/qlinear-semantics.md lists the operators that it computes.",
    )


def _output(run: Execution, tensor: int) -> Array:
    if tensor not in run.values:
        raise BridgeError(
            f"Nothing computes the output {run.graph.tensor(tensor).name!r}.",
            hint="Check the model with onnx.checker.",
        )
    return np.ascontiguousarray(run.values[tensor]).reshape(run.values[tensor].shape)
