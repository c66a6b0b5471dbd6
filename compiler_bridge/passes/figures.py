"""What a program takes, or a model before it is lowered: the figures before and after a pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lifetimes import Block, live_bytes
from fitgraph.compiler_bridge.passes.step_macs import step_macs
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Array, Blocks, Field, Program
from fitgraph.compiler_bridge.regions import times
from fitgraph.registry.model_graph import ITEM_BYTES, ModelGraph, Tensor
from fitgraph.registry.operator_runs import operator_runs


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes of a program.

    Attributes:
        steps: kernel calls, or operators that are left to be run.
        macs: multiply-accumulates of an inference, padding counted as data.
        weights_bytes: of all constants that are read, equal ones once.
        arena_bytes: as planned; of operators, the largest sum of tensors that live at once.
    """

    steps: int
    macs: int
    weights_bytes: int
    arena_bytes: int


def program_figures(program: Program, macs_by_label: Mapping[str, int]) -> Figures:
    """Of a program.

    Args:
        macs_by_label: of the model's operators, for kernels whose fields do not tell.
    """
    return Figures(
        steps=len(program.steps),
        macs=_macs(program, macs_by_label),
        weights_bytes=sum(size for size in _constants(program).values()),
        arena_bytes=plan_memory(program).arena_bytes,
    )


def macs_by_label(graph: ModelGraph) -> dict[str, int]:
    """Of each operator, by the label that its steps bear."""
    return {run.label: run.macs or 0 for run in operator_runs(graph)}


def _macs(program: Program, by_label: Mapping[str, int]) -> int:
    counted: dict[str, int] = {}
    for step in program.steps:
        macs = step_macs(step) * (times(program, step) or 0)
        counted[step.label] = counted.get(step.label, 0) + macs
    return sum(macs or by_label.get(label, 0) for label, macs in counted.items())


def _constants(program: Program) -> dict[tuple[str, bytes], int]:
    found = {}
    for step in (*program.steps, *program.reset_steps):
        operands = (operand for operand in step.inputs if not isinstance(operand, int))
        for array in (*_arrays(step.fields), *operands):
            found[array.dtype.name, array.tobytes()] = array.nbytes
    return found


def _arrays(fields: Mapping[str, Field]) -> Iterator[Array]:
    for value in fields.values():
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, Blocks):
            yield value.flat
        elif isinstance(value, Mapping):
            yield from _arrays(value)


def graph_figures(graph: ModelGraph, absorbed: frozenset[int]) -> Figures:
    """Of a model, each operator a step of its own but for those that others do along.

    Args:
        absorbed: positions of operators whose output takes the place of their first input.
    """
    left = [place for place in range(len(graph.operators)) if place not in absorbed]
    roots = _roots(graph, absorbed)
    read = {
        roots.get(index, index)
        for place in left
        for index in graph.operators[place].inputs
        if index is not None
    }
    constants = {index for index in read if graph.tensors[index].data is not None}
    return Figures(
        steps=len(left),
        macs=sum(
            macs
            for label, macs in macs_by_label(graph).items()
            if int(label.partition(" / ")[0].rpartition("#")[2]) not in absorbed
        ),
        weights_bytes=sum(_n_bytes(graph.tensors[index]) for index in constants),
        arena_bytes=_peak_bytes(graph, left, roots),
    )


def _n_bytes(tensor: Tensor) -> int:
    """Of a tensor; what only names a variable takes none."""
    return tensor.n_bytes if tensor.dtype in ITEM_BYTES else 0


def _roots(graph: ModelGraph, absorbed: frozenset[int]) -> dict[int, int]:
    """For each output of an absorbed operator the tensor in whose place it is."""
    roots: dict[int, int] = {}
    for place in sorted(absorbed):
        operator = graph.operators[place]
        given = [index for index in operator.inputs if index is not None]
        for output in operator.outputs if given else ():
            roots[output] = roots.get(given[0], given[0])
    return roots


def _peak_bytes(graph: ModelGraph, left: list[int], roots: Mapping[int, int]) -> int:
    """Largest sum of live tensors; what shares a place takes as much as the smallest of it."""
    sizes: dict[int, int] = {}
    for index, tensor in enumerate(graph.tensors):
        root, n_bytes = roots.get(index, index), _n_bytes(tensor)
        sizes[root] = min(sizes.get(root, n_bytes), n_bytes)
    touched: dict[int, list[int]] = {}
    for place in left:
        operator = graph.operators[place]
        for used in (*operator.inputs, *operator.outputs):
            if used is not None:
                touched.setdefault(roots.get(used, used), []).append(place)
    for index in graph.inputs:
        touched.setdefault(index, []).append(-1)
    for index in graph.outputs:
        touched.setdefault(roots.get(index, index), []).append(len(graph.operators))
    lives = {
        index: Block(sizes[index], min(places), max(places))
        for index, places in touched.items()
        if graph.tensors[index].data is None
    }
    return max((n_bytes for _, n_bytes in live_bytes(lives)), default=0)
