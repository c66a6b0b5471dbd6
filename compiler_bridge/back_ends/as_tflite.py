"""A TFLite file for a back end that takes nothing else: the model's own, or made by onnx2tf.

onnx2tf pins TensorFlow and numpy, so it lives in an environment of its own; its command is called.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from fitgraph.compiler_bridge.back_ends.programs import run_command
from fitgraph.compiler_bridge.back_ends.protocol import BackEndError, Request
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import read_model

COMMAND = "onnx2tf"
_HINT = "hand in a TFLite file, or `pipx install onnx2tf` and put its command on PATH"


@dataclass(frozen=True, slots=True, eq=False)
class TfliteModel:
    """A TFLite file.

    Attributes:
        is_converted: whether it is not the model of the request, but made of it.
    """

    graph: ModelGraph
    content: bytes
    is_converted: bool = False


def as_tflite(request: Request) -> TfliteModel:
    """The request's model as a TFLite file.

    Raises:
        ToolchainError: it is an ONNX file and onnx2tf is not there or fails.
        BackEndError: onnx2tf wrote no TFLite file.
    """
    if request.graph.format == "tflite":
        return TfliteModel(request.graph, request.model_bytes)
    request.progress("convert to TFLite", 0, 3)
    with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
        folder = Path(name)
        (folder / "model.onnx").write_bytes(request.model_bytes)
        arguments = ["-i", "model.onnx", "-o", "converted", "--non_verbose"]
        run_command(COMMAND, _HINT, arguments, folder)
        return _converted(folder / "converted", request.graph.name)


def _converted(folder: Path, model_name: str) -> TfliteModel:
    files = sorted(folder.glob("*_float32.tflite"))
    if not files:
        raise BackEndError(f"onnx2tf wrote no TFLite file of {model_name}", hint=_HINT)
    named = files[0].rename(folder / "model.tflite")
    graph = replace(read_model(named), name=model_name)
    return TfliteModel(graph, named.read_bytes(), is_converted=True)
