"""Which subgraphs of a TFLite model run which, and that none runs itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import MAX_OPERATORS, ModelGraph, Operator

#: Attributes that name a subgraph; the first of the model is number 0.
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "CALL": ("subgraph",),
    "CALL_ONCE": ("init_subgraph_index",),
    "IF": ("then_subgraph_index", "else_subgraph_index"),
    "WHILE": ("cond_subgraph_index", "body_subgraph_index"),
}
#: Loops within loops.
MOST_LEVELS: Final = 8
#: Loops and conditions, those of a subgraph counted wherever it is run.
MOST_CALLS: Final = 64


def parts_of(graph: ModelGraph) -> tuple[ModelGraph, ...]:
    """All subgraphs by their numbers, the model's main graph first."""
    return (graph, *graph.subgraphs)


def called_by(operator: Operator) -> tuple[int, ...]:
    """Numbers of the subgraphs that the operator runs; empty if its options do not say all."""
    names = CALLS.get(operator.op_type, ()) if operator.domain == "tflite" else ()
    if not all(name in operator.attributes for name in names):
        return ()
    return tuple(int(operator.attributes[name]) for name in names)


def run_by(graph: ModelGraph) -> tuple[int, ...]:
    """Numbers of the subgraphs that run in an inference; ``CALL_ONCE`` runs its own before."""
    parts, found, waiting = parts_of(graph), set[int](), [0]
    while waiting:
        for operator in parts[waiting.pop()].operators:
            called = () if operator.op_type == "CALL_ONCE" else called_by(operator)
            waiting += {*called} - found
            found.update(called)
    return tuple(sorted(found))


def check_calls(graph: ModelGraph) -> None:
    """Refuse subgraphs that run themselves, by way of others too, or lie too deep in each other.

    Raises:
        InvalidModelError: naming a subgraph.
    """
    parts, heights = parts_of(graph), dict[int, int]()
    _height(parts, 0, (), heights)
    operators, calls = _counted(parts, heights)
    if operators > MAX_OPERATORS or calls > MOST_CALLS:
        raise InvalidModelError(
            f"{graph.name} runs {calls:,} loops and conditions with {operators:,} operators in "
            f"all, the same ones wherever they are run; at most {MOST_CALLS} with "
            f"{MAX_OPERATORS:,} are read",
            hint="Run fewer subgraphs, or each from fewer places.",
        )


def _height(
    parts: Sequence[ModelGraph], index: int, above: tuple[int, ...], known: dict[int, int]
) -> int:
    """How many levels of subgraphs lie below one."""
    if index in above:
        raise InvalidModelError(
            f"subgraph {index} of {parts[0].name} runs itself",
            hint="The file is damaged or its converter is at fault; convert the model again.",
        )
    if len(above) + known.get(index, 0) > MOST_LEVELS:
        raise InvalidModelError(
            f"{parts[0].name} has subgraphs that run each other more than {MOST_LEVELS} deep",
            hint="Flatten the model's loops and conditions before converting it.",
        )
    if index not in known:
        called = {one for operator in parts[index].operators for one in called_by(operator)}
        below = [_height(parts, one, (*above, index), known) for one in sorted(called)]
        known[index] = max((1 + levels for levels in below), default=0)
    return known[index]


def _counted(parts: Sequence[ModelGraph], heights: Mapping[int, int]) -> tuple[int, int]:
    """Operators that the model runs, and those among them that run subgraphs."""
    counts: dict[int, tuple[int, int]] = {}
    for index in sorted(heights, key=heights.__getitem__):
        called = [called_by(operator) for operator in parts[index].operators]
        below = [counts[one] for many in called for one in many]
        counts[index] = (
            len(called) + sum(operators for operators, _ in below),
            sum(1 for many in called if many) + sum(calls for _, calls in below),
        )
    return counts[0]
