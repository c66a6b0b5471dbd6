"""The bytes of a TFLite buffer become a tensor's constant value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import FlatBuffer, Table
from fitgraph.registry.model_graph import DType
from fitgraph.registry.tflite_schema import BufferField
from fitgraph.registry.tflite_sparsity import dense_form

_NUMPY = {
    DType.FLOAT32: "<f4",
    DType.FLOAT16: "<f2",
    DType.FLOAT64: "<f8",
    DType.INT8: "i1",
    DType.UINT8: "u1",
    DType.INT16: "<i2",
    DType.UINT16: "<u2",
    DType.INT32: "<i4",
    DType.UINT32: "<u4",
    DType.INT64: "<i8",
    DType.UINT64: "<u8",
    DType.BFLOAT16: "<u2",
    DType.COMPLEX64: "<c8",
}


def read_buffer(file: FlatBuffer, buffer: Table) -> bytes:
    """A copy of one buffer's bytes, inside the flatbuffer or after it.

    Raises:
        InvalidModelError: the bytes do not lie in the file.
    """
    offset = buffer.integer(BufferField.OFFSET, "Q")
    size = buffer.integer(BufferField.SIZE, "Q")
    # Offsets 0 and 1 mean "not outside": the schema's converter uses 1 as a placeholder.
    if offset <= 1:
        return bytes(buffer.raw(BufferField.DATA))
    file.need(offset, size)
    file.spend(size)
    return file.data[offset : offset + size]


def constant(
    content: bytes, shape: tuple[int, ...], dtype: DType, name: str, sparsity: Table | None = None
) -> npt.NDArray[Any]:
    """The read-only array that ``content`` stands for, of the given shape.

    int4 is unpacked to int8, low nibble first. bfloat16 keeps its bit patterns as uint16.
    Strings and types without a numpy form stay raw bytes (uint8, one axis). A sparse tensor, of
    which the file lists some values only, is made dense.

    Raises:
        InvalidModelError: the number of bytes is not the shape's.
    """
    if dtype is DType.INT4:
        array = _unpack_int4(content, shape, name)
    elif dtype is DType.BOOL:
        _check_size(content, math.prod(shape), shape, dtype, name)
        array = (np.frombuffer(content, np.uint8) != 0).reshape(shape)
    elif dtype in _NUMPY:
        array = _dense(content, shape, dtype, name, sparsity)
    else:
        array = np.frombuffer(content, np.uint8)
    array.flags.writeable = False
    return array


def _dense(
    content: bytes, shape: tuple[int, ...], dtype: DType, name: str, sparsity: Table | None
) -> npt.NDArray[Any]:
    element = np.dtype(_NUMPY[dtype])
    if sparsity is not None:
        n_whole = len(content) // element.itemsize * element.itemsize
        return dense_form(np.frombuffer(content[:n_whole], element), shape, sparsity, name)
    n_bytes = math.prod(shape) * element.itemsize
    _check_size(content, n_bytes, shape, dtype, name)
    return np.frombuffer(content, element).reshape(shape)


def _unpack_int4(content: bytes, shape: tuple[int, ...], name: str) -> npt.NDArray[np.int8]:
    """Two values a byte, the first in the low nibble."""
    n_elements = math.prod(shape)
    _check_size(content, (n_elements + 1) // 2, shape, DType.INT4, name)
    packed = np.frombuffer(content, np.int8)
    low = np.left_shift(packed, 4) >> 4
    pairs = np.stack([low, packed >> 4], axis=-1)
    return pairs.reshape(-1)[:n_elements].reshape(shape).astype(np.int8)


def _check_size(
    content: bytes, n_bytes: int, shape: tuple[int, ...], dtype: DType, name: str
) -> None:
    if len(content) != n_bytes:
        raise InvalidModelError(
            f"constant tensor {name!r} of {dtype} {list(shape)} needs {n_bytes} bytes, "
            f"its buffer has {len(content)}",
            hint="The file is damaged; get it again from its source.",
        )
