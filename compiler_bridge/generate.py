"""From a model graph to C sources: lower, plan, emit."""

from __future__ import annotations

from fitgraph.compiler_bridge.emit import emit, prefix_for
from fitgraph.compiler_bridge.errors import UnboundedShapeError
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.lower.onnx_graph import lower_onnx
from fitgraph.compiler_bridge.lower.tflite_graph import lower_tflite
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program
from fitgraph.registry.model_graph import ModelGraph


def lower(graph: ModelGraph) -> Program:
    """Kernel calls for a model of either format.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
    """
    _refuse_symbolic(graph)
    return lower_tflite(graph) if graph.format == "tflite" else lower_onnx(graph)


def generate(graph: ModelGraph, prefix: str = "") -> GeneratedCode:
    """C sources for a model.

    Args:
        prefix: start of every public C name; made from the model's name if empty.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
    """
    program = lower(graph)
    return emit(program, plan_memory(program), prefix or prefix_for(graph.name))


def _refuse_symbolic(graph: ModelGraph) -> None:
    for tensor in graph.tensors:
        symbols = [str(dim) for dim in tensor.shape if isinstance(dim, str)]
        if symbols:
            raise UnboundedShapeError(
                f"tensor {tensor.name!r} of {graph.name} has symbolic dimensions "
                f"{', '.join(symbols)}",
                hint="fix them before compiling: `fitgraph model add --dimension batch=1`",
            )
