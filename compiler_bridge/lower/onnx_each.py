"""Functions of one float32 value that each have a kernel of their own."""

from __future__ import annotations

import math
from dataclasses import replace

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

KERNELS = {
    "Abs": "absolute_f32",
    "Ceil": "floor_f32",
    "Celu": "celu_f32",
    "Cos": "cos_each_f32",
    "Elu": "elu_f32",
    "Erf": "erf_each_f32",
    "Exp": "exp_each_f32",
    "Floor": "floor_f32",
    "Gelu": "gelu_f32",
    "HardSigmoid": "hard_sigmoid_f32",
    "Log": "log_each_f32",
    "Mish": "mish_f32",
    "Neg": "negate_f32",
    "Reciprocal": "reciprocal_f32",
    "Round": "round_each_f32",
    "Selu": "selu_f32",
    "Sign": "sign_f32",
    "Sin": "sin_each_f32",
    "Softplus": "softplus_f32",
    "Softsign": "softsign_f32",
    "Sqrt": "sqrt_each_f32",
    "ThresholdedRelu": "thresholded_relu_f32",
}
# Defaults of alpha, and of beta or gamma; ONNX's where it has them.
PARAMETERS = {
    "Ceil": (1.0, 0.0),
    "Celu": (1.0, 0.0),
    "Elu": (1.0, 0.0),
    "HardSigmoid": (0.2, 0.5),
    "Selu": (1.67326319217681884765625, 1.05070102214813232421875),
    "ThresholdedRelu": (1.0, 0.0),
}


def lower_each(operator: Operator, context: OnnxContext) -> None:
    """One call over all elements, in whatever order they lie."""
    view = context.float_view(operator, 0)
    alpha, beta = PARAMETERS.get(operator.op_type, (0.0, 0.0))
    fields: dict[str, Field] = {
        "alpha": float(operator.attributes.get("alpha", alpha)),
        "beta": float(operator.attributes.get("gamma", operator.attributes.get("beta", beta))),
        "n": math.prod(view.shape),
    }
    kernel = KERNELS[operator.op_type]
    if operator.op_type == "Gelu" and operator.attributes.get("approximate", "none") == "tanh":
        kernel = "gelu_tanh_f32"
    value = context.new_value(operator, view.memory_shape, DType.FLOAT32)
    context.builder.step(kernel, fields, (view.operand,), value, clearance_bytes=0)
    context.bind(operator, replace(view, operand=value))


TABLE: LoweringTable = {
    name: lowering(lower_each, DType.FLOAT32, max_version=22) for name in KERNELS
}
