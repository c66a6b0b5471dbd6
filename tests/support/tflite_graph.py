"""A TFLite file in the making, of tensors and operators that tests write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tflite.BuiltinOptions import BuiltinOptions

from tests.support.qdq_graphs import Array
from tests.support.tflite_writer import flatbuffer, model, operator_code, subgraph
from tests.support.tflite_writer import operator as operator_fields
from tests.support.tflite_writer import tensor as tensor_fields

Options = Mapping[int, Any]


def two_a_byte(values: Array) -> bytes:
    """Integers of 4 bits, the first in the low half of the first byte."""
    flat = np.append(values.reshape(-1), np.zeros(values.size % 2, np.int8)) & 15
    return (flat[::2] | flat[1::2] << 4).astype(np.uint8).tobytes()


@dataclass(frozen=True, slots=True)
class Scale:
    """real = scale * (integer - zero_point)."""

    scale: float
    zero_point: int


@dataclass
class TfliteGraph:
    """Collects the tensors and operators of one file."""

    tensors: list[dict[int, Any]] = field(default_factory=list)
    operators: list[dict[int, Any]] = field(default_factory=list)
    codes: list[tuple[str, int]] = field(default_factory=list)
    buffers: list[bytes] = field(default_factory=list)
    inputs: dict[int, Array] = field(default_factory=dict)
    outputs: list[int] = field(default_factory=list)

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        scale: Scale | None = None,
        *,
        value: Array | None = None,
        scales: Array | None = None,
        axis: int = 0,
        is_variable: bool = False,
    ) -> int:
        """Adds a tensor; with a value it is constant."""
        quantization = None
        if scales is not None:
            zeros = np.zeros(len(scales), np.int64)
            quantization = {2: scales.astype(np.float32), 3: zeros, 6: np.int32(axis)}
        elif scale is not None:
            quantization = {
                2: np.array([scale.scale], np.float32),
                3: np.array([scale.zero_point], np.int64),
            }
        buffer = 0
        if value is not None:
            self.buffers.append(two_a_byte(value) if dtype == "int4" else value.tobytes())
            buffer = len(self.buffers)
        name = f"tensor{len(self.tensors)}"
        fields = tensor_fields(
            name,
            shape,
            dtype.upper(),
            buffer=buffer,
            quantization=quantization,
            is_variable=is_variable,
        )
        self.tensors.append(fields)
        return len(self.tensors) - 1

    def input(self, value: Array, scale: Scale | None) -> int:
        """Adds an input, which is what the file is run with."""
        index = self.tensor(value.shape, value.dtype.name, scale)
        self.inputs[index] = value
        return index

    def numbers(self, values: Sequence[int] | Array) -> int:
        """Adds a constant of int32."""
        array = np.asarray(values, np.int32)
        return self.tensor(array.shape, "int32", value=array)

    def node(
        self,
        op_type: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        kind: str = "",
        options: Options | None = None,
        version: int = 1,
        custom: bytes = b"",
    ) -> None:
        """Adds an operator."""
        if (op_type, version) not in self.codes:
            self.codes.append((op_type, version))
        fields = operator_fields(inputs, outputs, self.codes.index((op_type, version)))
        if options is not None:
            fields[3] = np.uint8(getattr(BuiltinOptions, kind))
            fields[4] = dict(options)
        if custom:
            fields[5] = custom
        self.operators.append(fields)

    def content(self) -> bytes:
        """The file."""
        part = subgraph(self.tensors, self.operators, list(self.inputs), self.outputs)
        codes = [operator_code(op_type, version) for op_type, version in self.codes]
        return flatbuffer(model([part], codes, self.buffers))
