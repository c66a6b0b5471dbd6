"""An ONNX file becomes a ``ModelGraph``. The bytes are untrusted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx
from google.protobuf.message import DecodeError
from onnx import ModelProto, NodeProto, TypeProto

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.model_graph import MAX_OPERATORS, DType, ModelGraph, Operator, Tensor
from fitgraph.registry.onnx_order import check_order, is_constant_node
from fitgraph.registry.onnx_shapes import inferred_types
from fitgraph.registry.onnx_text import check_text
from fitgraph.registry.onnx_values import (
    UNKNOWN_SHAPE,
    array_of,
    attribute_value,
    constant_attribute,
    dtype_of,
    type_of,
)
from fitgraph.registry.said_in_file import said_by_onnx

DEFAULT_DOMAIN = "ai.onnx"
OLDEST_OPSET = 7
_DAMAGED = "The file is damaged; get it again from its source."


def read_onnx(data: bytes, name: str, folder: Path | None) -> ModelGraph:
    """Read an ONNX model.

    Shapes are inferred; a symbolic dimension keeps its name, one without a name is ``?``, and a
    value of which not even the rank is known has the shape ``("...",)``. ``Constant`` nodes
    become constants. An output that a node leaves out before another one has a tensor with an
    empty name and no elements. Operators and domains that nobody knows are kept; an operator of
    a domain that the file does not import has version 0.

    Args:
        data: the file's bytes.
        name: of the model, used in errors.
        folder: where external data may lie; None refuses external data.

    Raises:
        InvalidModelError: the bytes are not an ONNX model of opset 7 or newer, contradict
            themselves, or point outside the folder.

    Source: ONNX IR specification.
    """
    try:
        model = _parse(data)
        check_text(model)
        opsets = _opset_imports(model)
        check_order(model.graph)
        graph = _GraphBuilder(model, opsets, folder).build(name, data)
        return replace(
            graph, said=said_by_onnx((one.key, one.value) for one in model.metadata_props)
        )
    except InvalidModelError as error:
        raise InvalidModelError(f"{name}: {error.message}", hint=error.hint) from error.__cause__


def _parse(data: bytes) -> ModelProto:
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError, RecursionError) as error:
        raise InvalidModelError(
            "it is neither a TFLite nor an ONNX file",
            hint="Give a .tflite or .onnx file; if it is one, it is damaged or cut short.",
        ) from error
    if not model.HasField("graph") or not model.graph.output:
        raise InvalidModelError(
            "it is not an ONNX file: it has no graph with an output",
            hint="Give a .tflite or .onnx file; if it is one, it is damaged or cut short.",
        )
    if model.ir_version < 1:
        raise InvalidModelError(
            "it does not say which version of the ONNX IR it is in", hint=_DAMAGED
        )
    if model.ir_version > onnx.IR_VERSION:
        raise InvalidModelError(
            f"its ONNX IR version is {model.ir_version}, the newest known is {onnx.IR_VERSION}",
            hint="Update the `onnx` package, or export the model for an older version.",
        )
    if len(model.graph.node) > MAX_OPERATORS:
        raise InvalidModelError(
            f"it has {len(model.graph.node):,} nodes; at most {MAX_OPERATORS:,} are read",
            hint="No microcontroller has the flash for so many; simplify the model before.",
        )
    if model.graph.sparse_initializer:
        raise InvalidModelError(
            "it has sparse initializers, which are not read",
            hint="Save the model with dense initializers.",
        )
    return model


def _opset_imports(model: ModelProto) -> dict[str, int]:
    """Domains to versions, with the default domain spelled out and within what is known."""
    opsets: dict[str, int] = {}
    for entry in model.opset_import:
        domain = entry.domain or DEFAULT_DOMAIN
        if opsets.setdefault(domain, entry.version) != entry.version:
            raise InvalidModelError(
                f"it imports opsets {opsets[domain]} and {entry.version} of {domain}",
                hint=_DAMAGED,
            )
    newest = onnx.defs.onnx_opset_version()
    version = opsets.get(DEFAULT_DOMAIN)
    uses_default = any(node.domain in ("", DEFAULT_DOMAIN) for node in model.graph.node)
    if version is None and uses_default:
        raise InvalidModelError("it does not say which ONNX opset it uses", hint=_DAMAGED)
    if version is not None and not OLDEST_OPSET <= version <= newest:
        raise InvalidModelError(
            f"it uses ONNX opset {version}; opsets {OLDEST_OPSET} to {newest} are read",
            hint="Convert it with onnx.version_converter, or update the `onnx` package.",
        )
    return opsets


class _GraphBuilder:
    """Collects tensors by name while walking over a graph whose order is known to be good."""

    def __init__(self, model: ModelProto, opsets: Mapping[str, int], folder: Path | None) -> None:
        self._graph = model.graph
        self._opsets = opsets
        self._folder = folder
        self._types: Mapping[str, TypeProto] = inferred_types(model)
        self._tensors: list[Tensor] = []
        self._index: dict[str, int] = {}

    def build(self, name: str, data: bytes) -> ModelGraph:
        graph = self._graph
        constants = {tensor.name for tensor in graph.initializer}
        inputs = tuple(
            self._add_value(value.name) for value in graph.input if value.name not in constants
        )
        for tensor in graph.initializer:
            value = array_of(tensor, self._folder)
            self._add_constant(tensor.name, value, dtype_of(tensor.data_type))
        for node in filter(is_constant_node, graph.node):
            self._add_constant_node(node)
        operators = tuple(
            self._read_node(node) for node in graph.node if not is_constant_node(node)
        )
        return ModelGraph(
            name=name,
            format="onnx",
            sha256=hashlib.sha256(data).hexdigest(),
            file_bytes=len(data),
            tensors=tuple(self._tensors),
            operators=operators,
            inputs=inputs,
            outputs=tuple(self._index[value.name] for value in graph.output),
            opset_imports=dict(self._opsets),
        )

    def _read_node(self, node: NodeProto) -> Operator:
        domain = node.domain or DEFAULT_DOMAIN
        return Operator(
            op_type=node.op_type,
            domain=domain,
            version=self._opsets.get(domain, 0),
            inputs=tuple(self._index[name] if name else None for name in node.input),
            outputs=tuple(self._add_output(name) for name in _without_trailing(node.output)),
            attributes={a.name: attribute_value(a, self._folder) for a in node.attribute},
            name=node.name,
        )

    def _add(self, tensor: Tensor) -> int:
        if tensor.name:
            self._index[tensor.name] = len(self._tensors)
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def _add_value(self, name: str) -> int:
        proto = self._types.get(name)
        dtype, shape = (DType.OTHER, UNKNOWN_SHAPE) if proto is None else type_of(proto, name)
        return self._add(Tensor(name, shape, dtype))

    def _add_output(self, name: str) -> int:
        return self._add_value(name) if name else self._add(Tensor("", (0,), DType.FLOAT32))

    def _add_constant(self, name: str, value: npt.NDArray[Any], dtype: DType) -> None:
        self._add(Tensor(name, value.shape, dtype, data=value))

    def _add_constant_node(self, node: NodeProto) -> None:
        if len(node.output) != 1 or len(node.attribute) != 1:
            raise InvalidModelError(
                f"Constant node {node.name!r} must have one output and one attribute, it has "
                f"{len(node.output)} and {len(node.attribute)}",
                hint=_DAMAGED,
            )
        value, dtype = constant_attribute(node.attribute[0], self._folder)
        self._add_constant(node.output[0], value, dtype)


def _without_trailing(names: Iterable[str]) -> list[str]:
    """Output names without those left out at the end."""
    kept = list(names)
    while kept and not kept[-1]:
        kept.pop()
    return kept
