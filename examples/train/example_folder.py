"""Write an example's folder: float model, data, and a metadata file with measured figures."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from fitgraph.compiler_bridge.recipes.evaluate import MetricName, evaluate
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8

EXAMPLES = Path(__file__).resolve().parents[1]
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Example:
    """All that a folder holds.

    Attributes:
        calibration: samples for quantization, shape (n, *input shape without the batch).
        x, y: test samples and labels; never seen in training, calibration or tuning.
        facts: what only the training script knows, copied into the metadata.
    """

    name: str
    model: onnx.ModelProto
    calibration: Array
    x: Array
    y: Array
    metric: MetricName
    facts: Mapping[str, Any]


def write_example(example: Example) -> None:
    """Write ``<name>.onnx``, ``calibration.npz``, ``test.npz`` and ``metadata.json``."""
    folder = EXAMPLES / example.name
    folder.mkdir(exist_ok=True)
    model_path = folder / f"{example.name}.onnx"
    model_path.write_bytes(example.model.SerializeToString(deterministic=True))
    input_name = example.model.graph.input[0].name
    calibration: dict[str, Any] = {input_name: example.calibration}
    np.savez_compressed(folder / "calibration.npz", **calibration)
    np.savez_compressed(folder / "test.npz", x=example.x, y=example.y)
    metadata = {
        "name": example.name,
        **example.facts,
        "parameters": count_parameters(example.model),
        "macs": count_macs(example.model),
        "metric": _measure(model_path, example, input_name),
        "trained_with": _versions(),
    }
    text = json.dumps(metadata, indent=2, ensure_ascii=False)
    (folder / "metadata.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _measure(model_path: Path, example: Example, input_name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        int8_path = Path(folder) / "int8.onnx"
        quantize_int8(model_path, {input_name: example.calibration}, int8_path)
        return {
            "name": str(example.metric),
            "float": evaluate(model_path, example.x, example.y, example.metric).value,
            "int8": evaluate(int8_path, example.x, example.y, example.metric).value,
            "test_samples": len(example.x),
            "calibration_samples": len(example.calibration),
        }


def count_parameters(model: onnx.ModelProto) -> int:
    """Numbers that training found, batch-normalization statistics included."""
    return sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)


def count_macs(model: onnx.ModelProto) -> int:
    """Multiply-accumulates of the convolutions and matrix products, for one inference."""
    graph = model.graph
    weights = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.output)
    }
    macs = 0
    for node in graph.node:
        if node.op_type in ("Conv", "Gemm"):
            per_output = int(np.prod(weights[node.input[1]][1:]))
            macs += int(np.prod(shapes[node.output[0]])) * per_output
    return macs


def _versions() -> dict[str, str]:
    packages = ("torch", "numpy", "onnx", "onnxruntime")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
