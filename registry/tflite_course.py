"""How often a WHILE of a TFLite model runs its body, told from the constants it counts with.

The loop is gone through with what is known of its variables: small integers that start as
constants and are computed from such. What depends on data is not known, and a condition of which
nothing is known proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.tflite_calls import called_by

# Numbers of a tensor, in C order.
Numbers = tuple[int, ...]

#: Rounds that are gone through, and operators that count in all of them: a fifth of a second.
MOST_TRIPS: Final = 65_536
MOST_OPERATORS: Final = 200_000
#: Elements of a tensor whose numbers are kept.
MOST_NUMBERS: Final = 32

_RANGES: Final[Mapping[DType, tuple[int, int]]] = {
    DType.BOOL: (0, 1),
    DType.INT32: (-(2**31), 2**31 - 1),
    DType.INT64: (-(2**63), 2**63 - 1),
}


@dataclass(frozen=True, slots=True)
class Course:
    """What is proven of a loop before it runs.

    Attributes:
        trips: how often the body runs; None if that depends on data.
        at_most: that it runs no more often; None if nothing tells.
        is_endless: whether it never ends.
        rounds: for each round that is known to be possible, the numbers of the body's tensors that
            are known then. Empty where ``at_most`` is None.
    """

    trips: int | None = None
    at_most: int | None = None
    is_endless: bool = False
    rounds: tuple[Mapping[int, Numbers], ...] = ()


def course_of(
    parts: Sequence[ModelGraph], operator: Operator, known: Mapping[int, Numbers]
) -> Course:
    """The course of a WHILE.

    Args:
        parts: the model's subgraphs by their numbers.
        known: numbers of the tensors around the loop.
    """
    condition, body = (parts[index] for index in called_by(operator))
    state = [None if index is None else known.get(index) for index in operator.inputs]
    if len(state) != len(body.outputs) or len(condition.outputs) != 1:
        return Course()
    if _never_changes(condition, body):
        first = _holds(_counting(condition), state)
        return Course(0, 0) if first == (0,) else Course(is_endless=True)
    return _followed(_counting(condition), _counting(body), state)


def numbers_of(tensor: Tensor) -> Numbers | None:
    """The numbers of a small constant of integers."""
    if tensor.data is None or tensor.dtype not in _RANGES or tensor.data.size > MOST_NUMBERS:
        return None
    return tuple(int(number) for number in tensor.data.reshape(-1))


def _followed(condition: ModelGraph, body: ModelGraph, state: Sequence[Numbers | None]) -> Course:
    rounds: list[Mapping[int, Numbers]] = []
    is_exact = True
    n_operators = len(condition.operators) + len(body.operators)
    for _ in range(1 + min(MOST_TRIPS, MOST_OPERATORS // max(1, n_operators))):
        goes_on = _holds(condition, state)
        if goes_on == (0,):
            n = len(rounds)
            return Course(n if is_exact else None, n, rounds=tuple(rounds))
        is_exact &= goes_on is not None
        found = _evaluated(body, state)
        after = [found.get(index) for index in body.outputs]
        if after == list(state):
            return Course(is_endless=goes_on is not None)
        rounds.append(found)
        state = after
    return Course()


def _counting(part: ModelGraph) -> ModelGraph:
    """The subgraph with nothing but operators whose numbers may be told."""
    kept = (
        one
        for one in part.operators
        if one.op_type in _COMPUTED
        and one.inputs
        and len(one.outputs) == 1
        and part.tensors[one.outputs[0]].dtype in _RANGES
    )
    return replace(part, operators=tuple(kept))


def _never_changes(condition: ModelGraph, body: ModelGraph) -> bool:
    """Whether the condition depends on nothing that the body changes."""
    if any(one.op_type == "READ_VARIABLE" or called_by(one) for one in condition.operators):
        return False
    needed = {*condition.outputs}
    for operator in reversed(condition.operators):
        if needed.intersection(operator.outputs):
            needed.update(index for index in operator.inputs if index is not None)
    return all(
        body.outputs[place] == body.inputs[place]
        for place, index in enumerate(condition.inputs[: len(body.inputs)])
        if index in needed
    )


def _holds(condition: ModelGraph, state: Sequence[Numbers | None]) -> Numbers | None:
    (output,) = condition.outputs
    return _evaluated(condition, state).get(output, numbers_of(condition.tensors[output]))


def _evaluated(part: ModelGraph, inputs: Sequence[Numbers | None]) -> dict[int, Numbers]:
    """The numbers of a subgraph's tensors, as far as they are known."""
    found = {i: n for i, n in zip(part.inputs, inputs, strict=False) if n is not None}
    for operator in part.operators:
        output = part.tensors[operator.outputs[0]]
        numbers = _COMPUTED[operator.op_type](operator, tuple(_read(part, operator, found)))
        if numbers is not None and _is_held(output, numbers):
            found[operator.outputs[0]] = numbers
    return found


