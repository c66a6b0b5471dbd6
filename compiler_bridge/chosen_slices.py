"""Inputs that choose rows of a table: most of their integers choose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fitgraph.compiler_bridge.program import Program
from fitgraph.registry.model_graph import ModelGraph, Operator

# Operators that take slices, with the positions of what they take from and of what chooses.
_TAKING: Mapping[str, tuple[int, int]] = {
    "EMBEDDING_LOOKUP": (1, 0),
    "GATHER": (0, 1),
    "Gather": (0, 1),
}


def with_choices(program: Program, graph: ModelGraph) -> Program:
    """The graph's program, which says of its inputs what they choose among."""
    choices = choices_of_inputs(graph)
    if not choices:
        return program
    pairs = zip(program.inputs, graph.inputs, strict=True)
    inputs = tuple(replace(io, choices=choices.get(index)) for io, index in pairs)
    return replace(program, inputs=inputs)


def choices_of_inputs(graph: ModelGraph) -> dict[int, int]:
    """How many slices each input chooses among, for inputs that do, by tensor index.

    An input chooses, too, where integers that are computed from it do: casts, shapes, and what
    counts negative places from the end.
    """
    origins: dict[int, frozenset[int]] = {index: frozenset({index}) for index in graph.inputs}
    choices: dict[int, int] = {}
    for operator in graph.operators:
        for index, n_slices in _chosen(graph, operator, origins).items():
            choices[index] = min(n_slices, choices.get(index, n_slices))
        read = [origins.get(i, frozenset()) for i in operator.inputs if i is not None]
        from_inputs = frozenset[int]().union(*read)
        for index in operator.outputs:
            if from_inputs and graph.tensor(index).dtype.value in _INTEGERS:
                origins[index] = from_inputs
    return choices


_INTEGERS = frozenset({"int32", "int64", "uint32", "bool"})


def _chosen(
    graph: ModelGraph, operator: Operator, origins: Mapping[int, frozenset[int]]
) -> dict[int, int]:
    """Inputs that the operator takes its places from, with the number of places."""
    positions = _TAKING.get(operator.op_type)
    if positions is None or len(operator.inputs) <= max(positions):
        return {}
    table, places = (operator.inputs[position] for position in positions)
    if table is None or places is None:
        return {}
    shape = graph.tensor(table).shape
    axis = int(operator.attributes.get("axis", 0))
    size = shape[axis] if -len(shape) <= axis < len(shape) else 0
    if not isinstance(size, int) or size < 1:
        return {}
    return dict.fromkeys(origins.get(places, frozenset()), size)
