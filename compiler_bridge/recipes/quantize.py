"""int8 post-training quantization of a float ONNX model, through onnxruntime.

The variant is in QDQ form: weights int8 and symmetric, activations int8 and asymmetric, biases
int32. Inputs and outputs stay float32, with a QuantizeLinear first and a DequantizeLinear last.
Where fewer bits are asked for, weights are stored as int4; those of 2 bits are within -2..1.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from fitgraph.compiler_bridge.recipes.atomic_file import write_atomically
from fitgraph.compiler_bridge.recipes.calibration import (
    CalibrationSet,
    check_calibration,
    model_inputs,
)
from fitgraph.compiler_bridge.recipes.canonical import canonical_bytes
from fitgraph.compiler_bridge.recipes.errors import NotFloatModelError, RecipeError, first_line
from fitgraph.compiler_bridge.recipes.float_model import FloatModel, load_float_model
from fitgraph.compiler_bridge.recipes.int8_operators import (
    INT8_OPERATORS,
    clips_away_zero,
    count_operators,
    has_quantizable_operator,
)
from fitgraph.compiler_bridge.recipes.low_bit_weights import Override, round_weights
from fitgraph.compiler_bridge.recipes.prepare import INT8_BITS, least_opset, prepare
from fitgraph.compiler_bridge.recipes.progress import Progress, no_progress
from fitgraph.compiler_bridge.recipes.ranges import METHOD_OPTIONS, RangeMethod, activation_ranges
from fitgraph.compiler_bridge.recipes.recipe import QuantizedModel, Recipe
from fitgraph.registry.errors import StorageError

RECIPE_NAME = "int8-post-training"
WEIGHT_BITS = (INT8_BITS, 4, 2)


@dataclass(frozen=True, slots=True)
class _Choices:
    per_channel: bool
    method: RangeMethod
    weight_bits: int


def quantize_int8(
    model_path: Path,
    calibration: Mapping[str, npt.NDArray[np.generic]],
    output_path: Path,
    *,
    per_channel: bool = True,
    method: RangeMethod = RangeMethod.MIN_MAX,
    weight_bits: int = 8,
    progress: Progress = no_progress,
) -> QuantizedModel:
    """Quantize a float ONNX model to int8 and write the variant to ``output_path``.

    The same model, data, choices and onnxruntime give the same bytes. The file appears whole or
    not at all.

    Args:
        calibration: input name to samples of shape (n, *input shape); the input's leading batch
            dimension of 1 may be left out.
        per_channel: one weight scale for each output channel instead of one for each tensor.
        weight_bits: 8, or 4 or 2 for dense layers and convolutions other than depthwise ones.
        progress: called with the stage, the steps done and the steps in all.

    Raises:
        InvalidModelError: the file is absent, not ONNX, or not valid.
        NotFloatModelError: the model is quantized already or has no operator to quantize.
        CalibrationError: the data does not match the model, is empty, or is not finite.
        RecipeError: onnxruntime cannot run or quantize the model, or there is no such number of
            bits.
        StorageError: the variant, or a temporary file, cannot be written.
    """
    if weight_bits not in WEIGHT_BITS:
        raise RecipeError(
            f"Weights cannot be quantized to {weight_bits} bits.",
            hint=f"Choose among {', '.join(str(bits) for bits in WEIGHT_BITS)}.",
        )
    choices = _Choices(per_channel, method, weight_bits)
    progress("prepare", 0, 1)
    model = load_float_model(Path(model_path))
    if not has_quantizable_operator(model.proto):
        raise NotFloatModelError(
            f"{model.path} has no float32 operator that int8 can replace.",
            hint=f"These are quantized: {', '.join(INT8_OPERATORS)}.",
        )
    samples = check_calibration(model_inputs(model.proto), calibration)
    quantized = _in_temporary_folder(model, samples, choices, progress)
    data = canonical_bytes(quantized)
    write_atomically(Path(output_path), data)
    int8_operators, float_operators = count_operators(quantized)
    return QuantizedModel(
        path=Path(output_path),
        sha256=hashlib.sha256(data).hexdigest(),
        n_bytes=len(data),
        recipe=_recipe(model, samples, choices),
        int8_operators=int8_operators,
        float_operators=float_operators,
    )


def _in_temporary_folder(
    model: FloatModel, samples: CalibrationSet, choices: _Choices, progress: Progress
) -> onnx.ModelProto:
    """The quantizer works on files; none of them outlives it."""
    try:
        with tempfile.TemporaryDirectory(prefix="fitgraph-quantize-") as folder:
            prepared = prepare(model, Path(folder), least_opset(choices.weight_bits))
            progress("prepare", 1, 1)
            return _quantize(model, prepared, samples, choices, progress)
    except OSError as error:
        raise StorageError(
            f"The temporary folder {tempfile.gettempdir()} cannot be written: "
            f"{error.strerror or error}.",
            hint="Make space there, or set TMPDIR to another folder.",
        ) from error


def _quantize(
    model: FloatModel,
    prepared: Path,
    samples: CalibrationSet,
    choices: _Choices,
    progress: Progress,
) -> onnx.ModelProto:
    proto = onnx.load(prepared)
    try:
        overrides = _rounded(proto, prepared, choices)
        ranges = activation_ranges(prepared, samples, choices.method, progress)
        quantizer = QDQQuantizer(
            proto,
            choices.per_channel,
            False,  # all 8 bits of a weight: Cortex-M accumulates in 32 bits  # noqa: FBT003
            QuantType.QInt8,
            QuantType.QInt8,
            ranges,
            nodes_to_quantize=[],
            nodes_to_exclude=[],
            op_types_to_quantize=list(INT8_OPERATORS),
            extra_options={
                "ActivationSymmetric": False,
                "WeightSymmetric": True,
                # Pooling and reshaping right behind the input are quantized too.
                "ForceQuantizeNoInputCheck": True,
                "QDQKeepRemovableActivations": clips_away_zero(proto),
                **({"TensorQuantOverrides": overrides} if overrides else {}),
            },
        )
        _quantize_before_activations(quantizer, proto)
        quantized: onnx.ModelProto = quantizer.quantize_model()
    except OSError:
        raise
    except Exception as error:  # onnxruntime's exceptions share no base but Exception
        raise RecipeError(
            f"onnxruntime cannot quantize {model.path}: {first_line(error)}",
            hint="Check that onnxruntime runs the float model on the calibration data.",
        ) from error
    return quantized


def _rounded(proto: onnx.ModelProto, prepared: Path, choices: _Choices) -> dict[str, Override]:
    """Where few bits are asked for, the model's weights in them, also for what is calibrated."""
    if choices.weight_bits == INT8_BITS:
        return {}
    overrides = round_weights(proto, choices.weight_bits, per_channel=choices.per_channel)
    onnx.save(proto, prepared)
    return overrides


def _quantize_before_activations(quantizer: QDQQuantizer, proto: onnx.ModelProto) -> None:
    """Ask for int8 before each Relu and Clip.

    The quantizer leaves them in float when nothing else wants their input in int8, for one at the
    model's input.
    """
    for node in proto.graph.node:
        if node.op_type in ("Relu", "Clip"):
            quantizer.quantize_activation_tensor(node.input[0])


def _recipe(model: FloatModel, samples: CalibrationSet, choices: _Choices) -> Recipe:
    return Recipe(
        name=RECIPE_NAME,
        tool=f"onnxruntime {onnxruntime.__version__}",
        parameters={
            "format": "QDQ",
            "per_channel": choices.per_channel,
            "range_method": str(choices.method),
            **METHOD_OPTIONS[choices.method],
            "activations": "int8 asymmetric",
            "weights": f"int{choices.weight_bits} symmetric",
        },
        source_sha256=model.sha256,
        calibration_sha256=samples.sha256,
        n_calibration_samples=samples.n_samples,
    )
