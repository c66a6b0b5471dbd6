"""Transpose, slice, concatenate, split, pad and pack: one strided copy with other strides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.program import Operand
from fitgraph.registry.model_graph import ITEM_BYTES

MAX_AXES = 4
MOST_PARTS = 16  # that a copy along more axes is split into


@dataclass(frozen=True, slots=True)
class Layout:
    """How the elements of a copy lie in one buffer, in elements."""

    strides: tuple[int, ...]
    offset: int = 0


def dense_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Strides in elements of a densely packed C-order array."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def dense(shape: Sequence[int]) -> Layout:
    """The layout of a whole, densely packed array."""
    return Layout(dense_strides(shape))


def merged_axes(
    sizes: Sequence[int], *strides: Sequence[int]
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Drops axes of size 1 and joins neighbours that every operand walks as one.

    Returns:
        the sizes and, for each operand, the strides that are left.
    """
    axes: list[tuple[int, tuple[int, ...]]] = []
    for axis, size in enumerate(sizes):
        steps = tuple(s[axis] for s in strides)
        if size == 1:
            continue
        if axes and all(
            outer == inner * size for outer, inner in zip(axes[-1][1], steps, strict=True)
        ):
            axes[-1] = (axes[-1][0] * size, steps)
        else:
            axes.append((size, steps))
    new_sizes = tuple(size for size, _ in axes)
    return new_sizes, tuple(tuple(a[1][i] for a in axes) for i in range(len(strides)))


def left_padded(values: Sequence[int], fill: int, what: str) -> tuple[int, ...]:
    """The values with ``fill`` in front, four in all.

    Raises:
        UnsupportedOperatorError: there are more than four.
    """
    if len(values) > MAX_AXES:
        raise UnsupportedOperatorError(
            f"{what} moves data along {len(values)} separate axes, more than {MAX_AXES}",
            hint="split it into transposes or slices over fewer axes",
        )
    return (fill,) * (MAX_AXES - len(values)) + tuple(values)


def copy(
    builder: ProgramBuilder,
    source: Operand,
    source_layout: Layout,
    target: int,
    target_layout: Layout,
    sizes: Sequence[int],
) -> None:
    """Adds a step that copies ``sizes`` elements from one layout to the other."""
    item = ITEM_BYTES[builder.dtype_of(source)]
    axes, (from_steps, to_steps) = merged_axes(sizes, source_layout.strides, target_layout.strides)
    run = 1
    if axes and from_steps[-1] == 1 and to_steps[-1] == 1:
        run, axes, from_steps, to_steps = axes[-1], axes[:-1], from_steps[:-1], to_steps[:-1]
    n_more = len(axes) - MAX_AXES
    if n_more > 0 and math.prod(sorted(axes)[:n_more]) <= MOST_PARTS:
        start = Layout((*from_steps, 1), source_layout.offset)
        end = Layout((*to_steps, 1), target_layout.offset)
        _copy_in_parts(builder, source, start, target, end, (*axes, run))
        return
    what = builder.label
    builder.step(
        "copy_nd",
        {
            "size": left_padded(axes, 1, what),
            "in_stride": left_padded([s * item for s in from_steps], 0, what),
            "out_stride": left_padded([s * item for s in to_steps], 0, what),
            "in_offset": source_layout.offset * item,
            "out_offset": target_layout.offset * item,
            "run": run * item,
        },
        (source,),
        target,
    )


def _copy_in_parts(
    builder: ProgramBuilder,
    source: Operand,
    source_layout: Layout,
    target: int,
    target_layout: Layout,
    sizes: Sequence[int],
) -> None:
    """A copy for each place along the shortest axis but the last, which is a run."""
    axis = min(range(len(sizes) - 1), key=lambda a: sizes[a])
    rest = [a for a in range(len(sizes)) if a != axis]
    for place in range(sizes[axis]):
        start, end = (
            Layout(tuple(one.strides[a] for a in rest), one.offset + place * one.strides[axis])
            for one in (source_layout, target_layout)
        )
        copy(builder, source, start, target, end, [sizes[a] for a in rest])


def is_identity(sizes: Sequence[int], source: Layout, target: Layout) -> bool:
    """Whether the copy would change nothing but the shape."""
    if source.offset or target.offset:
        return False
    axes, (from_steps, to_steps) = merged_axes(sizes, source.strides, target.strides)
    return not axes or (len(axes) == 1 and from_steps == (1,) and to_steps == (1,))


def broadcast_loops(
    what: str, a_shape: Sequence[int], b_shape: Sequence[int], shape: Sequence[int]
) -> dict[str, tuple[int, ...]]:
    """Fields of ``fg_loops4`` for two operands broadcast to ``shape``."""
    a_steps = broadcast_strides(a_shape, shape)
    b_steps = broadcast_strides(b_shape, shape)
    sizes, (a_left, b_left) = merged_axes(shape, a_steps, b_steps)
    return {
        "size": left_padded(sizes, 1, what),
        "a_stride": left_padded(a_left, 0, what),
        "b_stride": left_padded(b_left, 0, what),
    }


def broadcast_strides(shape: Sequence[int], to: Sequence[int]) -> tuple[int, ...]:
    """Strides of a densely packed array along the axes of what it is broadcast to."""
    padded = (1,) * (len(to) - len(shape)) + tuple(shape)
    return tuple(
        0 if size == 1 else step for size, step in zip(padded, dense_strides(padded), strict=True)
    )
