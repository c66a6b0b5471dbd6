"""Operators on whole numbers and truths that are computed, and slices by computed places."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from tests.support.onnx_operators import Operators
from tests.support.qdq_graphs import i64

ARITHMETIC = ("Add", "Sub", "Mul", "Div", "Max", "Min", "Mod")
COMPARISONS = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
REDUCTIONS = ("ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd")
TYPES = {TensorProto.INT64: np.int64, TensorProto.INT32: np.int32}


def whole(all_of_them: Operators) -> None:
    """Casts, arithmetic, comparisons, choices and what moves numbers."""
    graph = all_of_them.graph
    reals = all_of_them.input(2, 3, 4)
    for number, dtype in TYPES.items():
        tens = graph.node("Mul", [reals, graph.constant(10, np.float32)])
        x = graph.node("Cast", [tens], to=number)
        y = graph.constant(np.array([[3], [-2], [7]]), dtype)
        for op_type in ARITHMETIC:
            all_of_them.node(op_type, [x, y])
        all_of_them.node("Mod", [x, y], fmod=1)
        truths = [graph.node(op_type, [x, y]) for op_type in COMPARISONS]
        for truth in truths:
            all_of_them.node("Cast", [truth], to=number)
        all_of_them.node("Where", [truths[1], x, y])
        all_of_them.node("Cast", [x], to=TensorProto.FLOAT)
        all_of_them.node("Cast", [graph.node("Cast", [x], to=TensorProto.BOOL)], to=number)
        for op_type in REDUCTIONS:
            all_of_them.node(op_type, [x, graph.constant([2], np.int64)], keepdims=0)
        _moved(all_of_them, x, y)
    wide = graph.node("Cast", [reals], to=TensorProto.INT64)
    all_of_them.node("Cast", [wide], to=TensorProto.INT32)


def _moved(all_of_them: Operators, x: str, y: str) -> None:
    graph = all_of_them.graph
    all_of_them.node("Reshape", [x, graph.constant([4, 6], np.int64)])
    all_of_them.node("Transpose", [x], perm=[2, 0, 1])
    deep = graph.node("Reshape", [x, graph.constant([2, 3, 1, 2, 2], np.int64)])
    deep = graph.node("Concat", [deep, deep], axis=2)
    all_of_them.node("Transpose", [deep], perm=[4, 3, 2, 1, 0])
    starts, ends = graph.constant([0, 1], np.int64), graph.constant([1, 3], np.int64)
    all_of_them.node("Slice", [x, starts, ends, graph.constant([0, 2], np.int64)])
    all_of_them.nodes("Split", [x, graph.constant([1, 2], np.int64)], 2, axis=1)
    wide = graph.node("Expand", [y, graph.constant([2, 3, 1], np.int64)])
    all_of_them.node("Concat", [x, wide], axis=2)
    all_of_them.node("Gather", [x, graph.constant(i64([2, -1]))], axis=1)


def gathered(all_of_them: Operators) -> None:
    """Slices of reals, of constants and of whole numbers, by places that are computed."""
    graph = all_of_them.graph
    x = all_of_them.input(2, 5, 4)
    places = graph.node("ArgMax", [x], axis=1, keepdims=0)
    table = graph.constant(all_of_them.real(6, 3))
    all_of_them.node("Gather", [table, places])
    all_of_them.node("Gather", [x, places], axis=1)
    numbers = graph.constant(np.arange(24).reshape(2, 12) * 7, np.int64)
    all_of_them.node("Gather", [numbers, places], axis=1)
    behind = graph.node("Sub", [places, graph.constant(5, np.int64)])
    all_of_them.node("Gather", [x, behind], axis=1)
    row = graph.constant(np.arange(8) * 3, np.int64)
    ml = {"domain": "ai.onnx.ml"}
    all_of_them.node("ArrayFeatureExtractor", [row, places], **ml)
    flat = graph.node("Reshape", [x, graph.constant([2, 20], np.int64)])
    all_of_them.node("ArrayFeatureExtractor", [flat, graph.constant([[3], [17]], np.int64)], **ml)
    all_of_them.node("ArrayFeatureExtractor", [graph.constant(all_of_them.real(9)), places], **ml)


def along(all_of_them: Operators) -> None:
    """The largest and smallest, running sums, elements by places, and broadcasts."""
    graph = all_of_them.graph
    x = graph.node("Round", [all_of_them.input(2, 5, 4)])
    three = graph.constant([3], np.int64)
    for largest in (0, 1):
        for axis in (1, -1):
            all_of_them.nodes("TopK", [x, three], 2, axis=axis, largest=largest)
    for exclusive in (0, 1):
        for reverse in (0, 1):
            second = graph.constant(1, np.int64)
            all_of_them.node("CumSum", [x, second], exclusive=exclusive, reverse=reverse)
    places = graph.node("ArgMin", [x], axis=1, keepdims=1)
    all_of_them.node("GatherElements", [x, places], axis=1)
    constant = graph.constant(np.array([[0, -1, 2, 1]] * 5)[None].repeat(2, 0), np.int64)
    all_of_them.node("GatherElements", [x, constant], axis=2)
    all_of_them.node("GatherElements", [graph.node("Cast", [x], to=7), places], axis=1)
    wide = graph.constant([3, 1, 1, 4], np.int64)
    all_of_them.node("Expand", [graph.node("Slice", [x, *_one_row(all_of_them)]), wide])
    rows = [all_of_them.input(2, 6), graph.constant(all_of_them.real(3, 6))]
    for metric in ("euclidean", "sqeuclidean"):
        all_of_them.node("CDist", rows, domain="com.microsoft", metric=metric)


def rearranged(all_of_them: Operators) -> None:
    """Elements put elsewhere by constant places, masks, and endless numbers in them."""
    graph = all_of_them.graph
    x = all_of_them.input(2, 3, 4)
    whole_numbers = graph.node("Cast", [x], to=TensorProto.INT64)
    for source in (x, whole_numbers):
        all_of_them.node("Tile", [source, graph.constant([1, 2, 3], np.int64)])
        places = graph.constant([[0, 2], [1, -1]], np.int64)
        all_of_them.node("GatherND", [source, places])
    rows = graph.constant([[1], [0]], np.int64)
    all_of_them.node("ScatterND", [x, rows, all_of_them.input(2, 3, 4)])
    updates = [graph.constant([[[0, 1, 2, 2]]], np.int64), all_of_them.input(1, 1, 4)]
    all_of_them.node("ScatterElements", [x, *updates], axis=1)
    for upper in (0, 1):
        all_of_them.node("Trilu", [x, graph.constant(1 - upper, np.int64)], upper=upper)
    mask = graph.constant(np.where(np.arange(4) < 3, 0, -np.inf), np.float32)
    all_of_them.node("Softmax", [graph.node("Add", [x, mask])])
    bounds = [graph.constant(bound, np.int64) for bound in (-1, 2)]
    all_of_them.node("Clip", [whole_numbers, *bounds])
    none = graph.node("Div", [graph.node("Sub", [x, x]), graph.node("Round", [x])])
    all_of_them.node("Cast", [graph.node("IsNaN", [none])], to=TensorProto.FLOAT)


def _one_row(all_of_them: Operators) -> list[str]:
    constants = ([0, 0], [1, 1], [0, 2])
    return [all_of_them.graph.constant(values, np.int64) for values in constants]
