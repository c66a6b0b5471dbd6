"""Which operators of a model leave no kernel call of their own when it is lowered, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.program import Program
from fitgraph.registry.model_graph import ModelGraph, Operator

_BATCH_NORM = frozenset({"BatchNormalization"})
_ACTIVATIONS = frozenset({"Relu", "Clip", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"})
_QUANTIZING = frozenset({"QuantizeLinear", "DequantizeLinear", "QUANTIZE", "DEQUANTIZE"})
_TAILS = frozenset({"Softmax", "LogSoftmax", "Sigmoid", "SOFTMAX", "LOG_SOFTMAX", "LOGISTIC"})
_LAYOUTS = frozenset({"Transpose", "TRANSPOSE"})
_ARITHMETIC = frozenset({"Add", "Sub", "Mul", "Div", "MatMul", "Gemm", "ADD", "SUB", "MUL"})


@dataclass(frozen=True, slots=True)
class Absorption:
    """A kind of operators that others do along.

    Attributes:
        does: in one clause.
        positions: of the operators, in the model.
    """

    name: str
    does: str
    positions: tuple[int, ...]


# In the order in which they are told.
_KINDS = {
    "constants": "computes what depends on constants alone",
    "batch-norm": "takes scales and shifts of channels into weights and biases",
    "arithmetic": "takes biases and factors into the layer before",
    "activation": "takes bounds into the layer before",
    "quantization": "lets layers read and write 8-bit numbers without a step between",
    "tails": "takes conversions at a softmax or at the ends into the step beside them",
    "layout": "has images in memory with channels last, so that nothing is transposed",
    "views": "gives the same bytes another shape",
}


def absorptions(graph: ModelGraph, lowered: Program) -> tuple[Absorption, ...]:
    """All kinds, each with the operators without a step.

    Args:
        lowered: the program as it comes from lowering, before any pass.
    """
    steps = (*lowered.steps, *lowered.reset_steps)
    labels = {step.label.partition(" / ")[0] for step in steps}
    found: dict[str, list[int]] = {name: [] for name in _KINDS}
    constants = {index for index, tensor in enumerate(graph.tensors) if tensor.data is not None}
    for position, operator in enumerate(graph.operators):
        if f"{operator.op_type} #{position}" in labels:
            continue
        kind = _kind(graph, operator, constants)
        if kind == "constants":
            constants.update(operator.outputs)
        found[kind].append(position)
    return tuple(Absorption(name, does, tuple(found[name])) for name, does in _KINDS.items())


def _kind(graph: ModelGraph, operator: Operator, constants: set[int]) -> str:
    if constants.issuperset(index for index in operator.inputs if index is not None):
        return "constants"
    if operator.op_type in _QUANTIZING:
        return "tails" if _is_at_an_end(graph, operator) else "quantization"
    for kind, op_types in (
        ("batch-norm", _BATCH_NORM),
        ("arithmetic", _ARITHMETIC),
        ("activation", _ACTIVATIONS),
        ("layout", _LAYOUTS),
    ):
        if operator.op_type in op_types:
            return kind
    return "views"


def _is_at_an_end(graph: ModelGraph, operator: Operator) -> bool:
    """Whether it makes an output of the model, reads an input, or stands beside a softmax."""
    touched = {*operator.inputs[:1], *operator.outputs}
    if touched & {*graph.inputs, *graph.outputs}:
        return True
    return any(_touches(other, touched) for other in graph.operators if other.op_type in _TAILS)


def _touches(operator: Operator, tensors: set[int | None]) -> bool:
    used: Sequence[int | None] = (*operator.inputs, *operator.outputs)
    return not tensors.isdisjoint(used)
