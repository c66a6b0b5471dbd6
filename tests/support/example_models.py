"""The committed examples: their float models, their data, and their int8 variants."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from tests.support.qdq_graphs import Array

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("activity", "anomaly", "digits")


def float_example(name: str) -> Path:
    """The example's float model."""
    return EXAMPLES / name / f"{name}.onnx"


def quantized_example(name: str, folder: Path) -> Path:
    """The example's int8 variant, made in the folder from the example's calibration data."""
    path = folder / f"{name}_int8.onnx"
    with np.load(EXAMPLES / name / "calibration.npz") as calibration:
        quantize_int8(float_example(name), dict(calibration), path)
    return path


@cache
def real_inputs(name: str, n: int) -> list[list[Array]]:
    """The first samples of the example's test set, each a batch of one."""
    with np.load(EXAMPLES / name / "test.npz") as test:
        return [[sample[np.newaxis]] for sample in test["x"][:n]]
