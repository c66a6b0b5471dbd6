"""Operators on reals that onnx's own reference evaluator computes, with numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from onnx.reference import ReferenceEvaluator

    from fitgraph.compiler_bridge.reference.node import Array, Kernel, Node
    from fitgraph.registry.model_graph import Operator

_NAMES = (
    "And",
    "ArgMin",
    "Celu",
    "ConvInteger",
    "ConvTranspose",
    "CumSum",
    "DepthToSpace",
    "DynamicQuantizeLinear",
    "GRU",
    "GatherElements",
    "GatherND",
    "GreaterOrEqual",
    "GroupNormalization",
    "InstanceNormalization",
    "IsNaN",
    "LSTM",
    "LayerNormalization",
    "LessOrEqual",
    "LogSoftmax",
    "MatMulInteger",
    "Mean",
    "Mish",
    "Mod",
    "Or",
    "RNN",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceProd",
    "ReduceSumSquare",
    "ScatterElements",
    "ScatterND",
    "Selu",
    "Sign",
    "SpaceToDepth",
    "ThresholdedRelu",
    "Tile",
    "TopK",
    "Trilu",
    "Xor",
)


def evaluated(node: Node) -> Array | tuple[Array, ...]:
    """What the operator yields by the operator set that the model names.

    Raises:
        UnsupportedOperatorError: the evaluator lacks this form of the operator.
    """
    given = {_name(i): value for i, value in enumerate(node.inputs) if value is not None}
    try:
        results = _evaluator(node.operator).run(None, given)
    except (NotImplementedError, RuntimeError) as error:
        raise node.unsupported(f"onnx's reference evaluator says: {error}") from error
    arrays = tuple(np.asarray(result) for result in results)
    return arrays if len(arrays) > 1 else arrays[0]


def _name(position: int) -> str:
    return f"input{position}"


def _evaluator(operator: Operator) -> ReferenceEvaluator:
    """Of the operator alone."""
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415 - takes a second, seldom needed

    inputs = ["" if index is None else _name(i) for i, index in enumerate(operator.inputs)]
    outputs = [f"output{i}" for i in range(len(operator.outputs))]
    attributes = {name: _attribute(value) for name, value in operator.attributes.items()}
    node = helper.make_node(operator.op_type, inputs, outputs, **attributes)
    return ReferenceEvaluator(node, opsets={"": operator.version})


def _attribute(value: Any) -> Any:  # noqa: ANN401  # an attribute is of any type
    return numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value


KERNELS: dict[str, Kernel] = dict.fromkeys(_NAMES, evaluated)
