"""Make a float ONNX model ready for onnxruntime's static quantizer.

onnxruntime recommends shape inference and graph optimization first (its documentation,
"Quantize ONNX models", section "Pre-processing"): the quantizer skips tensors whose type it does
not know, and a batch normalization that was folded into its convolution needs no range of its own.
"""

from __future__ import annotations

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
_ERRORS_ONLY = 3


def prepare(model: FloatModel, folder: Path) -> Path:
    """Raise the opset if needed, fold batch normalizations and constants, infer shapes.

    Returns:
        the prepared model's path inside ``folder``.

    Raises:
        RecipeError: the model cannot be converted, or onnxruntime cannot load it.
    """
    optimized = _optimize(model, _with_opset(model), folder)
    rewritten = split_gemm_biases(fold_batch_norms(optimized))
    proto = _optimize(model, rewritten, folder)
    add_pre_process_metadata(proto)
    prepared = folder / "prepared.onnx"
    onnx.save(proto, prepared)
    return prepared


def _with_opset(model: FloatModel) -> onnx.ModelProto:
    version = next(
        (entry.version for entry in model.proto.opset_import if entry.domain in ("", "ai.onnx")),
        _PER_CHANNEL_OPSET,
    )
    if version >= _PER_CHANNEL_OPSET:
        return model.proto
    try:
        return onnx.version_converter.convert_version(model.proto, _PER_CHANNEL_OPSET)
    except Exception as error:  # the converter raises bare RuntimeErrors and C++ exceptions
        raise RecipeError(
            f"{model.path} has opset {version} and cannot be raised to "
            f"{_PER_CHANNEL_OPSET}: {first_line(error)}",
            hint=f"Export the model with opset {_PER_CHANNEL_OPSET} or newer.",
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
