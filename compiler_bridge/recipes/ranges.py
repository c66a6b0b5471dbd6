"""The value range of every activation, from calibration samples, with onnxruntime's calibrators.

onnxruntime's ``quantize_static`` would do this too, but passes no bin counts on: its entropy method
then compares 128 bins with 128 and never narrows a range.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path

from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import TensorsData, create_calibrator

from fitgraph.compiler_bridge.recipes.calibration import Array, CalibrationSet
from fitgraph.compiler_bridge.recipes.int8_operators import INT8_OPERATORS
from fitgraph.compiler_bridge.recipes.progress import Progress

# The histogram calibrators hold all activations of a chunk in memory at once.
_CHUNK_SAMPLES = 16


class RangeMethod(StrEnum):
    """How the range of an activation is drawn from what calibration saw.

    ``min-max``: all of it. ``percentile``: without the outermost values. ``entropy``: the range
    that loses least information when cut to 128 steps (Migacz, 8-bit Inference with TensorRT,
    2017).
    """

    MIN_MAX = "min-max"
    ENTROPY = "entropy"
    PERCENTILE = "percentile"


_METHODS = {
    RangeMethod.MIN_MAX: CalibrationMethod.MinMax,
    RangeMethod.ENTROPY: CalibrationMethod.Entropy,
    RangeMethod.PERCENTILE: CalibrationMethod.Percentile,
}

# Asymmetric, since ReLU outputs are; the bins of the TensorRT paper; 0.1% of the values may
# saturate.
METHOD_OPTIONS: Mapping[RangeMethod, Mapping[str, int | float | bool]] = {
    RangeMethod.MIN_MAX: {"symmetric": False},
    RangeMethod.ENTROPY: {"symmetric": False, "num_bins": 2048, "num_quantized_bins": 128},
    RangeMethod.PERCENTILE: {"symmetric": False, "num_bins": 2048, "percentile": 99.9},
}


def activation_ranges(
    prepared: Path, samples: CalibrationSet, method: RangeMethod, progress: Progress
) -> TensorsData:
    """Run the float model on every sample and find each tensor's range."""
    calibrator = create_calibrator(
        prepared,
        INT8_OPERATORS,
        str(prepared.with_name("augmented.onnx")),
        _METHODS[method],
        extra_options=METHOD_OPTIONS[method],
    )
    progress("calibrate", 0, samples.n_samples)
    for start in range(0, samples.n_samples, _CHUNK_SAMPLES):
        stop = min(start + _CHUNK_SAMPLES, samples.n_samples)
        with _quiet():
            calibrator.collect_data(_Reader(samples, start, stop))
        progress("calibrate", stop, samples.n_samples)
    with _quiet():
        return calibrator.compute_data()


def _quiet() -> AbstractContextManager[io.StringIO]:
    """The histogram calibrators print as they go; standard output may be somebody's JSON."""
    return contextlib.redirect_stdout(io.StringIO())


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Hands samples to onnxruntime one by one."""

    def __init__(self, samples: CalibrationSet, start: int, stop: int) -> None:
        self._samples = iter([samples.sample(index) for index in range(start, stop)])

    def get_next(self) -> dict[str, Array] | None:
        return next(self._samples, None)
