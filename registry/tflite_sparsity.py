"""Sparse TFLite constants become dense arrays.

A sparse tensor lists its non-zero values level by level: each level is a dimension, or a block of
one, that is either walked whole or holds compressed rows (TACO's format, of which the schema's
``SparsityParameters`` is one form).

Source: tensorflow/lite/schema/schema.fbs, version 3.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import Table

_MOST_BYTES = 2**28  # of a dense form; far above any microcontroller's network
_VECTORS = {1: "<i4", 2: "<u2", 3: "u1"}  # union SparseIndexVector

Integers = npt.NDArray[np.int64]


class _Field(IntEnum):
    """Fields of the sparsity parameters and of one of their levels."""

    TRAVERSAL_ORDER = 0
    BLOCK_MAP = 1
    LEVELS = 2
    FORMAT = 0
    DENSE_SIZE = 1
    SEGMENTS_TYPE = 2
    SEGMENTS = 3
    INDICES_TYPE = 4
    INDICES = 5


def dense_form(
    values: npt.NDArray[Any], shape: tuple[int, ...], sparsity: Table, name: str
) -> npt.NDArray[Any]:
    """The whole array, zeros where the file lists nothing.

    Args:
        values: in the order of the levels.
        shape: of the tensor.
        sparsity: the tensor's parameters.
        name: of the tensor, used in errors.

    Raises:
        InvalidModelError: the parameters contradict each other, or the dense form is too large.
    """
    if math.prod(shape) * values.itemsize > _MOST_BYTES:
        raise _invalid(name, f"its dense form takes more than {_MOST_BYTES} bytes")
    order = sparsity.numbers(_Field.TRAVERSAL_ORDER, "<i4").tolist()
    blocked = sparsity.numbers(_Field.BLOCK_MAP, "<i4").tolist()
    levels = sparsity.tables(_Field.LEVELS)
    rank = len(shape)
    if len(levels) != rank + len(blocked) or sorted(order) != list(range(len(levels))):
        raise _invalid(name, f"it walks {order} over {len(levels)} levels")
    if any(not 0 <= axis < rank for axis in blocked):
        raise _invalid(name, f"its blocks lie along {blocked} of {rank} axes")
    places, sizes = _walk(levels, max(values.size, 1), name)
    if len(places) != values.size:
        raise _invalid(name, f"it lists {values.size} values at {len(places)} places")
    coordinates = _coordinates(places, sizes, order, blocked, rank)
    if any((column >= size).any() for column, size in zip(coordinates, shape, strict=True)):
        raise _invalid(name, f"a value lies outside {list(shape)}")
    dense = np.zeros(shape, values.dtype)
    dense[tuple(coordinates)] = values
    return dense


def _walk(levels: tuple[Table, ...], most: int, name: str) -> tuple[Integers, list[int]]:
    """Index along each level of each listed value (values x levels), and each level's size."""
    places = np.zeros((1, 0), np.int64)
    parents, sizes = np.zeros(1, np.int64), []
    for level in levels:
        if level.integer(_Field.FORMAT, "b") == 0:
            size = level.integer(_Field.DENSE_SIZE, "i")
            # Every place of a level leads to a value, or to a compressed row that may be empty.
            if size < 1 or size * len(places) > _MOST_BYTES:
                raise _invalid(name, f"a level has size {size}")
            index = np.tile(np.arange(size), len(places))
            parents = np.repeat(parents * size, size) + index
            places = np.column_stack([np.repeat(places, size, axis=0), index])
        else:
            chosen, parents, index = _compressed(level, parents, most, name)
            places = np.column_stack([places[chosen], index])
            size = int(index.max(initial=0)) + 1
        sizes.append(size)
    return places, sizes


def _compressed(
    level: Table, parents: Integers, most: int, name: str
) -> tuple[Integers, Integers, Integers]:
    """Parent, position and index of each entry of the rows."""
    segments = _vector(level, _Field.SEGMENTS_TYPE, _Field.SEGMENTS, name)
    indices = _vector(level, _Field.INDICES_TYPE, _Field.INDICES, name)
    if int(parents.max(initial=0)) + 1 >= len(segments):
        raise _invalid(name, f"{len(segments)} segments do not cover its rows")
    starts, counts = segments[parents], segments[parents + 1] - segments[parents]
    total = int(counts.sum())
    if (counts < 0).any() or (starts < 0).any() or total > most or (indices < 0).any():
        raise _invalid(name, "its segments are out of order")
    chosen = np.repeat(np.arange(len(parents)), counts)
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    positions = starts[chosen] + within
    if (positions >= len(indices)).any():
        raise _invalid(name, "a segment reaches beyond its indices")
    return chosen, positions, indices[positions]


def _vector(level: Table, kind: _Field, field: _Field, name: str) -> Integers:
    code, table = level.integer(kind, "B"), level.table(field)
    if code not in _VECTORS or table is None:
        raise _invalid(name, f"a list of indices is of type {code}")
    return np.asarray(table.numbers(0, _VECTORS[code]), np.int64)


def _coordinates(
    places: Integers, sizes: list[int], order: list[int], blocked: list[int], rank: int
) -> list[Integers]:
    """Index along each axis of the tensor: of the block, and inside it."""
    by_dimension = {dimension: level for level, dimension in enumerate(order)}
    columns = [places[:, by_dimension[axis]] for axis in range(rank)]
    for block, axis in enumerate(blocked):
        level = by_dimension[rank + block]
        columns[axis] = columns[axis] * sizes[level] + places[:, level]
    return columns


def _invalid(name: str, problem: str) -> InvalidModelError:
    return InvalidModelError(
        f"sparse tensor {name!r}: {problem}",
        hint="The file is damaged; get it again from its source.",
    )
