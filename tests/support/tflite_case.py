"""A random case of an operator, drawn by a seed into a graph that many share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation
from tflite.Padding import Padding

from tests.support.draws import Draws
from tests.support.qdq_graphs import Array
from tests.support.tflite_graph import Scale, TfliteGraph


@dataclass
class Case(Draws):
    """A case being drawn into a graph.

    Attributes:
        widest: most channels of a layer with weights; 0 for few.
    """

    graph: TfliteGraph
    random: np.random.Generator
    label: str = ""
    outputs: list[int] = field(default_factory=list)
    widest: int = 0

    def channels(self, usual: int) -> int:
        return self.between(1, self.widest or usual)

    def int8(self, shape: Sequence[int]) -> Array:
        if self.chance(0.15):
            return self.random.choice([-128, 127], tuple(shape)).astype(np.int8)
        return self.random.integers(-128, 128, tuple(shape)).astype(np.int8)

    def scale(self, near: float = 0.05) -> Scale:
        """Sometimes a power of two, sometimes far off."""
        kind = self.random.random()
        if kind < 0.25:
            scale = 2.0 ** round(math.log2(near))
        elif kind < 0.35:
            scale = near * 10.0 ** self.random.uniform(-3, 3)
        else:
            scale = near * self.random.uniform(0.3, 3)
        zero = self.pick([-128, 127, 0, self.between(-128, 127), self.between(-128, 127)])
        return Scale(float(np.float32(scale)), zero)

    def source(self, shape: Sequence[int], scale: Scale) -> int:
        return self.graph.input(self.int8(shape), scale)

    def result(self, shape: Sequence[int], scale: Scale | None, dtype: str = "int8") -> int:
        index = self.graph.tensor(shape, dtype, scale)
        self.outputs.append(index)
        self.graph.outputs.append(index)
        return index

    def activation(self) -> np.int8:
        names = ["NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"]
        name = self.pick(names)
        self.label += f" {name}"
        return np.int8(getattr(Activation, name))


Draw = Callable[[Case], None]


def fields(numbers: Sequence[Any]) -> dict[int, Any]:
    return {
        index: number if isinstance(number, np.generic) else np.int32(number)
        for index, number in enumerate(numbers)
    }


def padding(case: Case) -> np.int8:
    name = case.pick(["SAME", "VALID"])
    case.label += f" {name}"
    return np.int8(getattr(Padding, name))


def out_size(size: int, kernel: int, stride: int, dilation: int, padding: np.int8) -> int:
    reach = (kernel - 1) * dilation + 1
    if padding == Padding.SAME:
        return -(-size // stride)
    return (size - reach) // stride + 1
