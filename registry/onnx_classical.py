"""What shapes the operators of ai.onnx.ml have, said with standard ones that inference knows."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import NodeProto, TensorProto, helper

DOMAIN = "ai.onnx.ml"
ZIP_MAP = "ZipMap"
_LIKE_THEIR_INPUT = frozenset({"Normalizer", "Scaler", ZIP_MAP})
_CLASSIFIERS = frozenset({"LinearClassifier", "TreeEnsembleClassifier"})
# Attribute with the number of columns, which is 1 where it is left out.
_REGRESSORS = {"LinearRegressor": "targets", "TreeEnsembleRegressor": "n_targets"}
_MOST_COLUMNS = 1024


def standard_form(node: NodeProto) -> Sequence[NodeProto]:
    """Nodes with the same outputs in type and shape; the node itself where none are known."""
    if node.op_type in _LIKE_THEIR_INPUT and len(node.output) == 1:
        return [helper.make_node("Identity", node.input[:1], node.output)]
    if node.op_type in _REGRESSORS and len(node.output) == 1:
        name = _REGRESSORS[node.op_type]
        counts = [attribute.i for attribute in node.attribute if attribute.name == name]
        return _columns(node, node.output[0], counts[0] if counts else 1) or [node]
    if node.op_type in _CLASSIFIERS and len(node.output) == 2:
        return _classified(node) or [node]
    return [node]


def _classified(node: NodeProto) -> Sequence[NodeProto]:
    """A label for each row, and a score for each class."""
    lists = [attribute.ints for attribute in node.attribute if "classlabels_int" in attribute.name]
    columns = _columns(node, node.output[1], len(lists[0]) if lists else 0)
    label = helper.make_node("ArgMax", node.input[:1], node.output[:1], axis=1, keepdims=0)
    return [label, *columns] if columns else []


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
