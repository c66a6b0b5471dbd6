"""Classical models of ai.onnx.ml: trees and linear models."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower import onnx_features, onnx_svm
from fitgraph.compiler_bridge.lower.decision_trees import BadTreesError, Trees, trees
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_rows import (
    emit_rows,
    label_of,
    labels_of,
    rows_of,
    transform_of,
    transformed,
)
from fitgraph.compiler_bridge.lower.onnx_views import View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

DOMAIN = "ai.onnx.ml"
_AGGREGATES = {"SUM": 0, "AVERAGE": 1, "MIN": 2, "MAX": 3}  # operations of the kernel trees_f32
_SURE = 0.5  # of a probability, where the second of two classes begins


def lower_tree_regressor(operator: Operator, context: OnnxContext) -> None:
    """Sums, averages or extremes of the trees' weights."""
    n_targets = int(operator.attributes.get("n_targets", 1))
    source = rows_of(operator, context)
    if transform_of(operator, context) != "NONE":
        raise context.refusal(operator, "it transforms its scores")
    found = _trees(operator, context, "target", n_targets, source)
    aggregate = str(operator.attributes.get("aggregate_function", "SUM"))
    operation = _AGGREGATES.get(aggregate)
    is_extreme = aggregate in ("MIN", "MAX")
    if operation is None or (is_extreme and not (found.every_leaf_weighs and n_targets == 1)):
        raise context.refusal(operator, f"it takes the {aggregate} of trees")
    base = _base(operator, context, n_targets)
    context.bind(operator, _emit_trees(context, found, source, base, operation))


def lower_tree_classifier(operator: Operator, context: OnnxContext) -> None:
    """The label of the largest score, and the scores."""
    labels, source = labels_of(operator, context), rows_of(operator, context)
    n, transform = len(labels), transform_of(operator, context)
    found = _trees(operator, context, "class", n, source)
    if n == 2:
        if found.targets != {0} or len(operator.attributes.get("base_values", ())) > 1:
            raise context.refusal(operator, "of two classes, not the first alone has weights")
        base = np.array(operator.attributes.get("base_values", (0.0,)), np.float32)
        score = _emit_trees(context, found, source, base, _AGGREGATES["SUM"])
        label_of(operator, context, score, labels, _SURE if found.all_positive else 0.0)
        is_logistic = transform == "LOGISTIC"
        whole = 1.0 if found.all_positive and not is_logistic else 0.0
        scores = _two_classes(context, score, whole)
        if is_logistic:
            scores = transformed(context, scores, transform)
        context.bind(operator, scores, 1)
        return
    given = operator.attributes.get("base_values", ())
    if n < 2 or not (found.always_scored or len(given) == n):
        raise context.refusal(operator, f"of {n} classes, not all get a score from each input")
    scores = _emit_trees(context, found, source, _base(operator, context, n), _AGGREGATES["SUM"])
    label_of(operator, context, scores, labels, 0.0)
    context.bind(operator, transformed(context, scores, transform), 1)


def _trees(
    operator: Operator, context: OnnxContext, kind: str, n_targets: int, source: View
) -> Trees:
    if any(name.endswith("_as_tensor") for name in operator.attributes):
        raise context.refusal(operator, "its thresholds or weights are tensors")
    if not 0 < n_targets <= np.iinfo(np.int16).max:
        raise context.refusal(operator, f"it has {n_targets} targets")
    try:
        return trees(operator.attributes, kind, n_targets, source.shape[1])
    except BadTreesError as error:
        raise context.refusal(operator, str(error)) from error


def _base(operator: Operator, context: OnnxContext, n: int) -> Array:
    """What is added to each score."""
    given = operator.attributes.get("base_values", ()) or (0.0,) * n
    if len(given) != n:
        raise context.refusal(operator, f"it has {len(given)} base values for {n} scores")
    return np.array(given, np.float32)


def _emit_trees(
    context: OnnxContext, found: Trees, source: View, base: Array, operation: int
) -> View:
    fields: dict[str, Field] = {
        "feature": found.feature,
        "threshold": found.threshold,
        "skip": found.skip,
        "roots": found.roots,
        "targets": found.tree_targets,
        "weights": "NULL" if found.rows is None else found.rows,  # type: ignore[dict-item]
        "base": base,
        "operation": operation,
        "batch": source.shape[0],
        "n_features": source.shape[1],
        "n_trees": len(found.roots),
        "n_targets": len(base),
    }
    return emit_rows(context, "trees_f32", fields, source, len(base))


def lower_linear_regressor(operator: Operator, context: OnnxContext) -> None:
    """A dense layer."""
    if transform_of(operator, context) != "NONE":
        raise context.refusal(operator, "it transforms its scores")
    n = int(operator.attributes.get("targets", 1))
    context.bind(operator, _linear(operator, context, n))


def lower_linear_classifier(operator: Operator, context: OnnxContext) -> None:
    """A dense layer, the label of the largest score, and the scores."""
    labels, transform = labels_of(operator, context), transform_of(operator, context)
    n = len(operator.attributes.get("intercepts", ())) or len(labels)
    if n != len(labels) or n < 2:
        raise context.refusal(operator, f"it has {n} scores for {len(labels)} classes")
    scores = _linear(operator, context, n)
    label_of(operator, context, scores, labels, 0.0)
    context.bind(operator, transformed(context, scores, transform), 1)


def _linear(operator: Operator, context: OnnxContext, n: int) -> View:
    source = rows_of(operator, context)
    given = np.array(operator.attributes.get("coefficients", ()), np.float32)
    bias = np.array(operator.attributes.get("intercepts", ()) or (0.0,) * max(n, 0), np.float32)
    if n < 1 or given.size != n * source.shape[1] or bias.size != n:
        what = f"{given.size} coefficients and {bias.size} intercepts"
        raise context.refusal(operator, f"it has {what} for {n} x {source.shape[1]}")
    fields: dict[str, Field] = {
        "weights": given.reshape(n, -1),
        "bias": bias,
        "batch": source.shape[0],
        "in_n": source.shape[1],
        "out_n": n,
        "low": -FLOAT32_MAX,
        "high": FLOAT32_MAX,
    }
    return emit_rows(context, "fully_connected_f32", fields, source, n)


def _two_classes(context: OnnxContext, score: View, whole: float) -> View:
    fields: dict[str, Field] = {"whole": whole, "n": score.shape[0]}
    return emit_rows(context, "two_classes_f32", fields, score, 2)


TABLE: LoweringTable = {
    **onnx_features.TABLE,
    **onnx_svm.TABLE,
    "LinearClassifier": lowering(lower_linear_classifier, DType.INT64, max_version=1),
    "LinearRegressor": lowering(lower_linear_regressor, DType.FLOAT32, max_version=1),
    "TreeEnsembleClassifier": lowering(lower_tree_classifier, DType.INT64, max_version=3),
    "TreeEnsembleRegressor": lowering(lower_tree_regressor, DType.FLOAT32, max_version=3),
}
