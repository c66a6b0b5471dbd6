"""What operators of ai.onnx.ml have in common: rows of features in, labels and scores out."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_unary import SIGMOID
from fitgraph.compiler_bridge.lower.onnx_views import Numbers, View, identity
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

_TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX")


def rows_of(operator: Operator, context: OnnxContext) -> View:
    """The first input as rows of float32."""
    view = context.logical(context.float_view(operator, 0))
    if len(view.shape) != 2:
        raise context.refusal(operator, f"its input has shape {list(view.shape)}, no rows")
    return view


def labels_of(operator: Operator, context: OnnxContext) -> Array:
    """The labels of the classes, which are integers of 32 bits."""
    a = operator.attributes
    labels = a.get("classlabels_int64s") or a.get("classlabels_ints") or ()
    if not labels or any(abs(int(label)) > np.iinfo(np.int32).max for label in labels):
        raise context.refusal(operator, "its labels are no integers of 32 bits")
    return np.array(labels, np.int32)


def transform_of(operator: Operator, context: OnnxContext) -> str:
    """What is done to the scores."""
    name = str(operator.attributes.get("post_transform", "NONE"))
    if name not in _TRANSFORMS:
        raise context.refusal(operator, f"its scores go through {name}")
    return name


def label_of(
    operator: Operator, context: OnnxContext, scores: View, labels: Array, threshold: float
) -> None:
    """Binds the first output to the label of the largest score; see the kernel ``class_label``."""
    batch, n = scores.shape
    fields: dict[str, Field] = {"labels": labels, "threshold": threshold, "batch": batch, "n": n}
    value = context.new_value(operator, (batch,), DType.INT64)
    context.builder.step("class_label", fields, (scores.operand,), value)
    context.bind(operator, Numbers(View(value, (batch,), (0,)), DType.INT64))


def transformed(context: OnnxContext, scores: View, transform: str) -> View:
    """The scores as they come out."""
    batch, n = scores.shape
    if transform == "SOFTMAX":
        fields: dict[str, Field] = {"rows": batch, "columns": n, "beta": 1.0}
        return emit_rows(context, "softmax_f32", fields, scores, n)
    if transform == "LOGISTIC":
        fields = {"operation": SIGMOID, "low": 0.0, "high": 0.0, "n": math.prod(scores.shape)}
        return emit_rows(context, "unary_f32", fields, scores, n)
    return scores


def emit_rows(
    context: OnnxContext, kernel: str, fields: dict[str, Field], source: View, n: int
) -> View:
    """A call that makes n numbers of each row."""
    shape = (source.shape[0], n)
    value = context.builder.value(f"{context.builder.label} {kernel}", shape, DType.FLOAT32)
    context.builder.step(kernel, fields, (source.operand,), value)
    return View(value, shape, identity(len(shape)))
