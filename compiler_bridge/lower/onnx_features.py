"""What stands around classical models: scalers, imputers, encoders, maps of labels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_binary import OPERATIONS
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_rows import emit_rows, rows_of
from fitgraph.compiler_bridge.lower.onnx_take import CLASSICAL_TABLE
from fitgraph.compiler_bridge.lower.onnx_views import Numbers
from fitgraph.compiler_bridge.lower.onnx_whole import cast, whole_view
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

_NORMS = {"MAX": 0, "L1": 1, "L2": 2}  # of the kernel norm_rows_f32
_OTHERWISE = -1  # what LabelEncoder gives for an integer that is no key


def lower_scaler(operator: Operator, context: OnnxContext) -> None:
    """Less an offset, times a scale; of each column or of all."""
    view = rows_of(operator, context)
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
    view = rows_of(operator, context)
    rows, n = view.shape
    fields: dict[str, Field] = {"norm": _NORMS[norm], "rows": rows, "n": n}
    context.bind(operator, emit_rows(context, "norm_rows_f32", fields, view, n))


def lower_zip_map(operator: Operator, context: OnnxContext) -> None:
    """Scores stay in the order of the labels that they are filed under, from the smallest."""
    labels = list(operator.attributes.get("classlabels_int64s", ()))
    if not labels or labels != sorted(labels):
        raise context.refusal(operator, f"its labels {labels[:9]} are no rising integers")
    context.bind(operator, context.float_view(operator, 0))


def lower_imputer(operator: Operator, context: OnnxContext) -> None:
    """One value, or what is no number, is replaced by what its column has for it."""
    source = rows_of(operator, context)
    rows, n = source.shape
    values = np.array(operator.attributes.get("imputed_value_floats", ()), np.float32)
    if values.size not in (1, n):
        raise context.refusal(operator, f"it has {values.size} values for {n} columns")
    replaced = float(operator.attributes.get("replaced_value_float", 0.0))
    fields: dict[str, Field] = {
        "values": np.broadcast_to(values, n),
        "replaced": np.array([0.0 if math.isnan(replaced) else replaced], np.float32),
        "replaces_none": int(math.isnan(replaced)),
        "rows": rows,
        "n": n,
    }
    context.bind(operator, emit_rows(context, "impute_f32", fields, source, n))


def lower_binarizer(operator: Operator, context: OnnxContext) -> None:
    """1 above a threshold, and 0 elsewhere."""
    source = rows_of(operator, context)
    fields: dict[str, Field] = {
        "alpha": float(operator.attributes.get("threshold", 0.0)),
        "beta": 0.0,
        "n": math.prod(source.shape),
    }
    context.bind(operator, emit_rows(context, "binarize_f32", fields, source, source.shape[1]))


def lower_label_encoder(operator: Operator, context: OnnxContext) -> None:
    """Whole numbers by a table."""
    attributes = operator.attributes
    keys, values = attributes.get("keys_int64s", ()), attributes.get("values_int64s", ())
    if not keys or len(keys) != len(values):
        raise context.refusal(operator, "its keys and values are not integers or texts, one each")
    source = whole_view(operator, context, 0)
    if context.builder.dtype_of(source.operand) is not DType.INT64:
        source = cast(context, source, DType.INT64)
    fields: dict[str, Field] = {
        "keys": np.array(keys, np.int32),
        "values": np.array(values, np.int32),
        "otherwise": int(attributes.get("default_int64", _OTHERWISE)),
        "n_keys": len(keys),
        "n": math.prod(source.shape),
    }
    value = context.new_value(operator, source.shape, DType.INT64)
    context.builder.step("relabel", fields, (source.operand,), value)
    context.bind(operator, Numbers(replace(source, operand=value), DType.INT64))


TABLE: LoweringTable = {
    **CLASSICAL_TABLE,
    "Binarizer": lowering(lower_binarizer, DType.FLOAT32, max_version=1),
    "Imputer": lowering(lower_imputer, DType.FLOAT32, max_version=1),
    "LabelEncoder": lowering(lower_label_encoder, DType.INT64, max_version=4),
    "Normalizer": lowering(lower_normalizer, DType.FLOAT32, max_version=1),
    "Scaler": lowering(lower_scaler, DType.FLOAT32, max_version=1),
    "ZipMap": lowering(lower_zip_map, DType.FLOAT32, max_version=1),
}