def _read(
    part: ModelGraph, operator: Operator, found: Mapping[int, Numbers]
) -> Iterator[Numbers | None]:
    for index in operator.inputs:
        if index is None:
            yield None
        else:
            yield found[index] if index in found else numbers_of(part.tensors[index])


def _is_held(tensor: Tensor, numbers: Numbers) -> bool:
    """Whether the tensor holds so many of these numbers: sums that run over are not followed."""
    if tensor.dtype not in _RANGES or len(numbers) > MOST_NUMBERS:
        return False
    # Along one axis at most, so that broadcasting and joining leave their order alone.
    if [size for size in tensor.shape if size != 1] != [len(numbers)][: len(numbers) != 1]:
        return False
    low, high = _RANGES[tensor.dtype]
    return all(low <= number <= high for number in numbers)


Inputs = tuple[Numbers | None, ...]
Computing = Callable[[Operator, Inputs], Numbers | None]


def _pairwise(compute: Callable[[int, int], int]) -> Computing:
    def computed(operator: Operator, inputs: Inputs) -> Numbers | None:
        if operator.attributes.get("fused_activation_function", "NONE") != "NONE":
            return None
        if len(inputs) != 2 or inputs[0] is None or inputs[1] is None:
            return None
        a, b = inputs[0], inputs[1]
        if len(a) != len(b) and 1 not in (len(a), len(b)):
            return None
        n = max(len(a), len(b))
        return tuple(compute(a[i % len(a)], b[i % len(b)]) for i in range(n))

    return computed


def _logical(decided_by: int) -> Computing:
    """AND and OR of one truth each: the one that decides is enough."""
    both = _pairwise(min if decided_by == 0 else max)

    def computed(operator: Operator, inputs: Inputs) -> Numbers | None:
        return (decided_by,) if (decided_by,) in inputs else both(operator, inputs)

    return computed


def _negated(_: Operator, inputs: Inputs) -> Numbers | None:
    return None if inputs[0] is None else tuple(1 - number for number in inputs[0])


def _same(_: Operator, inputs: Inputs) -> Numbers | None:
    return inputs[0]


def _joined(_: Operator, inputs: Inputs) -> Numbers | None:
    """Of tensors along their only axis."""
    found: list[int] = []
    for numbers in inputs:
        if numbers is None:
            return None
        found += numbers
    return tuple(found)


_COMPUTED: Final[Mapping[str, Computing]] = {
    "ADD": _pairwise(lambda a, b: a + b),
    "SUB": _pairwise(lambda a, b: a - b),
    "MUL": _pairwise(lambda a, b: a * b),
    "MINIMUM": _pairwise(min),
    "MAXIMUM": _pairwise(max),
    "LESS": _pairwise(lambda a, b: int(a < b)),
    "LESS_EQUAL": _pairwise(lambda a, b: int(a <= b)),
    "GREATER": _pairwise(lambda a, b: int(a > b)),
    "GREATER_EQUAL": _pairwise(lambda a, b: int(a >= b)),
    "EQUAL": _pairwise(lambda a, b: int(a == b)),
    "NOT_EQUAL": _pairwise(lambda a, b: int(a != b)),
    "LOGICAL_AND": _logical(0),
    "LOGICAL_OR": _logical(1),
    "LOGICAL_NOT": _negated,
    "RESHAPE": _same,
    "SQUEEZE": _same,
    "EXPAND_DIMS": _same,
    "CONCATENATION": _joined,
    "PACK": _joined,
}
