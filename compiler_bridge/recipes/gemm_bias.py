"""Give every Gemm a bias that int8 can add: one constant for each output column, or none.

onnxruntime's quantizer fails on a bias of shape (1, n), which a MatMul and Add of older exporters
become, and keeps a Gemm in float whose bias is computed. The first is reshaped, any other added by
an Add of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper


def split_gemm_biases(proto: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of the model in which a Gemm's third input, if any, has shape (n,)."""
    model = onnx.ModelProto()
    model.CopyFrom(proto)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    columns = {
        value.name: value.type.tensor_type.shape.dim[-1].dim_value
        for value in (*model.graph.value_info, *model.graph.output)
        if value.type.tensor_type.shape.dim
    }
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        n_columns = columns.get(node.output[0], 0)
        nodes.extend(_plain(model.graph, node, constants, n_columns))
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)
    return model


def _plain(
    graph: onnx.GraphProto,
    node: onnx.NodeProto,
    constants: Mapping[str, onnx.TensorProto],
    n_columns: int,
) -> list[onnx.NodeProto]:
    if node.op_type != "Gemm" or len(node.input) < 3 or not node.input[2]:
        return [node]
    bias = constants.get(node.input[2])
    if bias is None:
        return _with_add(node) if _beta(node) == 1 else [node]
    values = numpy_helper.to_array(bias)
    if values.shape == (n_columns,):
        return [node]
    if values.size == 1 or values.shape == (1, n_columns):
        name = f"{node.output[0]}.bias_by_column"
        flat = np.broadcast_to(values.ravel(), (n_columns,)).copy()
        graph.initializer.append(numpy_helper.from_array(flat, name))
        node.input[2] = name
        return [node]
    return _with_add(node) if _beta(node) == 1 else [node]


def _beta(gemm: onnx.NodeProto) -> float:
    return next((entry.f for entry in gemm.attribute if entry.name == "beta"), 1.0)


def _with_add(gemm: onnx.NodeProto) -> list[onnx.NodeProto]:
    product = f"{gemm.output[0]}.product"
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in gemm.attribute}
    return [
        helper.make_node("Gemm", gemm.input[:2], [product], f"{gemm.name}.product", **attributes),
        helper.make_node("Add", [product, gemm.input[2]], gemm.output, f"{gemm.name}.bias"),
    ]
