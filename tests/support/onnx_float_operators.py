"""Float32 ONNX models of many operators of a kind, each an output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from tests.support.exactness import Subject
from tests.support.onnx_cases import model_bytes
from tests.support.onnx_classical_operators import classical
from tests.support.onnx_dynamic_operators import dynamic
from tests.support.onnx_operators import Operators
from tests.support.onnx_whole_operators import along, gathered, rearranged, whole
from tests.support.qdq_graphs import f32, i64, read

__all__ = ("GROUPS", "Operators", "normalizations", "subject_of")

# Functions of one value, each with attributes and whether it wants positive values only.
EACH: Sequence[tuple[str, dict[str, Any], bool]] = (
    ("Abs", {}, False),
    ("Ceil", {}, False),
    ("Celu", {"alpha": 0.7}, False),
    ("Cos", {}, False),
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
    ("Mish", {}, False),
    ("Neg", {}, False),
    ("Reciprocal", {}, True),
    ("Round", {}, False),
    ("Selu", {}, False),
    ("Selu", {"alpha": 1.5, "gamma": 1.2}, False),
    ("Sign", {}, False),
    ("Sin", {}, False),
    ("Softplus", {}, False),
    ("Softsign", {}, False),
    ("Sqrt", {}, True),
    ("ThresholdedRelu", {"alpha": 0.4}, False),
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
RESIZINGS: Sequence[dict[str, Any]] = (
    {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    {"mode": "nearest"},
    {"mode": "linear"},
    {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
    {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"},
)


EXTREMES = ("ReduceMax", "ReduceMin")
SUMS = (*("ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceProd"),)


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
    for op_type in ("Max", "Min", "Sum", "Mean"):
        operands = [all_of_them.input(*shape) for shape in ((2, 3, 4), (3, 1), (4,))]
        all_of_them.node(op_type, operands)
        all_of_them.node(op_type, operands[:1])
    slope = all_of_them.graph.constant(all_of_them.real(3, 1, 1))
    all_of_them.node("PRelu", [all_of_them.input(2, 3, 4, 5), slope])


def truths(all_of_them: Operators) -> None:
    """Comparisons, logic and choices; truths come out as reals, places as they are."""
    graph = all_of_them.graph
    a, b = all_of_them.input(2, 3, 4), all_of_them.input(3, 1)
    found = [
        graph.node(op_type, [graph.node("Round", [x]) for x in (a, b)])
        for op_type in ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
    ]
    found += [graph.node(op_type, [found[1], found[4]]) for op_type in ("And", "Or", "Xor")]
    found.append(graph.node("Not", [found[1]]))
    for truth in found:
        all_of_them.node("Cast", [truth], to=TensorProto.FLOAT)
    all_of_them.node("Where", [found[1], a, graph.constant(0.5, np.float32)])
    all_of_them.node("Where", [found[3], b, a])
    known = graph.constant(np.array([[True], [False], [True]]))
    all_of_them.node("Where", [known, a, b])
    for op_type in ("ArgMax", "ArgMin"):
        all_of_them.node(op_type, [a], axis=1, keepdims=0)
        all_of_them.node(op_type, [graph.node("Round", [a])], axis=-1)


def powers(all_of_them: Operators) -> None:
    for exponent in (1.0, 2.0, 3.0, 4.0, 0.5, -1.0, -2.0, -0.5):
        x = all_of_them.graph.node("Abs", [all_of_them.input(2, 5)])
        x = all_of_them.graph.node("Add", [x, all_of_them.graph.constant(0.1, np.float32)])
        all_of_them.node("Pow", [x, all_of_them.graph.constant(exponent, np.float32)])
    x = all_of_them.graph.node("Abs", [all_of_them.input(3, 1, 5)])
    all_of_them.node("Pow", [x, all_of_them.input(2, 5)])
    for value in (f32(1.5), f32(-0.3), f32([[0.1, 2.0, -3.0, 0.0, 7.0]])):
        all_of_them.node("Pow", [x, all_of_them.graph.constant(value)])
    whole_exponents = all_of_them.graph.constant(f32([0, 1, 2, -3, 5]))
    all_of_them.node("Pow", [all_of_them.input(2, 5), whole_exponents])
    for value in (f32(2), i64(3), f32([[2], [2]])):
        constant = all_of_them.graph.constant(value)
        all_of_them.node("Pow", [all_of_them.input(2, 5), constant])


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


def recurrent(all_of_them: Operators) -> None:
    """LSTM, GRU and RNN in all directions, with and without what may be left out."""
    steps, batch, n_inputs, units = 4, 2, 3, 5
    for op_type, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        for direction, n in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            for has_states in (False, True):
                x = all_of_them.input(steps, batch, n_inputs)
                weights = [
                    all_of_them.graph.constant(all_of_them.real(n, gates * units, size) / 2)
                    for size in (n_inputs, units)
                ]
                inputs = [x, *weights]
                attributes: dict[str, Any] = {"direction": direction, "hidden_size": units}
                if has_states:
                    bias = all_of_them.graph.constant(all_of_them.real(n, 2 * gates * units))
                    inputs += [bias, "", all_of_them.input(n, batch, units)]
                    inputs += [all_of_them.input(n, batch, units)] if op_type == "LSTM" else []
                    if op_type == "GRU":
                        attributes["linear_before_reset"] = 1
                    if op_type == "RNN":
                        attributes["activations"] = ["Relu"] * n
                all_of_them.nodes(op_type, inputs, 3 if op_type == "LSTM" else 2, **attributes)


def movements(all_of_them: Operators) -> None:
    """Gather, Pad, Resize, Split, reductions, LogSoftmax and ConvTranspose."""
    constant = all_of_them.graph.constant
    x = all_of_them.input(2, 3, 4, 5)
    all_of_them.node("Gather", [x, constant([[2, 0], [-1, 1]], np.int64)], axis=1)
    for mode in ("edge", "reflect"):
        pads = constant([0, 1, 2, 0, 1, 0, 3, 2], np.int64)
        all_of_them.node("Pad", [x, pads], mode=mode)
    for attributes in RESIZINGS:
        sizes = constant([2, 3, 7, 4], np.int64)
        all_of_them.node("Resize", [x, "", "", sizes], **attributes)
        scales = constant([1, 1, 2, 1.5], np.float32)
        all_of_them.node("Resize", [x, "", scales], **attributes)
    for mode in ("DCR", "CRD"):
        deep = all_of_them.input(2, 12, 3, 4)
        all_of_them.node("DepthToSpace", [deep], blocksize=2, mode=mode)
    all_of_them.node("SpaceToDepth", [all_of_them.input(2, 3, 4, 6)], blocksize=2)
    all_of_them.nodes("Split", [x, constant([1, 2], np.int64)], 2, axis=1)
    for op_type in (*EXTREMES, *SUMS):
        all_of_them.node(op_type, [x, constant([1, 3], np.int64)], keepdims=0)
        all_of_them.node(op_type, [x])
    all_of_them.node("GlobalMaxPool", [x])
    all_of_them.node("LogSoftmax", [x], axis=2)
    weights = all_of_them.input(3, 2, 3, 2)
    all_of_them.node("ConvTranspose", [x, weights], strides=[2, 3], pads=[1, 0, 0, 1])
    bias = constant(all_of_them.real(2))
    padded: dict[str, Any] = {"output_shape": [12, 10], "output_padding": [1, 1]}
    inputs = [x, constant(all_of_them.real(3, 2, 3, 3)), bias]
    all_of_them.node("ConvTranspose", inputs, strides=[3, 2], **padded)


GROUPS = (
    each,
    binary,
    truths,
    powers,
    products,
    convolutions,
    normalizations,
    recurrent,
    movements,
    dynamic,
    classical,
    whole,
    gathered,
    along,
    rearranged,
)
