"""TFLite models with loops and branches: as Keras 3 has them converted, and as nobody would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.support.qdq_graphs import Array
from tests.support.tflite_graph import Scale, TfliteGraph
from tests.support.tflite_parts import (
    COUNTER,
    TRUTH,
    Kind,
    Parts,
    below,
    computed,
    constant,
    gathered,
    one_more,
    set_item,
)

STEPS, HEARD, UNITS = 7, 5, 6
_FLOATS: Kind = ([1, UNITS], "float32", None)
_FINE = Scale(1 / 128, 0)
_WIDE = Scale(0.05, 3)


def _weights(random: np.random.Generator, n_in: int) -> Array:
    return random.normal(0, 0.4, (UNITS, n_in)).astype(np.float32)


def _dense(graph: TfliteGraph, source: int, weights: int, kind: Kind, version: int = 1) -> int:
    output = graph.tensor(*kind)
    options = {0: np.int8(0)}
    inputs = [source, weights, -1]
    graph.node("FULLY_CONNECTED", inputs, [output], "FullyConnectedOptions", options, version)
    return output


def _sequence(parts: Parts, heard: Kind, kept: Kind, cell: Callable[..., int]) -> Parts:
    """A cell that goes through a sequence and lists what it kept after each step."""
    xs: Kind = ([STEPS, 1, HEARD], *heard[1:])
    listed: Kind = ([STEPS, 1, UNITS], *kept[1:])
    item: Kind = ([1, 1, UNITS], *kept[1:])

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, at, held, state, data = inputs
        x = gathered(graph, data, at, heard)
        after = cell(graph, x, state)
        reshaped = graph.tensor(*item)
        graph.node("RESHAPE", [after, graph.numbers([1, 1, UNITS])], [reshaped])
        new = set_item(graph, held, at, reshaped, listed)
        return [one_more(graph, count), one_more(graph, at), new, after, data]

    def condition(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        truths = [below(STEPS, place)(graph, inputs)[0] for place in (0, 1)]
        return [computed(graph, "LOGICAL_AND", truths, TRUTH)]

    kinds = [COUNTER, COUNTER, listed, kept, xs]
    loop = (parts.part(kinds, condition), parts.part(kinds, body))
    main = parts.main
    data = main.input(np.zeros(xs[0], xs[1]), xs[2])
    zero = main.tensor((), "int32", value=np.array(0, np.int32))
    start = [constant(main, np.zeros(k[0], k[1]), k[2]) for k in (listed, kept)]
    outputs = parts.loop(main, [zero, zero, *start, data], loop)
    main.outputs = outputs[2:4]
    return parts


def recurrent_float(random: np.random.Generator) -> Parts:
    """A simple recurrent layer."""

    def cell(graph: TfliteGraph, x: int, state: int) -> int:
        sums = [
            _dense(graph, one, constant(graph, _weights(random, n)), _FLOATS)
            for one, n in ((x, HEARD), (state, UNITS))
        ]
        return computed(graph, "TANH", [computed(graph, "ADD", sums, _FLOATS)], _FLOATS)

    return _sequence(Parts(), ([1, HEARD], "float32", None), _FLOATS, cell)


def recurrent_hybrid(random: np.random.Generator) -> Parts:
    """The same with weights in int8."""

    def weights(graph: TfliteGraph, n: int) -> int:
        values = random.integers(-127, 128, (UNITS, n)).astype(np.int8)
        return graph.tensor([UNITS, n], "int8", Scale(0.004, 0), value=values)

    def cell(graph: TfliteGraph, x: int, state: int) -> int:
        sums = [
            _dense(graph, one, weights(graph, n), _FLOATS, 3)
            for one, n in ((x, HEARD), (state, UNITS))
        ]
        return computed(graph, "TANH", [computed(graph, "ADD", sums, _FLOATS)], _FLOATS)

    return _sequence(Parts(), ([1, HEARD], "float32", None), _FLOATS, cell)


def recurrent_int8(random: np.random.Generator) -> Parts:
    """The same in integers."""
    inner: Kind = ([1, UNITS], "int8", _WIDE)
    kept: Kind = ([1, UNITS], "int8", _FINE)

    def weights(graph: TfliteGraph, n: int) -> int:
        values = random.integers(-127, 128, (UNITS, n)).astype(np.int8)
        return graph.tensor([UNITS, n], "int8", Scale(0.01, 0), value=values)

    def cell(graph: TfliteGraph, x: int, state: int) -> int:
        sums = [
            _dense(graph, one, weights(graph, n), inner, 4)
            for one, n in ((x, HEARD), (state, UNITS))
        ]
        return computed(graph, "TANH", [computed(graph, "ADD", sums, inner, 2)], kept, 2)

    return _sequence(Parts(), ([1, HEARD], "int8", Scale(0.02, -5)), kept, cell)


def swapping(random: np.random.Generator) -> Parts:
    """Two variables that change places, and a third that follows one of them."""
    del random
    three: Kind = ([3], "float32", None)
    kinds = [COUNTER, three, three, three]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, a, b, _ = inputs
        return [one_more(graph, count), b, computed(graph, "ADD", [a, b], three), a]

    parts = Parts()
    loop = (parts.part(kinds, below(5)), parts.part(kinds, body))
    start = [parts.main.input(np.zeros(3, np.float32), None) for _ in range(3)]
    zero = parts.main.tensor((), "int32", value=np.array(0, np.int32))
    parts.main.outputs = parts.loop(parts.main, [zero, *start], loop)[1:]
    return parts


def until_small(random: np.random.Generator) -> Parts:
    """Numbers are halved until the largest is below a limit: how often, data tell."""
    del random
    four: Kind = ([4], "float32", None)
    kinds = [four, COUNTER]

    def condition(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        largest = graph.tensor((), "float32")
        size = computed(graph, "MUL", [inputs[0], inputs[0]], four)
        axis = graph.numbers([0])
        graph.node("REDUCE_MAX", [size, axis], [largest], "ReducerOptions", {0: np.uint8(0)})
        limit = constant(graph, np.array(0.01, np.float32))
        return [computed(graph, "GREATER", [largest, limit], TRUTH)]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        half = constant(graph, np.array(0.5, np.float32))
        return [
            computed(graph, "MUL", [inputs[0], half], four),
            one_more(graph, inputs[1]),
        ]

    parts = Parts()
    loop = (parts.part(kinds, condition), parts.part(kinds, body))
    data = parts.main.input(np.zeros(4, np.float32), None)
    zero = parts.main.tensor((), "int32", value=np.array(0, np.int32))
    parts.main.outputs = parts.loop(parts.main, [data, zero], loop)
    return parts


def at_most(random: np.random.Generator) -> Parts:
    """A loop that data end early, and a counter after nine rounds at the latest."""
    del random
    kinds = [COUNTER, COUNTER, COUNTER]

    def condition(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        early = computed(graph, "LESS", inputs[:2], TRUTH)
        return [computed(graph, "LOGICAL_AND", [early, *below(9)(graph, inputs)], TRUTH)]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, limit, total = inputs
        return [one_more(graph, count), limit, computed(graph, "MUL", [total, count], COUNTER)]

    parts = Parts()
    loop = (parts.part(kinds, condition), parts.part(kinds, body))
    start = [parts.main.tensor((), "int32", value=np.array(n, np.int32)) for n in (1, 3)]
    limit = parts.main.input(np.array(0, np.int32), None)
    parts.main.outputs = [
        parts.loop(parts.main, [start[0], limit, start[1]], loop)[p] for p in (0, 2)
    ]
    return parts


def branches(random: np.random.Generator) -> Parts:
    """A branch in a loop in a loop; one branch hands through what the other computes."""
    del random
    pair: Kind = ([2], "int8", Scale(0.5, 0))

    def doubled(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        return [computed(graph, "ADD", [inputs[0], inputs[0]], pair, 2)]

    def same(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        del graph
        return inputs

    parts = Parts()
    options = (parts.part([pair], doubled), parts.part([pair], same))
    inner_kinds = [COUNTER, pair]

    def inner(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, data = inputs
        one = graph.tensor((), "int32", value=np.array(1, np.int32))
        truth = computed(graph, "EQUAL", [count, one], TRUTH)
        (after,) = parts.choice(graph, [truth, data], options, [pair])
        return [one_more(graph, count), after]

    inner_loop = (parts.part(inner_kinds, below(3)), parts.part(inner_kinds, inner))
    kinds = [COUNTER, pair, TRUTH]

    def outer(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, data, truth = inputs
        zero = graph.tensor((), "int32", value=np.array(0, np.int32))
        after = parts.loop(graph, [zero, data], inner_loop)[1]
        (chosen,) = parts.choice(graph, [truth, after], options, [pair])
        return [one_more(graph, count, 2), chosen, computed(graph, "LOGICAL_NOT", [truth], TRUTH)]

    loop = (parts.part(kinds, below(7)), parts.part(kinds, outer))
    data = parts.main.input(np.zeros(2, np.int8), pair[2])
    truth = parts.main.input(np.array(False), None)  # noqa: FBT003 a scalar
    zero = parts.main.tensor((), "int32", value=np.array(0, np.int32))
    outputs = parts.loop(parts.main, [zero, data, truth], loop)
    parts.main.outputs = outputs[1:]
    return parts


def remembering(random: np.random.Generator) -> Parts:
    """A variable that grows in every round of every inference."""
    del random
    kinds: Sequence[Kind] = [COUNTER, ([2], "float32", None), ((), "resource", None)]

    def body(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        count, data, handle = inputs
        held = graph.tensor([2], "float32")
        graph.node("READ_VARIABLE", [handle], [held])
        total = computed(graph, "ADD", [held, data], kinds[1])
        graph.node("ASSIGN_VARIABLE", [handle, total], [])
        return [one_more(graph, count), total, handle]

    parts = Parts()
    loop = (parts.part(kinds, below(3)), parts.part(kinds, body))
    main = parts.main

    def start(graph: TfliteGraph, inputs: list[int]) -> list[int]:
        del inputs
        handle = _handle(graph)
        graph.node("ASSIGN_VARIABLE", [handle, constant(graph, np.ones(2, np.float32))], [])
        return []

    once = parts.part([], start)
    main.node("CALL_ONCE", [], [], "CallOnceOptions", {0: np.int32(once)})
    data = main.input(np.zeros(2, np.float32), None)
    zero = main.tensor((), "int32", value=np.array(0, np.int32))
    main.outputs = parts.loop(main, [zero, data, _handle(main)], loop)[1:2]
    return parts


def _handle(graph: TfliteGraph) -> int:
    handle = graph.tensor((), "resource")
    graph.node("VAR_HANDLE", [], [handle], "VarHandleOptions", {0: "", 1: "total"})
    return handle


LOOPS: Sequence[Callable[[np.random.Generator], Parts]] = (
    recurrent_float,
    recurrent_hybrid,
    recurrent_int8,
    swapping,
    until_small,
    at_most,
    branches,
    remembering,
)
