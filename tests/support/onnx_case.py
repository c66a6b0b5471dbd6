"""A case of a random quantized ONNX graph: what its layers are drawn with and into."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.support.draws import Draws
from tests.support.qdq_graphs import Array, OnnxGraph, i64

OPSETS = (10, 11, 12, 13, 15, 17, 18, 21)
PER_AXIS_SINCE = 13


@dataclass(frozen=True, slots=True)
class Real:
    """A float32 tensor of the graph.

    Attributes:
        spread: of its values, roughly.
        quantized: whether it is no more than integers with one scale.
        exact: whether its bits are defined.
    """

    name: str
    shape: tuple[int, ...]
    spread: float = 1.0
    quantized: bool = False
    exact: bool = True
    scale: float = 1.0

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class Expected:
    """One output of a case: how far from the reference it may be."""

    name: str
    steps: int = 0
    relative: float = 0.0


@dataclass
class Case(Draws):
    """A case being drawn into a graph."""

    graph: OnnxGraph
    random: np.random.Generator
    label: list[str] = field(default_factory=list)
    outputs: list[Expected] = field(default_factory=list)
    reals: list[Real] = field(default_factory=list)

    def integers(self, dtype: str, shape: Sequence[int]) -> Array:
        limits = np.iinfo(dtype)
        if self.chance(0.1):
            return self.random.choice([limits.min, limits.max], tuple(shape)).astype(dtype)
        return self.random.integers(limits.min, limits.max + 1, tuple(shape)).astype(dtype)

    def floats(self, shape: Sequence[int], spread: float = 1.0) -> Array:
        return (self.random.standard_normal(tuple(shape)) * spread).astype(np.float32)

    def scale(self, near: float) -> float:
        """Sometimes a power of two, which makes ties."""
        if self.chance(0.3):
            return float(np.float32(2.0 ** round(math.log2(near))))
        return float(np.float32(near * self.random.uniform(0.5, 2.0)))

    def zero_point(self, dtype: str) -> Array:
        limits = np.iinfo(dtype)
        common = [limits.min, limits.max, (limits.min + limits.max + 1) // 2]
        if self.chance(0.4):
            return np.asarray(self.pick(common), dtype)
        return np.asarray(self.between(limits.min, limits.max), dtype)

    def dtype(self) -> str:
        return str(self.pick(["int8", "uint8"]))

    @property
    def opset(self) -> int:
        return self.graph.opset

    def node(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> str:
        self.label.append(op_type)
        return self.graph.node(op_type, inputs, **attributes)

    def source(self, rank: int) -> Real:
        """A new input: floats, floats quantized at once, or integers."""
        shape = self.shape(rank)
        kind = self.pick(["integer", "integer", "quantized", "float"])
        if kind == "float":
            return self.kept(Real(self.graph.input(self.floats(shape)), shape))
        if kind == "quantized":
            real = Real(self.graph.input(self.floats(shape)), shape)
            return self.kept(self.requantized(real))
        dtype = self.dtype()
        scale, zero = self.scale(0.02), self.zero_point(dtype)
        name = self.graph.input(self.integers(dtype, shape))
        self.label.append(f"{dtype}{list(shape)}")
        if self.chance(0.1):
            self.label.append("Cast")
            cast = self.graph.node("Cast", [name], to=1)
            return self.kept(Real(cast, shape, 75.0, quantized=True))
        dequantized = self.graph.dequantized(name, scale, zero)
        return self.kept(Real(dequantized, shape, scale * 75, quantized=True, scale=scale))

    def kept(self, real: Real) -> Real:
        self.reals.append(real)
        return real

    def requantized(self, real: Real) -> Real:
        """QuantizeLinear and DequantizeLinear."""
        scale = self.scale(max(real.spread, 1e-6) / 50)
        dtype = self.dtype()
        zero = self.zero_point(dtype)
        quantized = self.graph.quantized(real.name, scale, zero)
        if self.chance(0.1):
            self.outputs.append(Expected(quantized, steps=0 if real.exact else 1))
        self.label.append(f"Q{dtype}")
        dequantized = self.graph.dequantized(quantized, scale, zero)
        return replace(
            real,
            name=dequantized,
            spread=scale * 60,
            quantized=True,
            scale=scale,
        )

    def quantized_constant(self, array: Array, scale: float, zero: Array) -> str:
        return self.graph.dequantized(self.graph.constant(array), scale, zero)

    def ints(self, values: Sequence[int]) -> str:
        return self.graph.constant(i64(list(values)))


Layer = Callable[[Case, Real], Real | None]
