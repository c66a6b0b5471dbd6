"""Which operators of a subgraph its wanted outputs, or what outlasts an inference, depend on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fitgraph.registry.model_graph import ModelGraph, Operator
from fitgraph.registry.tflite_calls import called_by


@dataclass(frozen=True, slots=True)
class Needed:
    """What of a subgraph has to run.

    Attributes:
        positions: of its operators.
        tensors: that these read, or that are asked for.
    """

    positions: frozenset[int]
    tensors: frozenset[int]


def needed_of(
    parts: Sequence[ModelGraph],
    part: ModelGraph,
    outputs: Collection[int],
    replaced: Mapping[int, Operator],
) -> Needed:
    """What the outputs depend on.

    Args:
        outputs: tensors of the subgraph.
        replaced: operators that run instead of those at these positions.
    """
    positions, tensors = set(), set(outputs)
    for position, stored in reversed(list(enumerate(part.operators))):
        operator = replaced.get(position, stored)
        if tensors.intersection(operator.outputs) or outlasts(parts, part, operator):
            positions.add(position)
            tensors.update(index for index in operator.inputs if index is not None)
    return Needed(frozenset(positions), frozenset(tensors))


def outlasts(parts: Sequence[ModelGraph], part: ModelGraph, operator: Operator) -> bool:
    """Whether the operator, or one in what it runs, changes what is kept between inferences."""
    if operator.op_type == "ASSIGN_VARIABLE":
        return True
    if any(index is not None and part.tensors[index].is_variable for index in operator.inputs):
        return True
    return any(
        outlasts(parts, parts[index], inner)
        for index in called_by(operator)
        for inner in parts[index].operators
    )


def is_used(part: ModelGraph, index: int) -> bool:
    """Whether an operator of the subgraph reads the tensor, or it is an output."""
    return index in part.outputs or any(index in operator.inputs for operator in part.operators)
