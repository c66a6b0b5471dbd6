"""Small float ONNX networks of many architectures, with random weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.support.qdq_graphs import Array, f32, i64

Shape = Sequence[int]


class Network:
    """Collects the nodes of one network, which reads ``x``."""

    def __init__(
        self, name: str, shape: Shape, opset: int = 17, *, normalized: bool = False
    ) -> None:
        self.name, self.opset, self.normalized = name, opset, normalized
        self.random = np.random.default_rng(len(name))
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: Array) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(self, *shape: int, spread: float | None = None) -> str:
        """He's initialization, so that values stay of one size from layer to layer."""
        fan_in = int(np.prod(shape[1:])) or 1
        drawn = self.random.normal(size=shape) * (spread or np.sqrt(2 / fan_in))
        return self.constant(f32(drawn))

    def nodes_of(self, op_type: str, inputs: Sequence[str], n: int, **attributes: Any) -> list[str]:
        outputs = [f"{op_type}{len(self.nodes)}_{i}" for i in range(n)]
        node = helper.make_node(op_type, list(inputs), outputs, name=outputs[0], **attributes)
        self.nodes.append(node)
        return outputs

    def node(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        return self.nodes_of(op_type, inputs, 1, **attributes)[0]

    def activation(self, x: str, name: str) -> str:
        if name == "Relu6":
            return self.node("Clip", x, self.constant(f32(0)), self.constant(f32(6)))
        if name == "Swish":
            return self.node("Mul", x, self.node("Sigmoid", x))
        if name == "PRelu":
            return self.node("PRelu", x, self.constant(f32([[[0.1]]])))
        return self.node(name, x) if name else x

    def conv(
        self,
        x: str,
        in_c: int,
        out_c: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        groups: int = 1,
        act: str = "Relu",
        pad: int | None = None,
    ) -> str:
        inputs = [x, self.weights(out_c, in_c // groups, kernel, kernel)]
        if not self.normalized:
            inputs.append(self.weights(out_c, spread=0.1))
        padding = kernel // 2 if pad is None else pad
        window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4}
        y = self.node("Conv", *inputs, group=groups, **window)
        if self.normalized:
            scale, variance = (np.abs(self.random.normal(1, 0.1, out_c)) for _ in range(2))
            ends = [self.weights(out_c, spread=0.1) for _ in range(2)]
            given = [self.constant(f32(scale)), *ends, self.constant(f32(variance))]
            y = self.node("BatchNormalization", y, *given)
        return self.activation(y, act)

    def dense(self, x: str, n_in: int, n_out: int) -> str:
        bias = self.weights(n_out, spread=0.1)
        return self.node("Gemm", x, self.weights(n_out, n_in), bias, transB=1)

    def mean(self, x: str) -> str:
        return self.node("Flatten", self.node("GlobalAveragePool", x))

    def reshaped(self, x: str, *shape: int) -> str:
        return self.node("Reshape", x, self.constant(i64(shape)))

    def resized(self, x: str, **attributes: Any) -> str:
        return self.node("Resize", x, "", self.constant(f32([1, 1, 2, 2])), **attributes)

    def model(self, *outputs: str) -> onnx.ModelProto:
        ends = [helper.make_empty_tensor_value_info(output) for output in outputs]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, ends, self.constants)
        opsets = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


def _residual() -> onnx.ModelProto:
    net = Network("residual", [1, 3, 16, 16], opset=13, normalized=True)
    x = net.conv("x", 3, 8)
    for in_c, out_c, stride in ((8, 8, 1), (8, 16, 2), (16, 32, 2)):
        y = net.conv(x, in_c, out_c, stride=stride)
        y = net.conv(y, out_c, out_c, act="")
        if in_c != out_c:
            x = net.conv(x, in_c, out_c, 1, stride=stride, act="")
        x = net.node("Relu", net.node("Add", y, x))
    return net.model(net.node("Softmax", net.dense(net.mean(x), 32, 10), axis=1))


def _inverted_residual() -> onnx.ModelProto:
    net = Network("inverted-residual", [1, 3, 24, 24], normalized=True)
    x = net.conv("x", 3, 8, stride=2, act="Relu6")
    for in_c, out_c, stride in ((8, 8, 1), (8, 12, 2), (12, 12, 1)):
        wide = 4 * in_c
        y = net.conv(x, in_c, wide, 1, act="Relu6")
        y = net.conv(y, wide, wide, stride=stride, groups=wide, act="Relu6")
        y = net.conv(y, wide, out_c, 1, act="")
        x = net.node("Add", x, y) if in_c == out_c else y
    return net.model(net.dense(net.mean(x), 12, 5))


def _squeeze_and_excite() -> onnx.ModelProto:
    net = Network("squeeze-and-excite", [1, 1, 20, 20])
    x = net.conv("x", 1, 8, stride=2, act="HardSwish")
    y = net.conv(x, 8, 16, 5, groups=1, act="HardSwish")
    share = net.conv(net.node("GlobalAveragePool", y), 16, 4, 1)
    share = net.node("HardSigmoid", net.conv(share, 4, 16, 1, act=""), alpha=1 / 6, beta=0.5)
    y = net.conv(net.node("Mul", y, share), 16, 8, 1, act="")
    return net.model(net.dense(net.mean(net.node("Add", x, y)), 8, 4))


def _swish() -> onnx.ModelProto:
    net = Network("swish", [1, 3, 16, 16], normalized=True)
    x = net.conv("x", 3, 8, stride=2, act="Swish")
    y = net.conv(net.conv(x, 8, 24, 1, act="Swish"), 24, 24, groups=24, act="Swish")
    share = net.node("ReduceMean", y, axes=[2, 3], keepdims=1)
    share = net.conv(net.conv(share, 24, 6, 1, act="Swish"), 6, 24, 1, act="Sigmoid")
    y = net.conv(net.node("Mul", share, y), 24, 8, 1, act="")
    ends = net.dense(net.mean(net.node("Add", y, x)), 8, 7)
    return net.model(net.node("LogSoftmax", ends, axis=-1))


def _temporal() -> onnx.ModelProto:
    net = Network("temporal", [1, 6, 64])
    x, in_c = "x", 6
    for dilation in (1, 2, 4):
        weights = [net.weights(8, in_c, 3), net.weights(8, spread=0.1)]
        window = {"kernel_shape": [3], "dilations": [dilation], "pads": [2 * dilation, 0]}
        y = net.node("Relu", net.node("Conv", x, *weights, **window))
        x = net.node("Add", x, y) if in_c == 8 else y
        in_c = 8
    mean = net.node("ReduceMean", x, axes=[2], keepdims=0)
    return net.model(net.node("Softmax", net.dense(mean, 8, 3)))


def _waveform() -> onnx.ModelProto:
    net = Network("waveform", [1, 1, 256], opset=12)
    x, in_c = "x", 1
    for out_c in (8, 16, 16):
        weights = [net.weights(out_c, in_c, 9), net.weights(out_c, spread=0.1)]
        window = {"kernel_shape": [9], "strides": [2], "auto_pad": "SAME_UPPER"}
        x = net.node("Relu", net.node("Conv", x, *weights, **window))
        x, in_c = net.node("MaxPool", x, kernel_shape=[2], strides=[2]), out_c
    return net.model(net.dense(net.reshaped(x, 0, -1), 64, 5))


def _autoencoder() -> onnx.ModelProto:
    net = Network("autoencoder", [1, 1, 16, 16])
    x = net.conv(net.conv("x", 1, 4, stride=2), 4, 8, stride=2)
    up = [net.weights(8, 4, 2, 2), net.weights(4, spread=0.1)]
    x = net.node("Relu", net.node("ConvTranspose", x, *up, kernel_shape=[2, 2], strides=[2, 2]))
    nearest = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return net.model(net.conv(net.resized(x, mode="nearest", **nearest), 4, 1, act="Sigmoid"))


def _segmenter() -> onnx.ModelProto:
    net = Network("segmenter", [1, 1, 16, 16])
    halved = {"kernel_shape": [2, 2], "strides": [2, 2]}
    first = net.conv("x", 1, 4)
    second = net.conv(net.node("MaxPool", first, **halved), 4, 8)
    x = net.conv(net.node("MaxPool", second, **halved), 8, 8)
    for skipped, in_c in ((second, 16), (first, 8)):
        x = net.conv(net.node("Concat", net.resized(x, mode="nearest"), skipped, axis=1), in_c, 4)
    return net.model(net.conv(x, 4, 2, 1, act=""))


def _fire() -> onnx.ModelProto:
    net = Network("fire", [1, 3, 20, 20])
    x = net.conv("x", 3, 8, stride=2, pad=0)
    for _ in range(2):
        few = net.conv(x, 8, 4, 1)
        x = net.node("Concat", net.conv(few, 4, 4, 1), net.conv(few, 4, 4), axis=1)
        x = net.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    x = net.node("AveragePool", x, kernel_shape=[2, 2], pads=[0, 0, 1, 1])
    return net.model(net.node("Flatten", net.node("GlobalMaxPool", net.conv(x, 8, 5, 1))))


def _shuffle() -> onnx.ModelProto:
    net = Network("shuffle", [1, 4, 12, 12])
    x = net.conv("x", 4, 16)
    for _ in range(2):
        kept, y = net.nodes_of("Split", [x, net.constant(i64([8, 8]))], 2, axis=1)
        y = net.conv(net.conv(net.conv(y, 8, 8, 1), 8, 8, groups=8, act=""), 8, 8, 1)
        x = net.reshaped(net.node("Concat", kept, y, axis=1), 1, 2, 8, 12, 12)
        x = net.reshaped(net.node("Transpose", x, perm=[0, 2, 1, 3, 4]), 1, 16, 12, 12)
    return net.model(net.dense(net.mean(x), 16, 6))


def _super_resolution() -> onnx.ModelProto:
    net = Network("super-resolution", [1, 1, 12, 12])
    x = net.node("SpaceToDepth", "x", blocksize=2)
    x = net.conv(net.conv(x, 4, 8, 5), 8, 8, act="PRelu")
    x = net.node("DepthToSpace", net.conv(x, 8, 16, act=""), blocksize=2, mode="CRD")
    return net.model(net.node("DepthToSpace", x, blocksize=2))


def _padded() -> onnx.ModelProto:
    net = Network("padded", [1, 2, 15, 17], opset=11)
    pads = net.constant(i64([0, 0, 1, 1, 0, 0, 2, 0]))
    x = net.node("Pad", "x", pads, net.constant(f32(0.25)), mode="constant")
    x = net.conv(x, 2, 6, stride=2, pad=0)
    x = net.node("Pad", x, net.constant(i64([0, 0, 1, 1, 0, 0, 1, 1])), mode="reflect")
    x = net.conv(x, 6, 6, groups=2, pad=0)
    return net.model(net.node("ReduceMax", x, axes=[2, 3], keepdims=0))


def _perceptron() -> onnx.ModelProto:
    net = Network("perceptron", [1, 12])
    x = "x"
    for n_in, act in ((12, "Tanh"), (24, "LeakyRelu"), (24, "Elu")):
        x = net.activation(net.dense(x, n_in, 24), act)
    x = net.node("Add", net.node("MatMul", x, net.weights(24, 4)), net.weights(4))
    return net.model(net.node("Sigmoid", x))


def _anomaly() -> onnx.ModelProto:
    net = Network("anomaly", [1, 64])
    x = "x"
    for n_in, n_out in ((64, 32), (32, 8), (8, 32)):
        x = net.node("Relu", net.dense(x, n_in, n_out))
    error = net.node("Pow", net.node("Sub", net.dense(x, 32, 64), "x"), net.constant(f32(2)))
    return net.model(net.node("ReduceMean", error, axes=[1], keepdims=0))


def _recurrent(cell: str, gates: int, both: bool) -> onnx.ModelProto:  # noqa: FBT001
    net = Network(f"{cell}{2 if both else 1}", [10, 1, 6])
    n, hidden = 1 + both, 8
    rows = gates * hidden
    given = [net.weights(n, rows, 6, spread=0.4), net.weights(n, rows, hidden, spread=0.4)]
    given.append(net.weights(n, 2 * rows, spread=0.1))
    ways = {"direction": "bidirectional"} if both else {}
    _, last, *_ = net.nodes_of(
        cell, ["x", *given], 3 if cell == "LSTM" else 2, hidden_size=hidden, **ways
    )
    joined = net.reshaped(net.node("Transpose", last, perm=[1, 0, 2]), 1, -1)
    return net.model(net.dense(joined, n * hidden, 3))


def _transformer() -> onnx.ModelProto:
    net = Network("transformer", [1, 12, 16])

    def linear(x: str, n_in: int, n_out: int) -> str:
        weights, bias = net.weights(n_in, n_out, spread=0.25), net.weights(n_out, spread=0.1)
        return net.node("Add", net.node("MatMul", x, weights), bias)

    def heads(x: str, *order: int) -> str:
        return net.node("Transpose", net.reshaped(linear(x, 16, 16), 1, 12, 2, 8), perm=order)

    scores = net.node("MatMul", heads("x", 0, 2, 1, 3), heads("x", 0, 2, 3, 1))
    scores = net.node("Div", scores, net.constant(f32(8**0.5)))
    mixed = net.node("MatMul", net.node("Softmax", scores, axis=-1), heads("x", 0, 2, 1, 3))
    mixed = net.reshaped(net.node("Transpose", mixed, perm=[0, 2, 1, 3]), 1, 12, 16)
    x = net.node("Add", "x", linear(mixed, 16, 16))
    ends = [net.constant(np.ones(16, np.float32)), net.weights(16, spread=0.1)]
    x = net.node("LayerNormalization", x, *ends, axis=-1)
    wide = linear(x, 16, 32)
    erf = net.node("Erf", net.node("Div", wide, net.constant(f32(2**0.5))))
    wide = net.node("Mul", wide, net.node("Add", erf, net.constant(f32(1))))
    x = net.node("Add", x, linear(net.node("Mul", wide, net.constant(f32(0.5))), 32, 16))
    return net.model(net.dense(net.node("ReduceMean", x, axes=[1], keepdims=0), 16, 4))


def _classifier() -> onnx.ModelProto:
    net = Network("classifier", [1, 2, 10, 10], opset=18)
    x = net.activation(net.conv(net.conv("x", 2, 6, act="Mish"), 6, 6, act="Softplus"), "Softsign")
    x = net.dense(net.mean(x), 6, 5)
    norm = net.node("ReduceL2", x, net.constant(i64([1])), keepdims=1)
    best = net.node("ArgMax", x, axis=1, keepdims=0)
    return net.model(best, net.node("Div", x, norm))


def _two_inputs() -> onnx.ModelProto:
    net = Network("two-inputs", [1, 8])
    net.inputs.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 8, 8]))
    joined = net.node("Concat", "x", net.mean(net.conv("y", 1, 8)), axis=1)
    x = net.node("Relu", net.dense(joined, 16, 8))
    return net.model(net.node("Softmax", net.dense(x, 8, 3)), net.node("Tanh", net.dense(x, 8, 1)))


