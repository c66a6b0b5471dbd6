"""Whether the names in an ONNX file are text.

protobuf hands over a ``string`` field that is not UTF-8 as ``bytes``, which no later step expects.
"""

from __future__ import annotations

from collections.abc import Iterator

from onnx import GraphProto, ModelProto, ValueInfoProto

from fitgraph.registry.errors import InvalidModelError


def check_text(model: ModelProto) -> None:
    """Refuse a model one of whose names is not UTF-8.

    Raises:
        InvalidModelError: showing the name.
    """
    for text in _texts(model):
        if isinstance(text, bytes):
            raise InvalidModelError(
                f"its name {text!r} is not UTF-8",
                hint="The file is damaged; get it again from its source.",
            )


def _texts(model: ModelProto) -> Iterator[object]:
    for opset in model.opset_import:
        yield opset.domain
    yield from _node_texts(model.graph)
    for tensor in model.graph.initializer:
        yield tensor.name
        for entry in tensor.external_data:
            yield from (entry.key, entry.value)
    for values in (model.graph.input, model.graph.output, model.graph.value_info):
        for value in values:
            yield from _value_texts(value)


def _node_texts(graph: GraphProto) -> Iterator[object]:
    for node in graph.node:
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.t.name)
            yield from (inner.op_type for inner in attribute.g.node)
            for tensor in (attribute.t, *attribute.tensors):
                for entry in tensor.external_data:
                    yield from (entry.key, entry.value)


def _value_texts(value: ValueInfoProto) -> Iterator[object]:
    yield value.name
    yield from (dim.dim_param for dim in value.type.tensor_type.shape.dim)
