"""Which values a graph keeps at the same time, and how many bytes they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from fitgraph.registry.macs import has_control_flow
from fitgraph.registry.model_graph import ITEM_BYTES, DType, ModelGraph, Tensor


@dataclass(frozen=True, slots=True)
class PeakLive:
    """The most bytes that are live at once, and the first operator during which they are."""

    n_bytes: int
    op_index: int


def tensor_bytes(tensor: Tensor) -> int | None:
    """Bytes of a value, int4 packed; None when its shape or the size of an element is unknown.

    A TFLite resource is a handle, which takes no bytes of the arena.
    """
    if tensor.dtype is DType.RESOURCE:
        return 0
    try:
        n_elements = tensor.n_elements
    except ValueError:
        return None
    if tensor.dtype is DType.INT4:
        return (n_elements + 1) // 2
    item_bytes = ITEM_BYTES.get(tensor.dtype)
    return None if item_bytes is None else n_elements * item_bytes


def live_ranges(graph: ModelGraph) -> Mapping[int, tuple[int, int]]:
    """First and last operator, both included, during which each activation is live.

    A graph's inputs are live from the first operator on, its outputs until the last one, its
    variable tensors always. Constants are not in it, and neither are values that an ONNX graph
    computes from constants alone, which every runtime folds beforehand (a TFLite runtime
    computes them at inference).
    """
    final = len(graph.operators) - 1
    folded = _folded(graph)
    first = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 0)
    for position, operator in enumerate(graph.operators):
        for index in operator.outputs:
            first.setdefault(index, position)
        for used in (*operator.inputs, *operator.outputs):
            if used is not None:
                last[used] = position
    last.update(dict.fromkeys(graph.outputs, final))
    for index, tensor in enumerate(graph.tensors):
        if tensor.is_variable:
            first[index], last[index] = 0, final
    return {i: (first[i], last[i]) for i in first if i not in folded}


def peak_live(graph: ModelGraph) -> PeakLive | None:
    """Largest sum of live activation bytes over the operator order, as stored in the file.

    An operator's inputs and outputs are live together: nothing is computed in place. Kernel
    scratch, constants and the storage of TFLite resource variables do not count.

    Returns:
        None when a size is unknown, or a subgraph runs that this order does not show.

    Source: Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference",
    section 3.
    """
    if not graph.operators or has_control_flow(graph):
        return None
    changes = [0] * (len(graph.operators) + 1)
    for index, (first, last) in live_ranges(graph).items():
        n_bytes = tensor_bytes(graph.tensor(index))
        if n_bytes is None:
            return None
        changes[first] += n_bytes
        changes[last + 1] -= n_bytes
    live = list(accumulate(changes[:-1]))
    peak = max(live)
    return PeakLive(peak, live.index(peak))


def _folded(graph: ModelGraph) -> frozenset[int]:
    """Values that an ONNX graph computes from constants alone."""
    if graph.format != "onnx":
        return frozenset()
    folded: set[int] = set()
    for operator in graph.operators:
        read = [index for index in operator.inputs if index is not None]
        if read and all(i in folded or graph.tensor(i).is_constant for i in read):
            folded.update(operator.outputs)
    return frozenset(folded)
