"""Support vector machines of ai.onnx.ml."""

from __future__ import annotations

import itertools
import math

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_rows import (
    emit_rows,
    label_of,
    labels_of,
    rows_of,
    transform_of,
    transformed,
)
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

_KERNELS = {"LINEAR": 0, "POLY": 1, "RBF": 2, "SIGMOID": 3}  # of the kernel svm_kernel_f32
_LARGEST_DEGREE = 9


def lower_svm_regressor(operator: Operator, context: OnnxContext) -> None:
    """A weighted sum over the support vectors, or its sign."""
    if transform_of(operator, context) != "NONE":
        raise context.refusal(operator, "it transforms its scores")
    source = rows_of(operator, context)
    n = int(operator.attributes.get("n_supports", 0))
    alike = _alike(operator, context, source, n) if n else source
    weights, rho = _row(operator, "coefficients"), _row(operator, "rho")
    if weights.size != alike.shape[1] or rho.size != 1:
        what = f"{weights.size} coefficients and {rho.size} offsets"
        raise context.refusal(operator, f"it has {what} for {alike.shape[1]}")
    fields: dict[str, Field] = {
        "weights": weights.reshape(1, -1),
        "bias": rho,
        "batch": alike.shape[0],
        "in_n": alike.shape[1],
        "out_n": 1,
        "low": -FLOAT32_MAX,
        "high": FLOAT32_MAX,
    }
    found = emit_rows(context, "fully_connected_f32", fields, alike, 1)
    if operator.attributes.get("one_class", 0):
        n_rows: dict[str, Field] = {"n": found.shape[0]}
        found = emit_rows(context, "side_f32", n_rows, found, 1)
    context.bind(operator, found)


def lower_svm_classifier(operator: Operator, context: OnnxContext) -> None:
    """The class that wins most of the pairs, and scores of pairs or probabilities of classes."""
    labels, source = labels_of(operator, context), rows_of(operator, context)
    counts = [int(count) for count in operator.attributes.get("vectors_per_class", ())]
    n, n_vectors = len(labels), sum(counts)
    if n < 2 or len(counts) != n or min(counts) < 0 or n_vectors < 1:
        raise context.refusal(operator, f"of {n} classes, {len(counts)} have support vectors")
    pairs, votes = _pairs(operator, context, source, counts)
    label_of(operator, context, votes, labels, 0.0)
    slope, offset = _row(operator, "prob_a"), _row(operator, "prob_b")
    transform = transform_of(operator, context)
    if slope.size:
        if slope.size != offset.size or slope.size != pairs.shape[1]:
            raise context.refusal(operator, f"it has {slope.size} sigmoids for its pairs")
        pairs = _probabilities(context, pairs, n, slope, offset)
    elif n == 2:
        if transform != "NONE":
            raise context.refusal(operator, f"its one score goes through {transform}")
        pairs = emit_rows(context, "both_signs_f32", {"n": pairs.shape[0]}, pairs, 2)
    context.bind(operator, transformed(context, pairs, transform), 1)


def _pairs(
    operator: Operator, context: OnnxContext, source: View, counts: list[int]
) -> tuple[View, View]:
    """A score for each pair of classes, and how many pairs each class wins."""
    n, n_vectors = len(counts), sum(counts)
    n_pairs = n * (n - 1) // 2
    weights, rho = _row(operator, "coefficients"), _row(operator, "rho")
    if weights.size != (n - 1) * n_vectors or rho.size != n_pairs:
        what = f"{weights.size} coefficients and {rho.size} offsets"
        raise context.refusal(operator, f"it has {what} for {n} classes")
    alike = _alike(operator, context, source, n_vectors)
    batch = source.shape[0]
    fields: dict[str, Field] = {
        "coefficients": weights,
        "rho": rho,
        "starts": np.array([0, *itertools.accumulate(counts)], np.int32),
        "rows": batch,
        "n_vectors": n_vectors,
        "n_classes": n,
    }
    builder = context.builder
    shapes = ((batch, n_pairs), (batch, n))
    pairs, votes = (builder.value(f"{builder.label} pairs", s, DType.FLOAT32) for s in shapes)
    builder.step("svm_pairs_f32", fields, (alike.operand,), pairs, also=(votes,))
    return View(pairs, shapes[0], identity(2)), View(votes, shapes[1], identity(2))


def _alike(operator: Operator, context: OnnxContext, source: View, n_vectors: int) -> View:
    """How alike each row is to each support vector."""
    vectors = _row(operator, "support_vectors")
    if vectors.size != n_vectors * source.shape[1]:
        what = f"{vectors.size} numbers in {n_vectors} support vectors"
        raise context.refusal(operator, f"it has {what} of {source.shape[1]}")
    name = str(operator.attributes.get("kernel_type", "LINEAR"))
    gamma, offset, degree = (*_row(operator, "kernel_params").tolist(), 0.0, 0.0, 0.0)[:3]
    is_power = name == "POLY" and degree == int(degree) and 0 < degree <= _LARGEST_DEGREE
    if name not in _KERNELS or (name == "POLY" and not is_power):
        raise context.refusal(operator, f"its kernel is {name} of degree {degree:g}")
    fields: dict[str, Field] = {
        "vectors": vectors,
        "operation": _KERNELS[name],
        "degree": int(degree) if name == "POLY" else 0,
        "gamma": gamma,
        "offset": offset,
        "rows": source.shape[0],
        "n": source.shape[1],
        "n_vectors": n_vectors,
    }
    return emit_rows(context, "svm_kernel_f32", fields, source, n_vectors)


def _probabilities(context: OnnxContext, pairs: View, n: int, slope: Array, offset: Array) -> View:
    builder, shape = context.builder, (pairs.shape[0], n)
    fields: dict[str, Field] = {"slope": slope, "offset": offset, "rows": shape[0], "n": n}
    value = builder.value(f"{builder.label} probabilities", shape, DType.FLOAT32)
    room = builder.value(f"{builder.label} room", (n * n + n,), DType.FLOAT32)
    builder.step("svm_probabilities_f32", fields, (pairs.operand,), value, also=(room,))
    return View(value, shape, identity(2))


def _row(operator: Operator, name: str) -> Array:
    found = np.array(operator.attributes.get(name, ()), np.float32)
    if not all(map(math.isfinite, found.tolist())):
        raise ValueError(f"{name} holds what is no number")
    return found


TABLE: LoweringTable = {
    "SVMClassifier": lowering(lower_svm_classifier, DType.INT64, max_version=1),
    "SVMRegressor": lowering(lower_svm_regressor, DType.FLOAT32, max_version=1),
}
