"""Float32 ONNX models of many operators of a kind, each an output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.support.exactness import Subject
from tests.support.onnx_cases import model_bytes
from tests.support.qdq_graphs import Array, OnnxGraph, read

OPSET = 21
MICROSOFT = "com.microsoft"
# Functions of one value, each with attributes and whether it wants positive values only.
EACH: Sequence[tuple[str, dict[str, Any], bool]] = (
    ("Abs", {}, False),
    ("Ceil", {}, False),
    ("Elu", {"alpha": 0.7}, False),
    ("Erf", {}, False),
    ("Exp", {}, False),
    ("Floor", {}, False),
    ("Gelu", {}, False),
    ("Gelu", {"approximate": "tanh"}, False),
    ("HardSigmoid", {}, False),
    ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}, False),
    ("HardSwish", {}, False),
    ("Log", {}, True),
    ("Neg", {}, False),
    ("Reciprocal", {}, True),
    ("Round", {}, False),
    ("Sqrt", {}, True),
)
# Shapes of two operands of MatMul.
MATRICES = (
    ((3, 4), (4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (2, 4, 5)),
    ((4,), (4, 5)),
    ((2, 3, 4), (4,)),
    ((3, 4), (2, 4, 5)),
)
# transA, transB and the shape of C.
PRODUCTS = ((0, 0, (5,)), (1, 0, (3, 5)), (0, 1, (3, 1)), (1, 1, None), (1, 0, (1, 5)))


class Operators:
    """Collects operators, each of inputs of its own."""

    def __init__(self) -> None:
        self.graph = OnnxGraph(opset=OPSET)
        self.random = np.random.default_rng(23)
        self.outputs: dict[str, str] = {}

    def real(self, *shape: int) -> Array:
        value: Array = self.random.standard_normal(shape).astype(np.float32)
        return value

    def input(self, *shape: int) -> str:
        return self.graph.input(self.real(*shape))

    def node(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> None:
        """Adds an operator whose output is the model's."""
        output = self.graph.node(op_type, inputs, **attributes)
        self.outputs[output] = f"{op_type} {attributes}"


def subject_of(add: Callable[[Operators], None]) -> tuple[Subject, list[str]]:
    """The model of one group as it is read, and what its outputs are."""
    operators = Operators()
    add(operators)
    content = model_bytes(operators.graph, list(operators.outputs))
    return Subject(read(content), content), list(operators.outputs.values())


def each(all_of_them: Operators) -> None:
    for op_type, attributes, is_positive in EACH:
        x = all_of_them.input(3, 7)
        if is_positive:
            x = all_of_them.graph.node("Abs", [x])
            x = all_of_them.graph.node("Add", [x, all_of_them.graph.constant(0.1, np.float32)])
        all_of_them.node(op_type, [x], **attributes)


def binary(all_of_them: Operators) -> None:
    for op_type in ("Max", "Min"):
        all_of_them.node(op_type, [all_of_them.input(2, 3, 4), all_of_them.input(3, 1)])
    slope = all_of_them.graph.constant(all_of_them.real(3, 1, 1))
    all_of_them.node("PRelu", [all_of_them.input(2, 3, 4, 5), slope])


def products(all_of_them: Operators) -> None:
    for left, right in MATRICES:
        all_of_them.node("MatMul", [all_of_them.input(*left), all_of_them.input(*right)])
    constant = all_of_them.graph.constant(all_of_them.real(2, 4, 3))
    all_of_them.node("MatMul", [constant, all_of_them.input(2, 3, 5)])
    for trans_a, trans_b, summand in PRODUCTS:
        inputs = [
            all_of_them.input(*((4, 3) if trans_a else (3, 4))),
            all_of_them.input(*((5, 4) if trans_b else (4, 5))),
        ]
        if summand is not None:
            inputs.append(all_of_them.input(*summand))
        all_of_them.node("Gemm", inputs, transA=trans_a, transB=trans_b, alpha=0.5, beta=1.5)


def convolutions(all_of_them: Operators) -> None:
    for groups, bias in ((1, False), (2, True)):
        inputs = [all_of_them.input(1, 4, 6, 5), all_of_them.input(6, 4 // groups, 3, 2)]
        inputs += [all_of_them.input(6)] if bias else []
        all_of_them.node("Conv", inputs, group=groups, pads=[1, 0, 1, 1], strides=[2, 1])


def normalizations(all_of_them: Operators) -> None:
    x = all_of_them.input(2, 3, 8)
    constant = all_of_them.graph.constant
    parameters = [constant(all_of_them.real(8)), constant(all_of_them.real(8))]
    all_of_them.node("LayerNormalization", [x, *parameters])
    matrices = [constant(all_of_them.real(3, 8)), constant(all_of_them.real(3, 8))]
    all_of_them.node("LayerNormalization", [x, *matrices], axis=1)
    image = all_of_them.input(2, 4, 3, 5)
    channels = [constant(all_of_them.real(4)), constant(all_of_them.real(4))]
    all_of_them.node("InstanceNormalization", [image, *channels])
    all_of_them.node("GroupNormalization", [image, *channels], num_groups=2)


GROUPS = (each, binary, products, convolutions, normalizations)
