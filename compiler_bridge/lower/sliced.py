"""Slices of densely packed arrays as layouts."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.movement import Layout, dense_strides


def sliced(shape: tuple[int, ...], slices: tuple[slice, ...]) -> tuple[Layout, tuple[int, ...]]:
    """Layout and sizes of ``array[slices]`` in a densely packed array of that shape."""
    strides = dense_strides(shape)
    offset, steps, sizes = 0, [], []
    for axis, size in enumerate(shape):
        chosen = range(size)[slices[axis]] if axis < len(slices) else range(size)
        offset += (chosen[0] if len(chosen) else 0) * strides[axis]
        steps.append(chosen.step * strides[axis])
        sizes.append(len(chosen))
    return Layout(tuple(steps), offset), tuple(sizes)
