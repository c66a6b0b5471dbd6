"""Which reference a model's generated code is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.reference.litert import needs_litert, run_litert_many
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from fitgraph.compiler_bridge.reference.tflm import run_tflm_many
from fitgraph.compiler_bridge.texts import numbers_of
from fitgraph.registry.model_graph import ModelGraph

QUANTIZED_OPERATORS = ("QuantizeLinear", "DequantizeLinear", "QGemm", "RequantShift")
QUANTIZED_PREFIX = "QLinear"


class Reference(Protocol):
    """What can say which outputs are right."""

    @property
    def name(self) -> str:
        """Goes into the proof: the runtime and its version."""

    def run(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """Outputs of one inference from the initial state."""

    def run_many(
        self, input_sets: Sequence[Sequence[Array]], *, keep_state: bool = False
    ) -> list[tuple[Array, ...]]:
        """Outputs of several inferences, each from the initial state unless it is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class QLinearReference:
    """docs/qlinear-semantics.md, for quantized ONNX models."""

    graph: ModelGraph
    name: str = "fitgraph QLinear semantics 1"

    def run(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """See `run_qlinear`."""
        return run_qlinear(self.graph, inputs)

    def run_many(
        self, input_sets: Sequence[Sequence[Array]], *, keep_state: bool = False
    ) -> list[tuple[Array, ...]]:
        """One inference after the other; these models have no state to keep."""
        del keep_state
        return [run_qlinear(self.graph, inputs) for inputs in input_sets]


@dataclass(frozen=True, slots=True, eq=False)
class TflmReference:
    """TensorFlow Lite for Microcontrollers' interpreter with reference kernels."""

    graph: ModelGraph
    model_bytes: bytes

    @property
    def name(self) -> str:
        """With the version of the PyPI package."""
        return f"tflite-micro {version('tflite-micro')}"

    def run(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """See `run_tflm_many`."""
        return self.run_many([inputs])[0]

    def run_many(
        self, input_sets: Sequence[Sequence[Array]], *, keep_state: bool = False
    ) -> list[tuple[Array, ...]]:
        """See `run_tflm_many`."""
        return run_tflm_many(self.model_bytes, self.graph, input_sets, keep_state=keep_state)


@dataclass(frozen=True, slots=True, eq=False)
class LiteRtReference:
    """LiteRT's interpreter with reference kernels."""

    graph: ModelGraph
    model_bytes: bytes

    @property
    def name(self) -> str:
        """With the version of the PyPI package."""
        return f"ai-edge-litert {version('ai-edge-litert')}"

    def run(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """See `run_litert_many`."""
        return self.run_many([inputs])[0]

    def run_many(
        self, input_sets: Sequence[Sequence[Array]], *, keep_state: bool = False
    ) -> list[tuple[Array, ...]]:
        """See `run_litert_many`."""
        return run_litert_many(self.model_bytes, self.graph, input_sets, keep_state=keep_state)


@dataclass(frozen=True, slots=True, eq=False)
class OnnxRuntimeReference:
    """onnxruntime without graph optimizations, for float ONNX models."""

    graph: ModelGraph
    model_bytes: bytes

    @property
    def name(self) -> str:
        """With the version of the PyPI package."""
        return f"onnxruntime {version('onnxruntime')}"

    def run(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        """See `run_onnxruntime_many`."""
        return self.run_many([inputs])[0]

    def run_many(
        self, input_sets: Sequence[Sequence[Array]], *, keep_state: bool = False
    ) -> list[tuple[Array, ...]]:
        """One inference after the other; these models have no state to keep."""
        del keep_state
        found = run_onnxruntime_many(self.model_bytes, self.graph, input_sets)
        return [numbers_of(self.graph, outputs) for outputs in found]


def is_quantized(graph: ModelGraph) -> bool:
    """Whether an ONNX graph has an operator that quantizes."""
    return any(
        operator.op_type in QUANTIZED_OPERATORS or operator.op_type.startswith(QUANTIZED_PREFIX)
        for operator in graph.operators
    )


def reference_for(graph: ModelGraph, model_bytes: bytes) -> Reference:
    """Choose by format and by what the interpreters can run.

    TFLite is held to TFLM or, for what that lacks, to LiteRT; quantized ONNX to our semantics,
    float ONNX to onnxruntime.

    Args:
        graph: what was read from the file.
        model_bytes: the file; the interpreters that others wrote read it themselves.

    Raises:
        BridgeError: the format has no reference.
    """
    if graph.format == "tflite" and needs_litert(graph):
        return LiteRtReference(graph, model_bytes)
    if graph.format == "tflite":
        return TflmReference(graph, model_bytes)
    if graph.format != "onnx":
        raise BridgeError(
            f"There is no reference for models of format {graph.format!r}.",
            hint="Use a TFLite or ONNX file.",
        )
    if is_quantized(graph):
        return QLinearReference(graph)
    return OnnxRuntimeReference(graph, model_bytes)
