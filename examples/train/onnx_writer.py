"""Write a trained network as a small, plain ONNX file: stable names, static shapes, opset 17.

Written out by hand, node by node, so that the file does not change with an exporter's version.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

Attribute = int | float | Sequence[int]

OPSET = 17
IR_VERSION = 8  # the oldest that allows opset 17


class OnnxWriter:
    """Appends nodes; every method takes and returns tensor names."""

    def __init__(self, name: str, input_name: str, input_shape: Sequence[int]) -> None:
        self._name = name
        self._input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, input_shape)
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []

    def node(
        self, op_type: str, inputs: Sequence[str], output: str, **attributes: Attribute
    ) -> str:
        """Any operator with one output; the node is named as its output."""
        node = helper.make_node(op_type, inputs, [output], name=output)
        entries = [helper.make_attribute(key, value) for key, value in attributes.items()]
        node.attribute.extend(sorted(entries, key=lambda entry: entry.name))
        self._nodes.append(node)
        return output

    def constant(self, name: str, values: torch.Tensor) -> str:
        array: npt.NDArray[np.float32] = values.detach().numpy().astype(np.float32)
        self._initializers.append(numpy_helper.from_array(array, name))
        return name

    def conv(self, x: str, layer: nn.Conv1d | nn.Conv2d, output: str) -> str:
        """1-D layers become rank-3 convolutions, 2-D layers rank-4 ones."""
        inputs = [x, self.constant(f"{output}.weight", layer.weight)]
        if layer.bias is not None:
            inputs.append(self.constant(f"{output}.bias", layer.bias))
        padding = [int(pad) for pad in layer.padding]
        return self.node(
            "Conv",
            inputs,
            output,
            kernel_shape=list(layer.kernel_size),
            strides=list(layer.stride),
            pads=[*padding, *padding],
            group=layer.groups,
        )

    def batch_norm(self, x: str, layer: nn.BatchNorm1d | nn.BatchNorm2d, output: str) -> str:
        parameters = {
            "scale": layer.weight,
            "bias": layer.bias,
            "mean": layer.running_mean,
            "variance": layer.running_var,
        }
        names = [self.constant(f"{output}.{key}", value) for key, value in parameters.items()]
        return self.node("BatchNormalization", [x, *names], output, epsilon=layer.eps)

    def conv_block(self, x: str, block: nn.Sequential, output: str) -> str:
        """Convolution, batch normalization and, where the block has one, ReLU."""
        conv, norm, *activation = block
        normed = self.batch_norm(self.conv(x, conv, f"{output}.conv"), norm, f"{output}.norm")
        return self.node("Relu", [normed], f"{output}.relu") if activation else normed

    def gemm(self, x: str, layer: nn.Linear, output: str) -> str:
        weight = self.constant(f"{output}.weight", layer.weight)
        bias = self.constant(f"{output}.bias", layer.bias)
        return self.node("Gemm", [x, weight, bias], output, transB=1)

    def finish(self, output: str, output_shape: Sequence[int]) -> onnx.ModelProto:
        """The checked model, with the shapes of all tensors."""
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, output_shape)
        graph = helper.make_graph(
            self._nodes, self._name, [self._input], [result], self._initializers
        )
        model = helper.make_model(
            graph,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="fitgraph-examples",
        )
        onnx.checker.check_model(model, full_check=True)
        return onnx.shape_inference.infer_shapes(model, strict_mode=True)
