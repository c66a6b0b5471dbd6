"""How a tensor of an ONNX graph is held while it is lowered.

A float tensor that comes out of DequantizeLinear stays 8-bit integers with a scale (a ``View``)
until an operator really needs floats. Transposes are not carried out but remembered as the order
of the axes in memory, so that convolutions can work on height x width x channels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.program import Array, Operand
from fitgraph.registry.model_graph import DType, ModelGraph, Operator

Order = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A tensor in memory.

    Attributes:
        operand: the value, or the constant, in memory order.
        shape: as the graph says, in logical order.
        order: the logical axis that each memory axis is.
        scale: of the int8 integers in ``operand``; None if they are float32 (or are themselves
            the tensor).
        zero_point: in int8, that is 128 less than a uint8 one.
        unsigned: whether the file holds the integers as uint8.
    """

    operand: Operand
    shape: tuple[int, ...]
    order: Order
    scale: float | None = None
    zero_point: int = 0
    unsigned: bool = False

    @property
    def memory_shape(self) -> tuple[int, ...]:
        return tuple(self.shape[axis] for axis in self.order)

    @property
    def is_quantized(self) -> bool:
        return self.scale is not None

    def reshaped(self, shape: tuple[int, ...]) -> View:
        """The same bytes under another shape; must be in logical order."""
        return replace(self, shape=shape, order=identity(len(shape)))


@dataclass(frozen=True, slots=True)
class Integers:
    """An int8 or uint8 tensor; uint8 is held as int8, 128 less."""

    view: View
    unsigned: bool


@dataclass(frozen=True, slots=True)
class Wide:
    """A tensor of 16-bit integers, or of reals that are such with a scale.

    Attributes:
        view: the integers; uint16 is held as int16, 32768 less, and so is its zero point.
        scale: None where the integers are the tensor.
    """

    view: View
    unsigned: bool
    scale: float | None = None
    zero_point: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """A tensor of truths or of whole numbers of 64 bits."""

    view: View
    dtype: DType


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A constant that is not 8-bit: float32, int64, int32..."""

    array: Array


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedConstant:
    """A constant after DequantizeLinear: its integers, scales and zero points.

    Attributes:
        integers: int8 (a uint8 one 128 less, with its zero points), or int32 for biases.
        scales: float32, one or one for each slice along ``axis``.
        unsigned: whether the file holds the integers as uint8.
    """

    integers: Array
    scales: Array
    zero_points: Array
    axis: int
    unsigned: bool = False

    @property
    def is_per_tensor(self) -> bool:
        return self.scales.size == 1

    @property
    def as_view(self) -> View | None:
        """8-bit integers with one scale as a constant view."""
        if not self.is_per_tensor or self.integers.dtype != np.int8:
            return None
        shape = self.integers.shape
        scale, zero = float(self.scales.reshape(-1)[0]), int(self.zero_points.reshape(-1)[0])
        return View(self.integers, shape, identity(len(shape)), scale, zero, self.unsigned)

    @property
    def dequantized(self) -> Array:
        """float32 values."""
        shape = [1] * self.integers.ndim
        if self.scales.size > 1:
            shape[self.axis] = self.scales.size
        zero_points = self.zero_points.astype(np.int32).reshape(shape)
        centred = self.integers.astype(np.int32) - zero_points
        return centred.astype(np.float32) * self.scales.astype(np.float32).reshape(shape)

    @property
    def centred(self) -> Array:
        """Integers less their zero point, int64."""
        shape = [1] * self.integers.ndim
        if self.zero_points.size > 1:
            shape[self.axis] = self.zero_points.size
        return self.integers.astype(np.int64) - self.zero_points.astype(np.int64).reshape(shape)


Entry = View | Integers | Wide | Numbers | Constant | QuantizedConstant


def described(entry: Entry) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Shape of a tensor that is held so, and the dtypes that it may have in the file."""
    if isinstance(entry, Constant):
        return entry.array.shape, (entry.array.dtype.name,)
    if isinstance(entry, QuantizedConstant):
        return entry.integers.shape, ("float32",)
    if isinstance(entry, Integers):
        return entry.view.shape, ("uint8" if entry.unsigned else "int8",)
    if isinstance(entry, Wide):
        integers = "uint16" if entry.unsigned else "int16"
        return entry.view.shape, (integers if entry.scale is None else "float32",)
    if isinstance(entry, Numbers):
        return entry.view.shape, (entry.dtype.value,)
    return entry.shape, ("float32",)


def identity(rank: int) -> Order:
    """Memory in logical order."""
    return tuple(range(rank))


def channels_last(rank: int) -> Order:
    """Batch, spatial axes, channels."""
    return (0, *range(2, rank), 1)


def same_memory(shape: tuple[int, ...], a: Order, b: Order) -> bool:
    """Whether two orders lay a tensor of that shape out alike (axes of size 1 do not matter)."""
    return [axis for axis in a if shape[axis] != 1] == [axis for axis in b if shape[axis] != 1]


@dataclass(frozen=True, slots=True)
class OutputScale:
    """Quantization of an output of 8 or 16 bits, signed, and clamps of a fused activation."""

    scale: float
    zero_point: int
    low: int = -128
    high: int = 127
    dtype: type[np.signedinteger[Any]] = np.int8

    def quantize(self, real: Array) -> Array:
        """float32 to integers as QuantizeLinear does it."""
        with np.errstate(over="ignore"):  # infinity saturates
            ratio = np.rint(real.astype(np.float32) / np.float32(self.scale))
        integers: Array = np.clip(ratio + self.zero_point, self.low, self.high).astype(self.dtype)
        return integers


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """A quantized output: its scale, the QuantizeLinear that says it, what is fused."""

    scale: OutputScale
    quantizer: Operator
    fused: tuple[int, ...]
    unsigned: bool


def consumers_of(graph: ModelGraph) -> dict[int, list[int]]:
    """Positions of the operators that read each tensor."""
    users: dict[int, list[int]] = {index: [] for index in range(len(graph.tensors))}
    for position, operator in enumerate(graph.operators):
        for index in operator.inputs:
            if index is not None:
                users[index].append(position)
    return users
