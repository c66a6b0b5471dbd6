"""Classical models of ai.onnx.ml: trees, linear models, scalers, and what stands around them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.decision_trees import BadTreesError, Trees, trees
from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_binary import OPERATIONS
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_unary import SIGMOID
from fitgraph.compiler_bridge.lower.onnx_views import Numbers, View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

DOMAIN = "ai.onnx.ml"
_AGGREGATES = {"SUM": 0, "AVERAGE": 1, "MIN": 2, "MAX": 3}  # operations of the kernel trees_f32
_NORMS = {"MAX": 0, "L1": 1, "L2": 2}  # of the kernel norm_rows_f32
_TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX")
_SURE = 0.5  # of a probability, where the second of two classes begins


def lower_tree_regressor(operator: Operator, context: OnnxContext) -> None:
    """Sums, averages or extremes of the trees' weights."""
    n_targets = int(operator.attributes.get("n_targets", 1))
    source = _rows(operator, context)
    if _transform(operator, context) != "NONE":
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
    labels, source = _labels(operator, context), _rows(operator, context)
    n, transform = len(labels), _transform(operator, context)
    found = _trees(operator, context, "class", n, source)
    if n == 2:
        if found.targets != {0} or len(operator.attributes.get("base_values", ())) > 1:
            raise context.refusal(operator, "of two classes, not the first alone has weights")
        base = np.array(operator.attributes.get("base_values", (0.0,)), np.float32)
        score = _emit_trees(context, found, source, base, _AGGREGATES["SUM"])
        _label(operator, context, score, labels, _SURE if found.all_positive else 0.0)
        is_logistic = transform == "LOGISTIC"
        whole = 1.0 if found.all_positive and not is_logistic else 0.0
        scores = _two_classes(context, score, whole)
        if is_logistic:
            scores = _transformed(context, scores, transform)
        context.bind(operator, scores, 1)
        return
    given = operator.attributes.get("base_values", ())
    if n < 2 or not (found.always_scored or len(given) == n):
        raise context.refusal(operator, f"of {n} classes, not all get a score from each input")
    scores = _emit_trees(context, found, source, _base(operator, context, n), _AGGREGATES["SUM"])
    _label(operator, context, scores, labels, 0.0)
    context.bind(operator, _transformed(context, scores, transform), 1)


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
    return _emit(context, "trees_f32", fields, source, len(base))


def lower_linear_regressor(operator: Operator, context: OnnxContext) -> None:
    """A dense layer."""
    if _transform(operator, context) != "NONE":
        raise context.refusal(operator, "it transforms its scores")
    n = int(operator.attributes.get("targets", 1))
    context.bind(operator, _linear(operator, context, n))


def lower_linear_classifier(operator: Operator, context: OnnxContext) -> None:
    """A dense layer, the label of the largest score, and the scores."""
    labels, transform = _labels(operator, context), _transform(operator, context)
    n = len(operator.attributes.get("intercepts", ())) or len(labels)
    if n != len(labels) or n < 2:
        raise context.refusal(operator, f"it has {n} scores for {len(labels)} classes")
    scores = _linear(operator, context, n)
    _label(operator, context, scores, labels, 0.0)
    context.bind(operator, _transformed(context, scores, transform), 1)


def _linear(operator: Operator, context: OnnxContext, n: int) -> View:
    source = _rows(operator, context)
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
    return _emit(context, "fully_connected_f32", fields, source, n)


def lower_scaler(operator: Operator, context: OnnxContext) -> None:
    """Less an offset, times a scale; of each column or of all."""
    view = _rows(operator, context)
    for name, operation, plain in (("offset", "Sub", 0.0), ("scale", "Mul", 1.0)):
        row = np.array(operator.attributes.get(name, (plain,)), np.float32)
        if row.size not in (1, view.shape[1]):
            raise context.refusal(operator, f"its {name} has {row.size} numbers")
        loops = broadcast_loops(context.builder.label, view.shape, row.shape, view.shape)
        fields: dict[str, Field] = {"loops": loops, "operation": OPERATIONS[operation]}
        fields |= {"low": -FLOAT32_MAX, "high": FLOAT32_MAX}
        value = context.builder.value(f"{context.builder.label} part", view.shape, DType.FLOAT32)
        operands = (view.operand, row)
        context.builder.step("binary_f32", fields, operands, value, clearance_bytes=0)
        view = replace(view, operand=value)
    context.bind(operator, view)


