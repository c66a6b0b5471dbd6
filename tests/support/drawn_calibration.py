"""Random data that onnxruntime's quantizer calibrates with."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader

N_CALIBRATION = 20


class Drawn(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Normal numbers for each input."""

    def __init__(self, model: onnx.ModelProto) -> None:
        random = np.random.default_rng(3)
        shapes = {
            value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
            for value in model.graph.input
        }
        self.sets = iter(
            {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
            for _ in range(N_CALIBRATION)
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self.sets, None)
