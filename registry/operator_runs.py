"""The operators of a model with those inside its loops and conditions, and how often each runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fitgraph.registry.macs import operator_macs
from fitgraph.registry.model_graph import ModelGraph, Operator
from fitgraph.registry.tflite_calls import called_by, parts_of
from fitgraph.registry.tflite_course import Numbers, course_of, numbers_of


@dataclass(frozen=True, slots=True)
class OperatorRun:
    """An operator in its place.

    Attributes:
        part: the graph or subgraph that it stands in.
        label: ``WHILE #1 / ADD #0`` for the first operator in the loop of the second one.
        times: how often it runs in an inference; None if data tell.
        is_told: whether it is known how often what it runs itself is run.
    """

    part: ModelGraph
    operator: Operator
    label: str
    times: int | None
    is_told: bool = True

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of all its runs; None if they are not known."""
        if self.operator.op_type in _EXPANDED and called_by(self.operator):
            return 0 if self.is_told else None
        macs = operator_macs(self.part, self.operator)
        if macs == 0:
            return 0
        return None if macs is None or self.times is None else macs * self.times


_EXPANDED = frozenset({"WHILE", "IF"})


def operator_runs(graph: ModelGraph) -> Iterator[OperatorRun]:
    """Operators in their order; of a loop first those of its condition, then those of its body.

    What ``CALL_ONCE`` runs before the first inference is not in it.
    """
    if graph.format != "tflite":
        return _plain(graph)
    return _runs(parts_of(graph), 0, "", 1, {})


def _plain(graph: ModelGraph) -> Iterator[OperatorRun]:
    for position, operator in enumerate(graph.operators):
        yield OperatorRun(graph, operator, label_of("", operator, position), 1)


def label_of(above: str, operator: Operator, position: int) -> str:
    """What steps and figures of an operator are named by.

    Args:
        above: the label of the loop or condition that it stands in; empty if it is in none.
    """
    own = f"{operator.op_type} #{position}"
    return f"{above} / {own}" if above else own


def _runs(
    parts: Sequence[ModelGraph],
    index: int,
    above: str,
    times: int | None,
    known: Mapping[int, Numbers],
) -> Iterator[OperatorRun]:
    part = parts[index]
    for position, operator in enumerate(part.operators):
        label = label_of(above, operator, position)
        if operator.op_type not in _EXPANDED or not called_by(operator):
            yield OperatorRun(part, operator, label, times)
            continue
        inside = tuple(_inside(parts, operator, known_around(part, operator, known)))
        is_told = all(often is not None for _, often, _ in inside)
        yield OperatorRun(part, operator, label, times, is_told)
        for called, often, inner in inside:
            product = None if times is None or often is None else times * often
            yield from _runs(parts, called, label, product, inner)


def known_around(
    part: ModelGraph, operator: Operator, known: Mapping[int, Numbers]
) -> dict[int, Numbers]:
    """Numbers of the operator's inputs that are known: constants, and what was known before."""
    found = {}
    for index in operator.inputs:
        if index is not None:
            numbers = known.get(index, numbers_of(part.tensors[index]))
            if numbers is not None:
                found[index] = numbers
    return found


def _inside(
    parts: Sequence[ModelGraph], operator: Operator, known: Mapping[int, Numbers]
) -> Iterator[tuple[int, int | None, dict[int, Numbers]]]:
    """Subgraphs that the operator runs, how often, and what is known in them at every run."""
    called = called_by(operator)
    if operator.op_type == "IF":
        for index in called:
            inputs = zip(parts[index].inputs, operator.inputs[1:], strict=False)
            yield index, None, {i: known[o] for i, o in inputs if o is not None and o in known}
        return
    trips = course_of(parts, operator, known).trips
    body = parts[called[1]]
    fixed = {
        place: known[index]
        for place, index in enumerate(operator.inputs[: len(body.inputs)])
        if index is not None
        and index in known
        and body.outputs[place : place + 1] == body.inputs[place : place + 1]
    }
    for index, often in zip(called, (None if trips is None else trips + 1, trips), strict=True):
        yield (
            index,
            often,
            {
                parts[index].inputs[place]: numbers
                for place, numbers in fixed.items()
                if place < len(parts[index].inputs)
            },
        )
