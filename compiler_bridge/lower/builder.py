"""Collects the values and steps of a program while an operator set is lowered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitgraph.compiler_bridge.program import Array, Field, Operand, Step, Value
from fitgraph.registry.model_graph import DType


class ProgramBuilder:
    """Append-only values and steps; lowering functions write into it."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.steps: list[Step] = []
        self.label = ""

    def value(
        self, name: str, shape: tuple[int, ...], dtype: DType, *, is_state: bool = False
    ) -> int:
        """Adds a value and returns its index."""
        self.values.append(Value(name, shape, dtype, is_state))
        return len(self.values) - 1

    def step(
        self,
        kernel: str,
        fields: Mapping[str, Field],
        inputs: tuple[Operand, ...],
        output: int,
        *,
        may_overwrite: bool = False,
    ) -> None:
        """Adds a kernel call that writes one value."""
        self.steps.append(Step(kernel, fields, inputs, (output,), self.label, may_overwrite))

    def dtype_of(self, operand: Operand) -> DType:
        if isinstance(operand, int):
            return self.values[operand].dtype
        return DType(operand.dtype.name)


def contiguous(array: Array, dtype: type[np.generic]) -> Array:
    """The array as ``dtype`` in C order; the values must survive the conversion."""
    converted = np.ascontiguousarray(array, dtype=dtype)
    if not np.array_equal(converted, array):
        raise ValueError(f"values do not fit {np.dtype(dtype).name}")
    return converted