def _old_operators() -> onnx.ModelProto:
    net = Network("old-operators", [1, 16, 8], opset=9)
    x = net.node("Unsqueeze", "x", axes=[1])
    x = net.node("Conv", x, net.weights(4, 1, 3, 8), net.weights(4), auto_pad="VALID")
    x = net.node("Squeeze", net.node("Clip", x, min=0.0, max=6.0), axes=[3])
    x = net.node("Flatten", net.node("Transpose", x, perm=[0, 2, 1]), axis=1)
    return net.model(net.node("Softmax", net.dense(net.node("Dropout", x), 56, 4), axis=1))


NETWORKS: Final[dict[str, Callable[[], onnx.ModelProto]]] = {
    "anomaly": _anomaly,
    "autoencoder": _autoencoder,
    "bidirectional-lstm": lambda: _recurrent("LSTM", 4, True),  # noqa: FBT003
    "classifier": _classifier,
    "fire": _fire,
    "gru": lambda: _recurrent("GRU", 3, False),  # noqa: FBT003
    "inverted-residual": _inverted_residual,
    "lstm": lambda: _recurrent("LSTM", 4, False),  # noqa: FBT003
    "old-operators": _old_operators,
    "padded": _padded,
    "perceptron": _perceptron,
    "residual": _residual,
    "segmenter": _segmenter,
    "shuffle": _shuffle,
    "squeeze-and-excite": _squeeze_and_excite,
    "super-resolution": _super_resolution,
    "swish": _swish,
    "temporal": _temporal,
    "transformer": _transformer,
    "two-inputs": _two_inputs,
    "waveform": _waveform,
}
