"""Whether a TFLite subgraph computes every value once, before it is used."""

from __future__ import annotations

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import ModelGraph

_HINT = "The file is damaged or its converter is at fault; convert the model again."


def check_order(graph: ModelGraph) -> None:
    """Refuse a graph that reads a value before it exists, or computes one twice.

    Variable tensors exist from the start and may be written to again.

    Raises:
        InvalidModelError: naming the operator and the tensor.
    """
    free = {i for i, t in enumerate(graph.tensors) if t.is_variable}
    known = free | {i for i, t in enumerate(graph.tensors) if t.is_constant} | {*graph.inputs}
    for position, operator in enumerate(graph.operators):
        label = f"operator {position} ({operator.op_type})"
        for index in operator.inputs:
            if index is not None and index not in known:
                raise InvalidModelError(
                    f"{label} reads {_tensor(graph, index)} before anything computes it",
                    hint=_HINT,
                )
        for index in operator.outputs:
            if index in known and index not in free:
                raise InvalidModelError(
                    f"{label} computes {_tensor(graph, index)}, which has a value already",
                    hint=_HINT,
                )
            known.add(index)
    for index in graph.outputs:
        if index not in known:
            raise InvalidModelError(
                f"nothing computes the output {_tensor(graph, index)}", hint=_HINT
            )


def _tensor(graph: ModelGraph, index: int) -> str:
    return f"tensor {index} ({graph.tensor(index).name!r})"
