"""TFLite files of several subgraphs: loops and branches as the converter writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from tests.support.qdq_graphs import Array
from tests.support.tflite_graph import Scale, TfliteGraph
from tests.support.tflite_writer import flatbuffer, model, operator_code, subgraph

# Shape, dtype and quantization of a tensor.
Kind = tuple[Sequence[int], str, Scale | None]
COUNTER: Kind = ((), "int32", None)
TRUTH: Kind = ((), "bool", None)
# Writes a subgraph's operators on its inputs, and returns its outputs.
Writing = Callable[[TfliteGraph, list[int]], list[int]]


@dataclass
class Parts:
    """A model in the making; all its subgraphs share their codes and buffers."""

    main: TfliteGraph = field(default_factory=TfliteGraph)
    others: list[tuple[TfliteGraph, list[int]]] = field(default_factory=list)

    def part(self, kinds: Sequence[Kind], write: Writing) -> int:
        """Adds a subgraph; ``write`` gets it with its inputs and returns its outputs."""
        graph = TfliteGraph(codes=self.main.codes, buffers=self.main.buffers)
        inputs = [graph.tensor(*kind) for kind in kinds]
        self.others.append((graph, inputs))
        number = len(self.others)
        graph.outputs = write(graph, inputs)
        return number

    def loop(self, graph: TfliteGraph, inputs: Sequence[int], parts: tuple[int, int]) -> list[int]:
        """A WHILE of a condition and a body; returns what it yields."""
        kinds = [_kind_of(self.others[parts[1] - 1][0], one) for one in self._inputs(parts[1])]
        outputs = [graph.tensor(*kind) for kind in kinds]
        options = {0: np.int32(parts[0]), 1: np.int32(parts[1])}
        graph.node("WHILE", inputs, outputs, "WhileOptions", options)
        return outputs

    def choice(
        self, graph: TfliteGraph, inputs: Sequence[int], parts: tuple[int, int], kinds: list[Kind]
    ) -> list[int]:
        """An IF; its first input is the condition."""
        outputs = [graph.tensor(*kind) for kind in kinds]
        options = {0: np.int32(parts[0]), 1: np.int32(parts[1])}
        graph.node("IF", inputs, outputs, "IfOptions", options)
        return outputs

    def _inputs(self, number: int) -> list[int]:
        return self.others[number - 1][1]

    def content(self) -> bytes:
        """The file."""
        main = self.main
        parts = [subgraph(main.tensors, main.operators, list(main.inputs), main.outputs)]
        parts += [
            subgraph(graph.tensors, graph.operators, inputs, graph.outputs)
            for graph, inputs in self.others
        ]
        codes = [operator_code(op_type, version) for op_type, version in main.codes]
        return flatbuffer(model(parts, codes, main.buffers))


def _kind_of(graph: TfliteGraph, index: int) -> Kind:
    fields: dict[int, Any] = graph.tensors[index]
    dtype = _NAMES[int(fields[1])]
    scale = None
    if 4 in fields:
        scale = Scale(float(fields[4][2][0]), int(fields[4][3][0]))
    return [int(size) for size in fields[0]], dtype, scale


_NAMES = {0: "float32", 2: "int32", 6: "bool", 7: "int16", 9: "int8", 13: "resource"}


def computed(
    graph: TfliteGraph, op_type: str, inputs: Sequence[int], kind: Kind, version: int = 1
) -> int:
    """The output of an operator, none of whose options differs from the default."""
    output = graph.tensor(*kind)
    name = {"ADD": "AddOptions", "MUL": "MulOptions", "SUB": "SubOptions"}.get(op_type, "")
    options = {0: np.int8(Activation.NONE)} if name else None
    graph.node(op_type, inputs, [output], name, options, version)
    return output


def below(limit: int, place: int = 0) -> Writing:
    """A condition that holds while an input is less than a number."""

    def write(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        end = graph.tensor((), "int32", value=np.array(limit, np.int32))
        return [computed(graph, "LESS", [inputs[place], end], TRUTH)]

    return write


def one_more(graph: TfliteGraph, index: int, by: int = 1) -> int:
    """The number behind a counter's."""
    step = graph.tensor((), "int32", value=np.array(by, np.int32))
    return computed(graph, "ADD", [index, step], COUNTER)


def constant(graph: TfliteGraph, value: Array, scale: Scale | None = None) -> int:
    """A constant tensor."""
    return graph.tensor(value.shape, value.dtype.name, scale, value=value)


def joined(graph: TfliteGraph, inputs: Sequence[int], kind: Kind) -> int:
    """Tensors joined along their first axis."""
    output = graph.tensor(*kind)
    options = {0: np.int32(0), 1: np.int8(Activation.NONE)}
    graph.node("CONCATENATION", inputs, [output], "ConcatenationOptions", options)
    return output


def set_item(graph: TfliteGraph, held: int, at: int, item: int, kind: Kind) -> int:
    """The list with an item in a place, as the converter writes it: joined of three pieces."""
    shape, dtype, scale = kind
    nought = np.zeros(len(shape), np.int32)
    rank1: Kind = ((1,), "int32", None)
    ends: Kind = ((len(shape),), "int32", None)
    one = graph.numbers([1])
    whole = graph.numbers(np.full(len(shape) - 1, -1))
    rest = graph.numbers(np.zeros(len(shape) - 1, np.int32))
    small: Kind = ([1] * len(shape), dtype, scale)

    def vector(index: int, tail: int) -> int:
        reshaped = graph.tensor(*rank1)
        graph.node("RESHAPE", [index, one], [reshaped])
        return joined(graph, [reshaped, tail], ends)

    before, behind = graph.tensor(*small), graph.tensor(*small)
    for piece in (before, behind):  # its signature says that its size is not known
        graph.tensors[piece][7] = np.full(len(shape), -1, np.int32)
    graph.node("SLICE", [held, graph.numbers(nought), vector(at, whole)], [before])
    start = vector(one_more(graph, at), rest)
    graph.node("SLICE", [held, start, graph.numbers(nought - 1)], [behind])
    return joined(graph, [before, item, behind], kind)


def gathered(graph: TfliteGraph, held: int, at: int, kind: Kind) -> int:
    """One item of a list."""
    output = graph.tensor(*kind)
    options = {0: np.int32(0), 1: np.int32(0)}
    graph.node("GATHER", [held, at], [output], "GatherOptions", options)
    return output
