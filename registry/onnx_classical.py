"""What shapes the operators of ai.onnx.ml have, said with standard ones that inference knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto, helper, numpy_helper

DOMAIN = "ai.onnx.ml"
ZIP_MAP = "ZipMap"
_LIKE_THEIR_INPUT = frozenset({"Binarizer", "Imputer", "Normalizer", "Scaler", ZIP_MAP})
_CLASSIFIERS = frozenset({"LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier"})
# Attribute with the number of columns, which is 1 where it is left out.
_REGRESSORS = {
    "LinearRegressor": "targets",
    "SVMRegressor": "",
    "TreeEnsembleRegressor": "n_targets",
}
_MOST_COLUMNS = 1024
_LABELS = ("classlabels_ints", "classlabels_int64s", "classlabels_strings")


def standard_form(node: NodeProto, rows: Collection[str] = ()) -> Sequence[NodeProto]:
    """Nodes with the same outputs in type and shape; the node itself where none are known.

    Args:
        rows: names of constants with one axis.
    """
    if node.op_type in _LIKE_THEIR_INPUT and len(node.output) == 1:
        return [helper.make_node("Identity", node.input[:1], node.output)]
    if node.op_type in _REGRESSORS and len(node.output) == 1:
        name = _REGRESSORS[node.op_type]
        counts = [attribute.i for attribute in node.attribute if attribute.name == name]
        return _columns(node, node.output[0], counts[0] if counts else 1) or [node]
    if node.op_type in _CLASSIFIERS and len(node.output) == 2:
        return _classified(node) or [node]
    if node.op_type == "ArrayFeatureExtractor" and len(node.input) == 2:
        return _extracted(node, is_row=node.input[0] in rows)
    if node.op_type == "LabelEncoder" and len(node.output) == 1:
        return _encoded(node)
    return [node]


def _extracted(node: NodeProto, *, is_row: bool) -> Sequence[NodeProto]:
    """Columns by their numbers; a single axis is taken for one row."""
    source, indices = node.input
    flat, row = f"{node.output[0]}/flat", f"{node.output[0]}/row"
    nodes = _reshaped(indices, flat, [-1])
    if is_row:
        nodes += _reshaped(source, row, [1, -1])
    gather = helper.make_node("Gather", [row if is_row else source, flat], node.output, axis=-1)
    return [*nodes, gather]


def _reshaped(source: str, target: str, shape: Sequence[int]) -> list[NodeProto]:
    value = numpy_helper.from_array(np.array(shape, np.int64))
    return [
        helper.make_node("Constant", [], [f"{target}/shape"], value=value),
        helper.make_node("Reshape", [source, f"{target}/shape"], [target]),
    ]


_VALUES = {
    "values_strings": TensorProto.STRING,
    "values_int64s": TensorProto.INT64,
    "values_floats": TensorProto.FLOAT,
}


def _encoded(node: NodeProto) -> Sequence[NodeProto]:
    """As many values as there are keys, of the type that its values have."""
    types = [_VALUES[a.name] for a in node.attribute if a.name in _VALUES]
    return [helper.make_node("Cast", node.input, node.output, to=types[0])] if types else [node]


def _classified(node: NodeProto) -> Sequence[NodeProto]:
    """A label for each row, and a score for each class."""
    lists = [one for one in node.attribute if one.name in _LABELS and _length(one)]
    n = _length(lists[0]) if lists else 0
    if node.op_type == "SVMClassifier" and not _is_given(node.attribute, "prob_a") and n > 2:
        n = n * (n - 1) // 2 if _is_given(node.attribute, "vectors_per_class") else n
    columns = _columns(node, node.output[1], n)
    label = node.output[0]
    is_text = bool(lists) and lists[0].name == "classlabels_strings"
    place = f"{label}/place" if is_text else label
    nodes = [helper.make_node("ArgMax", node.input[:1], [place], axis=1, keepdims=0)]
    if is_text:
        nodes.append(helper.make_node("Cast", [place], [label], to=TensorProto.STRING))
    return [*nodes, *columns] if columns else []


def _is_given(attributes: Iterable[AttributeProto], name: str) -> bool:
    return any(one.name == name and _length(one) for one in attributes)


def _length(attribute: AttributeProto) -> int:
    return len(attribute.ints) or len(attribute.strings) or len(attribute.floats)


def _columns(node: NodeProto, output: str, n: int) -> Sequence[NodeProto]:
    """As many rows as the input has, of n columns."""
    if not 0 < n <= _MOST_COLUMNS:
        return []
    one, real = f"{output}/one", f"{output}/real"
    return [
        helper.make_node("ArgMax", node.input[:1], [one], axis=1, keepdims=1),
        helper.make_node("Cast", [one], [real], to=TensorProto.FLOAT),
        helper.make_node("Concat", [real] * n, [output], axis=1),
    ]
