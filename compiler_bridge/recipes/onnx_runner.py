"""Run an ONNX file sample by sample, the way its operators are defined."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from fitgraph.compiler_bridge.recipes.errors import EvaluationError, first_line
from fitgraph.registry.errors import InvalidModelError

_ERRORS_ONLY = 3
_NUMPY_TYPES = {
    "tensor(float)": np.float32,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
}


def onnx_runner(path: Path) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    """A function from one sample to the output of a model with one input and one output.

    Graph optimizations are off: fused kernels round differently from one level, CPU and version
    to the next.

    Raises:
        InvalidModelError: onnxruntime cannot load the file.
        EvaluationError: there are several inputs or outputs, or an input type that is unknown.
    """
    session = _session(path)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if [len(inputs), len(outputs)] != [1, 1] or inputs[0].type not in _NUMPY_TYPES:
        raise EvaluationError(
            f"{path} has {len(outputs)} outputs and the inputs "
            f"{', '.join(f'{entry.name} {entry.type}' for entry in inputs) or 'none'}; "
            f"one output and one input of {', '.join(_NUMPY_TYPES)} can be evaluated.",
            hint="Hand in a function that runs the model instead.",
        )
    (entry,) = inputs
    shape = tuple(dim if isinstance(dim, int) else None for dim in entry.shape)
    dtype = _NUMPY_TYPES[entry.type]

    def run(sample: npt.NDArray[Any]) -> npt.NDArray[Any]:
        fed = _fit(sample, shape).astype(dtype)
        (output,) = session.run(None, {entry.name: fed})
        return np.asarray(output)

    return run


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's exceptions share no base but Exception
        raise InvalidModelError(
            f"{path} cannot be loaded by onnxruntime: {first_line(error)}",
            hint="Name an existing ONNX file that onnxruntime runs.",
        ) from error


def _fit(sample: npt.NDArray[Any], shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
    for candidate in (sample, sample[0]):
        if candidate.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, candidate.shape, strict=True)
        ):
            return candidate
    raise EvaluationError(
        f"A sample has shape {sample.shape[1:]}; the model's input is {shape}.",
        hint="Give the samples in the shape of the model's input, stacked along a first axis.",
    )
