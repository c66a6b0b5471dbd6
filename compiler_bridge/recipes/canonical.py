"""One byte sequence for one quantized graph.

The quantizer's leftovers that carry no meaning (who wrote the file, unused operator sets, cached
shapes, the order of constants) are dropped or put in order, so that the same model, calibration
data and tool give the same SHA-256.
"""

from __future__ import annotations

import onnx

_PRODUCER = "fitgraph"


def canonical_bytes(proto: onnx.ModelProto) -> bytes:
    """Serialise a copy of ``proto`` in canonical form."""
    model = onnx.ModelProto()
    model.CopyFrom(proto)
    model.producer_name = _PRODUCER
    model.producer_version = ""
    model.doc_string = ""
    del model.metadata_props[:]
    _keep_used_opsets(model)
    if not _has_subgraphs(model.graph):
        _order_nodes(model.graph)
        _order_constants(model.graph)
    _renew_shapes(model)
    return model.SerializeToString(deterministic=True)


def _keep_used_opsets(model: onnx.ModelProto) -> None:
    used = {_domain(node.domain) for node in model.graph.node} | {""}
    kept = sorted(
        (_domain(entry.domain), entry.version)
        for entry in model.opset_import
        if _domain(entry.domain) in used
    )
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(*entry) for entry in kept)


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def _has_subgraphs(graph: onnx.GraphProto) -> bool:
    """Whether a node holds a graph, which may use outer names that no input lists."""
    return any(
        attribute.HasField("g") or attribute.graphs
        for node in graph.node
        for attribute in node.attribute
    )


def _order_nodes(graph: onnx.GraphProto) -> None:
    """Execution order, depth first from the outputs; nodes that reach no output go.

    Depth first keeps a branch together, and each weight's DequantizeLinear beside its use; the
    quantizer's own order is breadth first, which holds the tensors of all branches at once.
    """
    producer = {name: index for index, node in enumerate(graph.node) for name in node.output}
    order: dict[int, None] = {}
    outputs = [value.name for value in reversed(graph.output)]
    # Others are inputs or constants of the model.
    stack = [(producer[name], False) for name in outputs if name in producer]
    while stack:
        index, inputs_done = stack.pop()
        if index in order:
            continue
        if inputs_done:
            order[index] = None
            continue
        stack.append((index, True))
        needed = [producer[name] for name in graph.node[index].input if name in producer]
        stack.extend((needed_index, False) for needed_index in reversed(needed))
    copies = [onnx.NodeProto.FromString(graph.node[i].SerializeToString()) for i in order]
    del graph.node[:]
    graph.node.extend(copies)


def _order_constants(graph: onnx.GraphProto) -> None:
    """Constants in the order of their first use; unused ones go."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    used = dict.fromkeys(name for node in graph.node for name in node.input if name in constants)
    used |= dict.fromkeys(value.name for value in graph.output if value.name in constants)
    ordered = [constants[name] for name in used]
    copies = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in ordered]
    del graph.initializer[:]
    graph.initializer.extend(copies)


def _renew_shapes(model: onnx.ModelProto) -> None:
    """Replace the cached shapes of inner tensors by inferred ones, by name."""
    del model.graph.value_info[:]
    model.CopyFrom(onnx.shape_inference.infer_shapes(model))
    values = sorted(model.graph.value_info, key=lambda value: value.name)
    copies = [onnx.ValueInfoProto.FromString(value.SerializeToString()) for value in values]
    del model.graph.value_info[:]
    model.graph.value_info.extend(copies)
