"""Small TFLite files and other flatbuffers, written field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
from tflite.BuiltinOperator import BuiltinOperator
from tflite.TensorType import TensorType

# Field id to value: a numpy scalar is stored in the table, everything else is pointed to: str,
# bytes, a numpy vector, a table (mapping) or a list of tables.
Fields = Mapping[int, Any]

_SLOTS = {
    "int8": "PrependInt8Slot",
    "uint8": "PrependUint8Slot",
    "int32": "PrependInt32Slot",
    "uint32": "PrependUint32Slot",
    "int64": "PrependInt64Slot",
    "uint64": "PrependUint64Slot",
    "float32": "PrependFloat32Slot",
}


def flatbuffer(root: Fields, identifier: bytes = b"TFL3") -> bytes:
    """Bytes of a flatbuffer with this root table; a table that a list names twice is there once."""
    builder = flatbuffers.Builder()
    builder.ForceDefaults(forceDefaults=True)
    builder.Finish(_table(builder, root), file_identifier=identifier)
    return bytes(builder.Output())


def _table(builder: Any, fields: Fields) -> int:
    pointed = {
        field: _pointed(builder, value)
        for field, value in fields.items()
        if not isinstance(value, np.generic)
    }
    builder.StartObject(max(fields, default=-1) + 1)
    for field, value in fields.items():
        if field in pointed:
            builder.PrependUOffsetTRelativeSlot(field, pointed[field], 0)
        else:
            getattr(builder, _SLOTS[value.dtype.name])(field, value.item(), 0)
    return int(builder.EndObject())


def _pointed(builder: Any, value: Any) -> int:
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, bytes):
        return int(builder.CreateByteVector(value))
    if isinstance(value, np.ndarray):
        return int(builder.CreateNumpyVector(value))
    if isinstance(value, Mapping):
        return _table(builder, value)
    written = {id(entry): _table(builder, entry) for entry in {id(e): e for e in value}.values()}
    tables = [written[id(entry)] for entry in value]
    builder.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        builder.PrependUOffsetTRelative(table)
    return int(builder.EndVector())


def tensor(
    name: str,
    shape: Sequence[int],
    dtype: str = "INT8",
    *,
    buffer: int = 0,
    quantization: Fields | None = None,
    is_variable: bool = False,
) -> dict[int, Any]:
    """Fields of a tensor; ``quantization`` has its own field ids (scale 2, zero point 3)."""
    fields: dict[int, Any] = {
        0: np.array(shape, np.int32),
        1: np.int8(getattr(TensorType, dtype)),
        2: np.uint32(buffer),
        3: name,
        5: np.uint8(is_variable),
    }
    return fields if quantization is None else {**fields, 4: quantization}


def operator(inputs: Sequence[int], outputs: Sequence[int], code: int = 0) -> dict[int, Any]:
    """Fields of an operator without options."""
    return {
        0: np.uint32(code),
        1: np.array(inputs, np.int32),
        2: np.array(outputs, np.int32),
    }


def operator_code(op_type: str, version: int = 1) -> dict[int, Any]:
    """Fields of an operator code, in the form of today's schema."""
    if op_type.startswith("CUSTOM:"):
        custom = BuiltinOperator.CUSTOM
        name = op_type.removeprefix("CUSTOM:")
        return {0: np.int8(custom), 1: name, 2: np.int32(version), 3: np.int32(custom)}
    code = getattr(BuiltinOperator, op_type)
    return {0: np.int8(min(code, 127)), 2: np.int32(version), 3: np.int32(code)}


def subgraph(
    tensors: Sequence[Fields],
    operators: Sequence[Fields],
    inputs: Sequence[int],
    outputs: Sequence[int],
) -> dict[int, Any]:
    """Fields of a subgraph."""
    return {
        0: list(tensors),
        1: np.array(inputs, np.int32),
        2: np.array(outputs, np.int32),
        3: list(operators),
    }


def model(
    subgraphs: Sequence[Fields],
    codes: Sequence[Fields],
    buffers: Sequence[bytes | Fields] = (),
    version: int = 3,
) -> dict[int, Any]:
    """Fields of a model; buffer 0 is the empty one that the schema demands."""
    tables = [b if isinstance(b, Mapping) else {0: b} for b in buffers]
    return {
        0: np.uint32(version),
        1: list(codes),
        2: list(subgraphs),
        4: [{}, *tables],
    }


def one_operator(
    op_type: str = "RELU", op: Mapping[int, Any] | None = None, **constant: Any
) -> bytes:
    """A file of one operator from ``x`` to ``y``; ``constant`` describes a third tensor ``w``.

    Its keys are those of ``tensor``, with ``content`` for the bytes of its buffer.
    """
    tensors = [tensor("x", [1, 4]), tensor("y", [1, 4])]
    buffers: list[bytes] = []
    inputs = [0]
    if constant:
        content = constant.pop("content")
        buffers.append(content)
        tensors.append(tensor("w", buffer=1, **constant))
        inputs.append(2)
    node = {**operator(inputs, [1]), **(op or {})}
    part = subgraph(tensors, [node], [0], [1])
    return flatbuffer(model([part], [operator_code(op_type)], buffers))
