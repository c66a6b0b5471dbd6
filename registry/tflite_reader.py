"""A TFLite file becomes a ``ModelGraph``. The bytes are untrusted."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import FlatBuffer, Table
from fitgraph.registry.model_graph import (
    MAX_OPERATORS,
    DType,
    ModelGraph,
    Operator,
    Quantization,
    Tensor,
)
from fitgraph.registry.said_in_file import METADATA_NAME, said_by_tflite
from fitgraph.registry.tflite_calls import check_calls
from fitgraph.registry.tflite_constants import constant, read_buffer
from fitgraph.registry.tflite_options import read_options
from fitgraph.registry.tflite_order import check_order
from fitgraph.registry.tflite_schema import (
    FILE_IDENTIFIER,
    OPERATOR_NAMES,
    SCHEMA_VERSION,
    TENSOR_TYPE_NAMES,
    MetadataField,
    ModelField,
    OperatorCodeField,
    OperatorField,
    QuantizationField,
    SubGraphField,
    TensorField,
)

_DAMAGED = "The file is damaged; get it again from its source."
_MAX_RANK = 32  # what numpy < 2 can hold; TFLite kernels stop at 8
_MAX_ELEMENTS = 2**40  # far above any model, far below an int64 overflow
_SUBGRAPH_ATTRIBUTES = (
    "subgraph",
    "init_subgraph_index",
    "then_subgraph_index",
    "else_subgraph_index",
    "cond_subgraph_index",
    "body_subgraph_index",
)
_DTYPES = {dtype.value: dtype for dtype in DType}


@dataclass(frozen=True, slots=True)
class _Opcode:
    op_type: str
    version: int


def read_tflite(data: bytes, name: str) -> ModelGraph:
    """Read a TFLite model.

    The graph is the first subgraph; the others are its ``subgraphs``. Shapes are the static
    ones that an interpreter allocates (a batch of -1 in the shape signature is 1).
    Besides its builtin options an operator may have the attributes ``custom_options`` (bytes)
    and ``intermediates`` (tensor indices; the quantization of an LSTM's gates).

    Args:
        data: the file's bytes.
        name: of the model, used in errors.

    Raises:
        InvalidModelError: the bytes are not a TFLite model, or contradict themselves.

    Source: tensorflow/lite/schema/schema.fbs, version 3.
    """
    try:
        return _Reader(data, name).read()
    except InvalidModelError as error:
        raise InvalidModelError(f"{name}: {error.message}", hint=error.hint) from None


class _Reader:
    """One file being read: its tables, and the buffers read so far."""

    def __init__(self, data: bytes, name: str) -> None:
        if data[4:8] != FILE_IDENTIFIER:
            raise _invalid(f"bytes 4 to 7 are {data[4:8]!r}, a TFLite file has b'TFL3' there")
        self._file = FlatBuffer(data)
        self._name = name
        self._sha256 = hashlib.sha256(data).hexdigest()
        root = self._file.root()
        version = root.integer(ModelField.VERSION, "I")
        if version != SCHEMA_VERSION:
            raise _invalid(f"its schema version is {version}, only {SCHEMA_VERSION} is known")
        self._opcodes = tuple(_read_opcode(t) for t in root.tables(ModelField.OPERATOR_CODES))
        self._buffers = root.tables(ModelField.BUFFERS)
        self._contents: dict[int, bytes] = {}
        self._subgraphs = root.tables(ModelField.SUBGRAPHS)

    def read(self) -> ModelGraph:
        if not self._subgraphs:
            raise _invalid("it has no subgraph")
        others = tuple(
            self._read_subgraph(table, f"{self._name}/subgraph{index}", ())
            for index, table in enumerate(self._subgraphs[1:], start=1)
        )
        graph = self._read_subgraph(self._subgraphs[0], self._name, others)
        if not graph.outputs:
            raise _invalid("its first subgraph has no output")
        check_calls(graph)
        return replace(graph, said=self._said())

    def _said(self) -> Mapping[str, str]:
        """Of itself, where its metadata can be read."""
        for table in self._file.root().tables(ModelField.METADATA):
            place = table.integer(MetadataField.BUFFER, "I")
            is_told = table.string(MetadataField.NAME) == METADATA_NAME
            if is_told and place < len(self._buffers):
                return said_by_tflite(read_buffer(self._file, self._buffers[place]))
        return {}

    def _read_subgraph(self, table: Table, name: str, others: tuple[ModelGraph, ...]) -> ModelGraph:
        rows = table.tables(SubGraphField.TENSORS)
        calls = table.tables(SubGraphField.OPERATORS)
        if len(calls) > MAX_OPERATORS:
            raise InvalidModelError(
                f"it has {len(calls):,} operators; at most {MAX_OPERATORS:,} are read",
                hint="No microcontroller has the flash for so many; simplify the model before.",
            )
        operators = tuple(
            self._read_operator(row, index, len(rows)) for index, row in enumerate(calls)
        )
        inputs = _indices(table, SubGraphField.INPUTS, len(rows), "a graph input")
        outputs = _indices(table, SubGraphField.OUTPUTS, len(rows), "a graph output")
        computed = {index for operator in operators for index in operator.outputs}
        computed.update(inputs)
        graph = ModelGraph(
            name=name,
            format="tflite",
            sha256=self._sha256,
            file_bytes=self._file.size,
            tensors=tuple(
                self._read_tensor(row, index, is_computed=index in computed)
                for index, row in enumerate(rows)
            ),
            operators=operators,
            inputs=inputs,
            outputs=outputs,
            subgraphs=others,
        )
        check_order(graph)
        return graph

    def _read_operator(self, table: Table, index: int, n_tensors: int) -> Operator:
        where = f"operator {index}"
        code = table.integer(OperatorField.OPCODE_INDEX, "I")
        if code >= len(self._opcodes):
            raise _invalid(f"{where} has operator code {code} of {len(self._opcodes)}")
        opcode = self._opcodes[code]
        where = f"{where} ({opcode.op_type})"
        inputs = table.numbers(OperatorField.INPUTS, "<i4").tolist()
        return Operator(
            op_type=opcode.op_type,
            domain="tflite",
            version=opcode.version,
            inputs=tuple(
                None if i == -1 else _in_range(i, n_tensors, f"an input of {where}") for i in inputs
            ),
            outputs=_indices(table, OperatorField.OUTPUTS, n_tensors, f"an output of {where}"),
            attributes=self._read_attributes(table, where, n_tensors),
        )

    def _read_attributes(self, table: Table, where: str, n_tensors: int) -> dict[str, Any]:
        attributes = read_options(
            table.integer(OperatorField.BUILTIN_OPTIONS_TYPE, "B"),
            table.table(OperatorField.BUILTIN_OPTIONS),
        )
        for key in _SUBGRAPH_ATTRIBUTES:
            if key in attributes:
                _in_range(attributes[key], len(self._subgraphs), f"{key} of {where}", "subgraphs")
        custom = bytes(table.raw(OperatorField.CUSTOM_OPTIONS))
        if custom:
            attributes["custom_options"] = custom
        intermediates = _indices(
            table, OperatorField.INTERMEDIATES, n_tensors, f"an intermediate of {where}"
        )
        if intermediates:
            attributes["intermediates"] = intermediates
        return attributes

    def _read_tensor(self, table: Table, index: int, *, is_computed: bool) -> Tensor:
        name = table.string(TensorField.NAME)
        where = f"tensor {index} ({name!r})"
        shape = _read_shape(table, where)
        dtype = _dtype(table.integer(TensorField.TYPE, "b"))
        content = self._content(table.integer(TensorField.BUFFER, "I"), where)
        is_variable = table.integer(TensorField.IS_VARIABLE, "B") != 0
        if content and is_computed:
            raise _invalid(f"{where} is computed or an input, but also has a constant value")
        is_empty_constant = 0 in shape and not is_computed and not is_variable
        data = None
        if content or is_empty_constant:
            data = constant(content, shape, dtype, name, table.table(TensorField.SPARSITY))
        return Tensor(
            name=name,
            shape=shape,
            dtype=dtype,
            quantization=_read_quantization(table, shape, where),
            data=data,
            is_variable=is_variable,
        )

    def _content(self, index: int, where: str) -> bytes:
        """Bytes of a buffer, read once however many tensors share it."""
        # The schema demands buffer 0, and the micro interpreter reads it unasked.
        _in_range(index, len(self._buffers), f"the buffer of {where}", "buffers")
        if index not in self._contents:
            self._contents[index] = read_buffer(self._file, self._buffers[index])
        return self._contents[index]


def _invalid(problem: str) -> InvalidModelError:
    return InvalidModelError(problem, hint=_DAMAGED)


def _in_range(index: int, count: int, what: str, of: str = "tensors") -> int:
    if not 0 <= index < count:
        raise _invalid(f"{what} has index {index}, but there are {count} {of}")
    return index


def _indices(table: Table, field: int, count: int, what: str) -> tuple[int, ...]:
    indices: Iterable[int] = table.numbers(field, "<i4").tolist()
    return tuple(_in_range(index, count, what) for index in indices)


def _read_opcode(table: Table) -> _Opcode:
    # Codes above 126 do not fit the old int8 field, which then holds 127; files older than
    # the new field have it zero. So the larger one is meant (schema.fbs, OperatorCode).
    code = max(
        table.integer(OperatorCodeField.DEPRECATED_BUILTIN_CODE, "b"),
        table.integer(OperatorCodeField.BUILTIN_CODE, "i"),
    )
    if code < 0:
        raise _invalid(f"an operator code is {code}")
    op_type = OPERATOR_NAMES.get(code, f"BUILTIN_{code}")
    if op_type == "CUSTOM":
        op_type = f"CUSTOM:{table.string(OperatorCodeField.CUSTOM_CODE)}"
    return _Opcode(op_type, table.integer(OperatorCodeField.VERSION, "i", 1))


def _dtype(tensor_type: int) -> DType:
    name = TENSOR_TYPE_NAMES.get(tensor_type, "").lower()
    return _DTYPES.get(name, DType.OTHER)


def _read_shape(table: Table, where: str) -> tuple[int, ...]:
    shape = tuple(table.numbers(TensorField.SHAPE, "<i4").tolist())
    if len(shape) > _MAX_RANK or any(dim < 0 for dim in shape):
        raise _invalid(f"{where} has shape {list(shape[: _MAX_RANK + 1])}")
    if math.prod(max(dim, 1) for dim in shape) > _MAX_ELEMENTS:
        raise _invalid(f"{where} has shape {list(shape)}: more than {_MAX_ELEMENTS} elements")
    return shape


def _read_quantization(table: Table, shape: tuple[int, ...], where: str) -> Quantization | None:
    """Affine quantization; None when there is no scale."""
    row = table.table(TensorField.QUANTIZATION)
    if row is None:
        return None
    scales = tuple(row.numbers(QuantizationField.SCALE, "<f4").tolist())
    if not scales:
        return None
    zero_points = tuple(row.numbers(QuantizationField.ZERO_POINT, "<i8").tolist()) or (0,)
    if len(zero_points) == 1:
        zero_points *= len(scales)
    if len(zero_points) != len(scales):
        raise _invalid(f"{where} has {len(scales)} scales and {len(zero_points)} zero points")
    if not all(math.isfinite(scale) for scale in scales):
        raise _invalid(f"{where} has a scale that is not a finite number")
    if len(scales) == 1:
        return Quantization(scales, zero_points)
    # Old converters give a bias the axis of its filter.
    axis = row.integer(QuantizationField.QUANTIZED_DIMENSION, "i") if len(shape) > 1 else 0
    if not 0 <= axis < len(shape) or shape[axis] != len(scales):
        raise _invalid(f"{where} of shape {list(shape)} has {len(scales)} scales along axis {axis}")
    return Quantization(scales, zero_points, axis)
