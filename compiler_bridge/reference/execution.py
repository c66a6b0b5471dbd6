"""The state of one run: which values are known, and how the graph is wired."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.reference.affine import Quantized
from fitgraph.compiler_bridge.reference.node import Array, Node, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fitgraph.registry.model_graph import ModelGraph, Operator


@dataclass(frozen=True, slots=True, eq=False)
class Execution:
    """Values by tensor index, and the operators around each tensor.

    Attributes:
        values: known so far; grows as operators are computed.
        producers: position of the operator that makes a tensor.
        consumers: positions of the operators that read it, once per reading input.
        integers: what real tensors were dequantized from, for those that are no more than that.
        done: positions of operators already computed as part of an earlier one.
    """

    graph: ModelGraph
    values: dict[int, Array]
    producers: dict[int, int]
    consumers: dict[int, list[int]]
    integers: dict[int, Quantized] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)

    def operator(self, position: int) -> Operator:
        """The operator at a place of the execution order."""
        return self.graph.operators[position]

    def node(self, position: int) -> Node:
        """An operator with its input values.

        Raises:
            BridgeError: an input is not known yet.
        """
        operator = self.operator(position)
        return Node(
            operator,
            tuple(None if i is None else self._known(i, operator) for i in operator.inputs),
        )

    def node_with(self, position: int, tensor: int, stand_in: Array) -> Node:
        """An operator whose input ``tensor`` is not known yet and reads as ``stand_in``."""
        operator = self.operator(position)
        inputs = [i for i in operator.inputs if i is not None and i != tensor]
        known = {i: self._known(i, operator) for i in inputs} | {tensor: stand_in}
        return Node(operator, tuple(None if i is None else known[i] for i in operator.inputs))

    def _known(self, tensor: int, operator: Operator) -> Array:
        if tensor not in self.values:
            raise BridgeError(
                f"{describe(operator)} reads tensor {self.graph.tensor(tensor).name!r}, "
                "which nothing before it computes.",
                hint="The operators of the model are out of order, or an input is missing.",
            )
        return self.values[tensor]

    def producer(self, tensor: int) -> int | None:
        """Position of the operator that makes the tensor; None for inputs and constants."""
        return self.producers.get(tensor)

    def only_consumer(self, tensor: int) -> int | None:
        """The one operator that reads the tensor, if no other does and it is no output."""
        readers = self.consumers.get(tensor, [])
        return readers[0] if len(readers) == 1 and tensor not in self.graph.outputs else None

    def is_constant(self, tensor: int) -> bool:
        """Whether the tensor's value depends on no input of the graph."""
        if self.graph.tensor(tensor).is_constant:
            return True
        made_by = self.producer(tensor)
        if made_by is None:
            return False
        return all(i is None or self.is_constant(i) for i in self.operator(made_by).inputs)


def start(graph: ModelGraph, inputs: Sequence[Array]) -> Execution:
    """An execution that knows the constants and the inputs, nothing else."""
    values = {i: tensor.data for i, tensor in enumerate(graph.tensors) if tensor.data is not None}
    values.update(zip(graph.inputs, inputs, strict=True))
    producers: dict[int, int] = {}
    consumers: dict[int, list[int]] = {}
    for position, operator in enumerate(graph.operators):
        producers.update(dict.fromkeys(operator.outputs, position))
        for tensor in operator.inputs:
            if tensor is not None:
                consumers.setdefault(tensor, []).append(position)
    return Execution(graph, values, producers, consumers)
