"""Collects the values and steps of a program while an operator set is lowered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from fitgraph.compiler_bridge.errors import UnsupportedOperatorError
from fitgraph.compiler_bridge.program import (
    Array,
    Field,
    Operand,
    Region,
    RegionKind,
    Step,
    Value,
)
from fitgraph.registry.model_graph import ITEM_BYTES, DType

LARGEST_BYTES = 2**31 - 1  # offsets and counts in kernels are int32_t


class ProgramBuilder:
    """Append-only values and steps; lowering functions write into it."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.steps: list[Step] = []
        self.label = ""
        self.regions: list[Region] = []
        self.region: int | None = None

    def value(
        self, name: str, shape: tuple[int, ...], dtype: DType, *, is_state: bool = False
    ) -> int:
        """Adds a value and returns its index.

        Raises:
            UnsupportedOperatorError: it has no elements, or more than C kernels can count.
        """
        n_bytes = math.prod(shape) * ITEM_BYTES.get(dtype, 0)
        if not 0 < n_bytes <= LARGEST_BYTES:
            raise UnsupportedOperatorError(
                f"tensor {name!r} of {dtype} {list(shape)} takes {n_bytes} bytes; C kernels work "
                f"on 1 to {LARGEST_BYTES} bytes",
                hint="fix the shapes of the model's inputs and export it again",
            )
        self.values.append(Value(name, shape, dtype, is_state))
        return len(self.values) - 1

    def step(
        self,
        kernel: str,
        fields: Mapping[str, Field],
        inputs: tuple[Operand, ...],
        output: int,
        *,
        also: tuple[int, ...] = (),
        clearance_bytes: int | None = None,
    ) -> None:
        """Adds a kernel call that writes one value, and maybe ``also`` states or work space."""
        outputs = (output, *also)
        self.steps.append(
            Step(kernel, fields, inputs, outputs, self.label, clearance_bytes, region=self.region)
        )

    @contextmanager
    def within(
        self, kind: RegionKind, *, condition: int | None = None, trips: int | None = None
    ) -> Iterator[None]:
        """Steps that are added meanwhile stand in a region of their own."""
        around = self.region
        self.regions.append(Region(kind, around, condition, trips))
        self.region = len(self.regions) - 1
        yield
        self.region = around

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
