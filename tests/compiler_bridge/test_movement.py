"""Strided copies, held to numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.movement import (
    Layout,
    broadcast_loops,
    copy,
    dense,
    dense_strides,
    is_identity,
)
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.registry.model_graph import DType

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def run_copy(fields: Any, source: np.ndarray, n_bytes: int) -> bytes:
    """What the kernel copy_nd does, in Python."""
    data, out = source.tobytes(), bytearray(n_bytes)
    for index in np.ndindex(*fields["size"]):
        at = fields["in_offset"] + int(np.dot(index, fields["in_stride"]))
        to = fields["out_offset"] + int(np.dot(index, fields["out_stride"]))
        out[to : to + fields["run"]] = data[at : at + fields["run"]]
    return bytes(out)


def copied(source: np.ndarray, layout: Layout, sizes: tuple[int, ...]) -> np.ndarray:
    builder = ProgramBuilder()
    target = builder.value("target", sizes, DType(source.dtype.name))
    copy(builder, source, layout, target, dense(sizes), sizes)
    raw = run_copy(builder.steps[0].fields, source, builder.values[target].n_bytes)
    return np.frombuffer(raw, source.dtype).reshape(sizes)


@given(SHAPES, st.randoms(use_true_random=False), st.sampled_from(["int8", "float32"]))
def test_a_transpose_is_one_copy(shape: tuple[int, ...], random: Any, dtype: str) -> None:
    source = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    permutation = list(range(len(shape)))
    random.shuffle(permutation)
    expected = np.ascontiguousarray(source.transpose(permutation))
    layout = Layout(tuple(dense_strides(shape)[axis] for axis in permutation))
    assert np.array_equal(copied(source, layout, expected.shape), expected)
    if is_identity(expected.shape, layout, dense(expected.shape)):
        assert source.tobytes() == expected.tobytes()


@given(SHAPES, st.data())
def test_a_slice_is_one_copy(shape: tuple[int, ...], data: st.DataObject) -> None:
    slices = tuple(data.draw(st.slices(size)) for size in shape)
    assume(all(range(size)[one] for size, one in zip(shape, slices, strict=True)))
    source = np.arange(math.prod(shape)).reshape(shape).astype(np.int8)
    layout, sizes = sliced(shape, slices)
    assert np.array_equal(copied(source, layout, sizes), source[slices])


@given(SHAPES, st.data())
def test_broadcast_loops_walk_as_numpy_broadcasts(
    shape: tuple[int, ...], data: st.DataObject
) -> None:
    a_shape, b_shape = (
        tuple(data.draw(st.sampled_from([1, size])) for size in shape)[
            data.draw(st.integers(0, 1)) :
        ]
        for _ in range(2)
    )
    a = np.arange(math.prod(a_shape)).reshape(a_shape)
    b = np.arange(math.prod(b_shape)).reshape(b_shape)
    full = np.broadcast_shapes(a_shape, b_shape, shape)
    loops = broadcast_loops("test", a_shape, b_shape, full)
    got = [
        (
            a.reshape(-1)[int(np.dot(index, loops["a_stride"]))],
            b.reshape(-1)[int(np.dot(index, loops["b_stride"]))],
        )
        for index in np.ndindex(*loops["size"])
    ]
    want = zip(
        np.broadcast_to(a, full).reshape(-1), np.broadcast_to(b, full).reshape(-1), strict=True
    )
    assert got == list(want)


def test_more_axes_than_the_kernel_has_are_refused() -> None:
    builder = ProgramBuilder()
    builder.label = "TRANSPOSE #0"
    sizes = (2,) * 9
    target = builder.value("target", sizes, DType.INT8)
    backwards = Layout(tuple(reversed(dense_strides(sizes))))
    with pytest.raises(UnsupportedOperatorError, match="separate axes"):
        copy(builder, np.zeros(sizes, np.int8), backwards, target, dense(sizes), sizes)
