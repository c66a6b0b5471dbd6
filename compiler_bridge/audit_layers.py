"""Element types of layers as describers spell them, beside those of a TFLite file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fitgraph.registry.model_graph import ModelGraph

#: What stands for a layer whose element type is not given.
UNTYPED = "-"


def operator_dtypes(graph: ModelGraph) -> tuple[tuple[str, ...], ...]:
    """Element types that each operator of the main graph computes with.

    Those of its constants; of its inputs, where it has no constants.
    """
    return tuple(_dtypes(graph, operator.inputs) for operator in graph.operators)


def same_dtypes(layers: str, actual: Sequence[Sequence[str]]) -> bool:
    """Whether each layer with an element type computes with it; one a layer, in order."""
    claimed = layers.split()
    return len(claimed) == len(actual) and all(
        word == UNTYPED or word.lower() in dtypes
        for word, dtypes in zip(claimed, actual, strict=True)
    )


def _dtypes(graph: ModelGraph, inputs: Iterable[int | None]) -> tuple[str, ...]:
    tensors = [graph.tensor(index) for index in inputs if index is not None]
    meant = [tensor for tensor in tensors if tensor.is_constant] or tensors
    return tuple(dict.fromkeys(tensor.dtype.value for tensor in meant))
