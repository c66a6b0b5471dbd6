"""Lists of tensors that loops fill: what the converter joins of three pieces is one block put in.

It writes the new list as the items before the place, the item, and the items behind it, sliced and
joined. The sizes of these pieces differ from round to round; where every round is known, they are
seen to be all that is not replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitgraph.registry.model_graph import ModelGraph, Operator, Tensor
from fitgraph.registry.tflite_course import Numbers, numbers_of

Rounds = Sequence[Mapping[int, Numbers]]


def set_items(part: ModelGraph, rounds: Rounds) -> dict[int, Operator]:
    """By their positions the joins that put a block into a list, as operators that do so.

    Args:
        rounds: what is known of the loop in each; without any, nothing is.
    """
    if not rounds:
        return {}
    slices = {
        operator.outputs[0]: operator
        for operator in part.operators
        if operator.op_type == "SLICE" and len(operator.inputs) == 3
    }
    found = {}
    for position, operator in enumerate(part.operators):
        pieces = _pieces(operator, slices)
        if pieces and _suits(part, operator, *pieces, rounds):
            before, item, _ = pieces
            # The size of the first piece is where the item starts, with -1 for whole axes; a start
            # below 0 counts as 0.
            inputs = (before.inputs[0], item, before.inputs[2])
            found[position] = Operator(
                "DYNAMIC_UPDATE_SLICE", operator.domain, 1, inputs, operator.outputs
            )
    return found


def _pieces(
    operator: Operator, slices: Mapping[int, Operator]
) -> tuple[Operator, int, Operator] | None:
    """The slice before the item, the item, and the slice behind it."""
    if operator.op_type != "CONCATENATION" or len(operator.inputs) != 3:
        return None
    if operator.attributes.get("axis") != 0:
        return None
    if operator.attributes.get("fused_activation_function", "NONE") != "NONE":
        return None
    first, item, last = operator.inputs
    if first is None or item is None or last is None:
        return None
    before, behind = slices.get(first), slices.get(last)
    if before is None or behind is None or before.inputs[0] != behind.inputs[0]:
        return None
    return before, item, behind


def _suits(
    part: ModelGraph,
    operator: Operator,
    before: Operator,
    item: int,
    behind: Operator,
    rounds: Rounds,
) -> bool:
    """Whether the pieces are always all of the list but what the item takes the place of."""
    if None in (*before.inputs, *behind.inputs):
        return False
    whole, block = part.tensors[before.inputs[0] or 0], part.tensors[item]
    joined = part.tensors[operator.outputs[0]]
    if not _are_alike(whole, joined) or not _are_alike(whole, block, but_for_length=True):
        return False
    shape, length = whole.static_shape, block.static_shape[0]
    return all(_is_rest(part, before, behind, known, shape, length) for known in rounds)


def _is_rest(
    part: ModelGraph,
    before: Operator,
    behind: Operator,
    known: Mapping[int, Numbers],
    shape: tuple[int, ...],
    length: int,
) -> bool:
    """The same in one round."""
    begin, size = (_numbers(part, before.inputs[i], known) for i in (1, 2))
    start, rest = (_numbers(part, behind.inputs[i], known) for i in (1, 2))
    if begin is None or size is None or start is None or rest is None:
        return False
    if {len(begin), len(size), len(start), len(rest)} != {len(shape)}:
        return False
    at, nought = size[0], (0,) * (len(shape) - 1)
    left = shape[0] - at - length
    return (
        at >= 0
        and left >= 0
        and begin == (0, *nought)
        and start == (at + length, *nought)
        and rest[0] in (-1, left)
        and _is_whole(size, shape)
        and _is_whole(rest, shape)
    )


def _is_whole(size: Numbers, shape: tuple[int, ...]) -> bool:
    """Whether all axes but the first are taken whole."""
    return all(n in (-1, whole) for n, whole in zip(size[1:], shape[1:], strict=True))


def _are_alike(one: Tensor, other: Tensor, *, but_for_length: bool = False) -> bool:
    """Whether both are of one kind and shape."""
    shapes = [one.shape, other.shape]
    if not all(shapes) or any(isinstance(dim, str) for shape in shapes for dim in shape):
        return False
    if one.dtype is not other.dtype or one.quantization != other.quantization:
        return False
    skipped = 1 if but_for_length else 0
    return len(shapes[0]) == len(shapes[1]) and shapes[0][skipped:] == shapes[1][skipped:]


def _numbers(part: ModelGraph, index: int | None, known: Mapping[int, Numbers]) -> Numbers | None:
    return None if index is None else known.get(index, numbers_of(part.tensors[index]))
