"""ONNX element types, shapes, tensor values and attributes as the graph keeps them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import AttributeProto, TensorProto, TypeProto, numpy_helper

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import DType
from fitgraph.registry.onnx_external import embed_external_data

# Stands for a whole shape when not even the number of dimensions is known.
UNKNOWN_SHAPE: tuple[str, ...] = ("...",)
# Stands for one dimension that the file neither numbers nor names.
UNKNOWN_DIM = "?"

_MAX_RANK = 32  # what numpy < 2 can hold
_MAX_ELEMENTS = 2**40  # far above any model, far below an int64 overflow
_DAMAGED = "The file is damaged; get it again from its source."

_DTYPES: Mapping[int, DType] = {
    TensorProto.FLOAT: DType.FLOAT32,
    TensorProto.FLOAT16: DType.FLOAT16,
    TensorProto.BFLOAT16: DType.BFLOAT16,
    TensorProto.DOUBLE: DType.FLOAT64,
    TensorProto.INT4: DType.INT4,
    TensorProto.INT8: DType.INT8,
    TensorProto.UINT8: DType.UINT8,
    TensorProto.INT16: DType.INT16,
    TensorProto.UINT16: DType.UINT16,
    TensorProto.INT32: DType.INT32,
    TensorProto.UINT32: DType.UINT32,
    TensorProto.INT64: DType.INT64,
    TensorProto.UINT64: DType.UINT64,
    TensorProto.BOOL: DType.BOOL,
    TensorProto.COMPLEX64: DType.COMPLEX64,
    TensorProto.STRING: DType.STRING,
}


@dataclass(frozen=True, slots=True)
class OpaqueAttribute:
    """An attribute that is kept by name only: a subgraph, a sparse tensor, a type.

    Attributes:
        kind: ``graph``, ``graphs``, ``sparse_tensor``, ...
        op_types: of the operators inside, when it is a subgraph (not of those nested deeper).
    """

    kind: str
    op_types: tuple[str, ...] = ()


def dtype_of(elem_type: int) -> DType:
    """The element type; OTHER for what ``DType`` has no name for (8-bit floats, uint4, ...)."""
    return _DTYPES.get(elem_type, DType.OTHER)


def checked_shape(dims: Iterable[int | str], name: str) -> tuple[int | str, ...]:
    """The dimensions, refused when negative or too many to be true."""
    shape = tuple(dims)
    numbers = [dim for dim in shape if isinstance(dim, int)]
    if len(shape) > _MAX_RANK or any(dim < 0 for dim in numbers):
        raise InvalidModelError(f"tensor {name!r} has shape {list(shape)[:40]}", hint=_DAMAGED)
    if math.prod(max(dim, 1) for dim in numbers) > _MAX_ELEMENTS:
        raise InvalidModelError(
            f"tensor {name!r} has shape {list(shape)}: more than {_MAX_ELEMENTS} elements",
            hint=_DAMAGED,
        )
    return shape


def type_of(proto: TypeProto, name: str) -> tuple[DType, tuple[int | str, ...]]:
    """Element type and shape; sequences, maps and optionals are OTHER of unknown shape."""
    if not proto.HasField("tensor_type"):
        return DType.OTHER, UNKNOWN_SHAPE
    tensor = proto.tensor_type
    if not tensor.HasField("shape"):
        return dtype_of(tensor.elem_type), UNKNOWN_SHAPE
    dims = (_dim(dim) for dim in tensor.shape.dim)
    return dtype_of(tensor.elem_type), checked_shape(dims, name)


def _dim(dim: onnx.TensorShapeProto.Dimension) -> int | str:
    # -1 is what Paddle's and older converters write for a dimension that is not known.
    if dim.HasField("dim_value") and dim.dim_value != -1:
        return int(dim.dim_value)
    return dim.dim_param or UNKNOWN_DIM


def array_of(tensor: TensorProto, folder: Path | None) -> npt.NDArray[Any]:
    """The tensor's value, read-only, in C order.

    int4 comes as int8, bfloat16 as its bit patterns in uint16 and 8-bit floats as uint8.

    Raises:
        InvalidModelError: the bytes do not match the shape, or lie outside the folder.
    """
    embed_external_data(tensor, folder)
    checked_shape(tensor.dims, tensor.name)
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, IndexError, NotImplementedError) as error:
        raise InvalidModelError(
            f"the value of tensor {tensor.name!r} of shape {list(tensor.dims)} cannot be read: "
            f"{error}",
            hint=_DAMAGED,
        ) from error
    return read_only(array)


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy of our own that nobody can write to, in a dtype that numpy has."""
    if array.dtype.kind not in "biufcOSU":
        array = _without_extension_dtype(array)
    owned = np.array(array, order="C")
    owned.flags.writeable = False
    return owned


def _without_extension_dtype(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if array.dtype.name in ("int4", "uint4", "int2", "uint2"):
        return array.astype(np.int8)
    return array.view(np.uint16 if array.dtype.itemsize == 2 else np.uint8)


def attribute_value(attribute: AttributeProto, folder: Path | None) -> Any:  # noqa: ANN401
    """The attribute as plain Python: int, float, str, tuples of them, or a read-only array."""
    kind = AttributeProto.AttributeType.Name(attribute.type).lower()
    if kind == "undefined":
        raise InvalidModelError(
            f"attribute {attribute.name!r} does not say of which type it is", hint=_DAMAGED
        )
    if kind == "tensor":
        return array_of(attribute.t, folder)
    if kind == "tensors":
        return tuple(array_of(tensor, folder) for tensor in attribute.tensors)
    if kind == "graph":
        return OpaqueAttribute(kind, tuple(node.op_type for node in attribute.g.node))
    read = _PLAIN_ATTRIBUTES.get(kind)
    return OpaqueAttribute(kind) if read is None else read(attribute)


_PLAIN_ATTRIBUTES: Mapping[str, Callable[[AttributeProto], Any]] = {
    "float": lambda attribute: attribute.f,
    "int": lambda attribute: attribute.i,
    "string": lambda attribute: _text(attribute.s),
    "floats": lambda attribute: tuple(attribute.floats),
    "ints": lambda attribute: tuple(attribute.ints),
    "strings": lambda attribute: tuple(_text(value) for value in attribute.strings),
}

_CONSTANT_DTYPES: Mapping[str, DType] = {
    "value_float": DType.FLOAT32,
    "value_floats": DType.FLOAT32,
    "value_int": DType.INT64,
    "value_ints": DType.INT64,
    "value_string": DType.STRING,
    "value_strings": DType.STRING,
}


def constant_attribute(
    attribute: AttributeProto, folder: Path | None
) -> tuple[npt.NDArray[Any], DType]:
    """The value that the one attribute of a ``Constant`` node holds.

    Raises:
        InvalidModelError: it is sparse, or no attribute of a Constant.
    """
    value = attribute_value(attribute, folder)
    if attribute.name == "value" and isinstance(value, np.ndarray):
        return value, dtype_of(attribute.t.data_type)
    dtype = _CONSTANT_DTYPES.get(attribute.name)
    if dtype is None or isinstance(value, np.ndarray | OpaqueAttribute):
        raise InvalidModelError(
            f"a Constant node's {attribute.name!r} cannot be read",
            hint="Save the model with dense constants.",
        )
    numpy_dtype = np.dtype(object if dtype is DType.STRING else dtype.value)
    try:
        return read_only(np.array(value, numpy_dtype)), dtype
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidModelError(
            f"a Constant node's {attribute.name!r} is {value!r}", hint=_DAMAGED
        ) from error


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")
