"""How TFLM lays out the tensors and scratch buffers of a model: its greedy planner's result.

The interpreter plans on the target as it does on a PC; only a kernel's scratch differs. So the
plan for another kernel library can be told without running it there.

Source: tensorflow/tflite-micro, memory_planner/greedy_memory_planner.cc (order and gaps) and
micro_allocation_info.cc (lifetimes).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.liveness import tensor_bytes
from fitgraph.registry.model_graph import ModelGraph

#: TFLM aligns every planned buffer to so many bytes (``MicroArenaBufferAlignment``).
ALIGNMENT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Buffer:
    """Bytes that are needed from one moment to another, both included."""

    n_bytes: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are needed at some moment."""
        return self.first <= other.last and other.first <= self.last


def head_bytes(buffers: Iterable[Buffer]) -> int:
    """Bytes of the plan: large buffers first, each into the lowest gap that holds it.

    Args:
        buffers: in the order in which TFLM hands them to its planner; of equal ones the last
            comes first.
    """
    placed: list[tuple[int, Buffer]] = []
    for _, buffer in sorted(enumerate(buffers), key=lambda pair: (-pair[1].n_bytes, -pair[0])):
        offset = 0
        for start, other in placed:
            if not other.meets(buffer):
                continue
            if start - offset >= buffer.n_bytes:
                break
            offset = max(offset, start + other.n_bytes)
        placed.append((offset, buffer))
        placed.sort(key=lambda pair: pair[0])
    return max((offset + buffer.n_bytes for offset, buffer in placed), default=0)


def planned_buffers(
    graph: ModelGraph, scratch: Mapping[int, Sequence[int]] | None = None
) -> list[Buffer]:
    """Everything that TFLM plans for a graph without control flow.

    Args:
        scratch: bytes of each block by the position of the operator that asks for them.

    Raises:
        ValueError: the size of a tensor is not known.
    """
    return [*_tensors(graph), *_scratch(scratch or {})]


def _tensors(graph: ModelGraph) -> Iterator[Buffer]:
    first = dict.fromkeys((*graph.inputs, *graph.outputs), 0)
    last = dict(first)
    for moment, operator in enumerate(graph.operators, 1):
        for index in operator.outputs:
            first[index] = moment
        for used in (*operator.inputs, *operator.outputs):
            if used is not None:
                last[used] = moment
    last.update(dict.fromkeys(graph.outputs, len(graph.operators)))
    for index, tensor in enumerate(graph.tensors):
        if index not in first or tensor.is_constant or tensor.is_variable:
            continue
        n_bytes = tensor_bytes(tensor)
        if n_bytes is None:
            raise ValueError(f"the size of tensor {tensor.name!r} is not known")
        if n_bytes:
            yield Buffer(aligned(n_bytes), first[index], last[index])


def _scratch(scratch: Mapping[int, Sequence[int]]) -> Iterator[Buffer]:
    for position, blocks in sorted(scratch.items()):
        for n_bytes in blocks:
            if n_bytes:
                yield Buffer(aligned(n_bytes), position + 1, position + 1)


def aligned(n_bytes: int) -> int:
    """The next multiple of ``ALIGNMENT_BYTES``."""
    return -(-n_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
