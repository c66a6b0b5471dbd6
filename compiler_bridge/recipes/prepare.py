"""Make a float ONNX model ready for onnxruntime's static quantizer.

onnxruntime recommends shape inference and graph optimization first (its documentation,
"Quantize ONNX models", section "Pre-processing"): the quantizer skips tensors whose type it does
not know, and a batch normalization that was folded into its convolution needs no range of its own.
"""

from __future__ import annotations

import math
from pathlib import Path

import onnx
import onnxruntime
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from fitgraph.compiler_bridge.recipes.errors import RecipeError, first_line
from fitgraph.compiler_bridge.recipes.float_model import FloatModel
from fitgraph.compiler_bridge.recipes.fold_batch_norm import fold_batch_norms
from fitgraph.compiler_bridge.recipes.gemm_bias import split_gemm_biases

# QuantizeLinear and DequantizeLinear take an axis from opset 13 on (ONNX operator changelog).
_PER_CHANNEL_OPSET = 13
# and integers of 4 bits from opset 21 on.
_INT4_OPSET = 21
INT8_BITS = 8
_ERRORS_ONLY = 3
# Of one value, far beyond a microcontroller; onnxruntime computes it if it is constant.
_MOST_ELEMENTS = 2**26


def least_opset(weight_bits: int) -> int:
    """That weights of so many bits need."""
    return _PER_CHANNEL_OPSET if weight_bits == INT8_BITS else _INT4_OPSET


def prepare(model: FloatModel, folder: Path, opset: int = _PER_CHANNEL_OPSET) -> Path:
    """Raise the opset if needed, fold batch normalizations and constants, infer shapes.

    Args:
        opset: the least that is wanted.

    Returns:
        the prepared model's path inside ``folder``.

    Raises:
        RecipeError: the model cannot be converted, onnxruntime cannot load it, or a value is large
            beyond measure.
    """
    _refuse_endless(model)
    optimized = _optimize(model, _with_opset(model, opset), folder)
    rewritten = split_gemm_biases(fold_batch_norms(optimized))
    proto = _optimize(model, rewritten, folder)
    add_pre_process_metadata(proto)
    prepared = folder / "prepared.onnx"
    onnx.save(proto, prepared)
    return prepared


def _refuse_endless(model: FloatModel) -> None:
    inferred = onnx.shape_inference.infer_shapes(model.proto, data_prop=True).graph
    for value in (*inferred.value_info, *inferred.output):
        n_elements = math.prod(dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim)
        if n_elements > _MOST_ELEMENTS:
            raise RecipeError(
                f"{model.path} computes {value.name!r} of {n_elements:,} elements; values of at "
                f"most {_MOST_ELEMENTS:,} are quantized.",
                hint="No microcontroller holds such a value; look at the shapes of the model.",
            )


def _with_opset(model: FloatModel, least: int) -> onnx.ModelProto:
    version = next(
        (entry.version for entry in model.proto.opset_import if entry.domain in ("", "ai.onnx")),
        least,
    )
    if version >= least:
        return model.proto
    try:
        return onnx.version_converter.convert_version(model.proto, least)
    except Exception as error:  # the converter raises bare RuntimeErrors and C++ exceptions
        raise RecipeError(
            f"{model.path} has opset {version} and cannot be raised to "
            f"{least}: {first_line(error)}",
            hint=f"Export the model with opset {least} or newer.",
        ) from error


def _optimize(model: FloatModel, proto: onnx.ModelProto, folder: Path) -> onnx.ModelProto:
    """Through onnxruntime's basic optimizations, which every CPU does alike."""
    output = folder / "optimized.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(output)
    options.log_severity_level = _ERRORS_ONLY
    try:
        onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's exceptions share no base but Exception
        raise RecipeError(
            f"onnxruntime cannot load {model.path}: {first_line(error)}",
            hint="Check that onnxruntime runs the float model.",
        ) from error
    return onnx.shape_inference.infer_shapes(onnx.load(output), data_prop=True)