def lower_normalizer(operator: Operator, context: OnnxContext) -> None:
    """Rows brought to one size."""
    norm = str(operator.attributes.get("norm", "MAX"))
    if norm not in _NORMS:
        raise context.refusal(operator, f"its norm is {norm}")
    view = _rows(operator, context)
    rows, n = view.shape
    fields: dict[str, Field] = {"norm": _NORMS[norm], "rows": rows, "n": n}
    context.bind(operator, _emit(context, "norm_rows_f32", fields, view, n))


def lower_zip_map(operator: Operator, context: OnnxContext) -> None:
    """Scores stay in the order of the labels that they are filed under, from the smallest."""
    labels = list(operator.attributes.get("classlabels_int64s", ()))
    if not labels or labels != sorted(labels):
        raise context.refusal(operator, f"its labels {labels[:9]} are no rising integers")
    context.bind(operator, context.float_view(operator, 0))


def _rows(operator: Operator, context: OnnxContext) -> View:
    """The first input as rows of float32."""
    view = context.logical(context.float_view(operator, 0))
    if len(view.shape) != 2:
        raise context.refusal(operator, f"its input has shape {list(view.shape)}, no rows")
    return view


def _labels(operator: Operator, context: OnnxContext) -> Array:
    a = operator.attributes
    labels = a.get("classlabels_int64s") or a.get("classlabels_ints") or ()
    if not labels or any(abs(int(label)) > np.iinfo(np.int32).max for label in labels):
        raise context.refusal(operator, "its labels are no integers of 32 bits")
    return np.array(labels, np.int32)


def _transform(operator: Operator, context: OnnxContext) -> str:
    name = str(operator.attributes.get("post_transform", "NONE"))
    if name not in _TRANSFORMS:
        raise context.refusal(operator, f"its scores go through {name}")
    return name


def _label(
    operator: Operator, context: OnnxContext, scores: View, labels: Array, threshold: float
) -> None:
    batch, n = scores.shape
    fields: dict[str, Field] = {"labels": labels, "threshold": threshold, "batch": batch, "n": n}
    value = context.new_value(operator, (batch,), DType.INT64)
    context.builder.step("class_label", fields, (scores.operand,), value)
    context.bind(operator, Numbers(View(value, (batch,), (0,)), DType.INT64))


def _two_classes(context: OnnxContext, score: View, whole: float) -> View:
    fields: dict[str, Field] = {"whole": whole, "n": score.shape[0]}
    return _emit(context, "two_classes_f32", fields, score, 2)


def _transformed(context: OnnxContext, scores: View, transform: str) -> View:
    batch, n = scores.shape
    if transform == "SOFTMAX":
        fields: dict[str, Field] = {"rows": batch, "columns": n, "beta": 1.0}
        return _emit(context, "softmax_f32", fields, scores, n)
    if transform == "LOGISTIC":
        fields = {"operation": SIGMOID, "low": 0.0, "high": 0.0, "n": math.prod(scores.shape)}
        return _emit(context, "unary_f32", fields, scores, n)
    return scores


def _emit(
    context: OnnxContext, kernel: str, fields: dict[str, Field], source: View, n: int
) -> View:
    shape = (source.shape[0], n)
    value = context.builder.value(f"{context.builder.label} {kernel}", shape, DType.FLOAT32)
    context.builder.step(kernel, fields, (source.operand,), value)
    return View(value, shape, identity(len(shape)))


TABLE: LoweringTable = {
    "LinearClassifier": lowering(lower_linear_classifier, DType.INT64, max_version=1),
    "LinearRegressor": lowering(lower_linear_regressor, DType.FLOAT32, max_version=1),
    "Normalizer": lowering(lower_normalizer, DType.FLOAT32, max_version=1),
    "Scaler": lowering(lower_scaler, DType.FLOAT32, max_version=1),
    "TreeEnsembleClassifier": lowering(lower_tree_classifier, DType.INT64, max_version=3),
    "TreeEnsembleRegressor": lowering(lower_tree_regressor, DType.FLOAT32, max_version=3),
    "ZipMap": lowering(lower_zip_map, DType.FLOAT32, max_version=1),
}
