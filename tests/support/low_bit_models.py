"""TFLite networks with weights of 4 bits, some of which use 2 of them only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from tflite.Padding import Padding

from fitgraph.registry.tflite_reader import read_tflite
from tests.support.exactness import Subject
from tests.support.qdq_graphs import Array
from tests.support.tflite_case import fields
from tests.support.tflite_graph import Scale, TfliteGraph

SAME = np.int8(Padding.SAME)
VALID = np.int8(Padding.VALID)
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What a convolution looks at; all pairs are of rows and columns."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: np.int8

    def places(self, size: tuple[int, ...]) -> tuple[int, int]:
        """Rows and columns of the output."""
        high, wide = (
            _n_places(*one, is_padded=self.padding == SAME)
            for one in zip(size, self.kernel, self.stride, self.dilation, strict=True)
        )
        return high, wide


def _n_places(size: int, kernel: int, stride: int, dilation: int, *, is_padded: bool) -> int:
    reach = 1 if is_padded else (kernel - 1) * dilation + 1
    return (size - reach) // stride + 1


@dataclass
class LowBitNetwork:
    """Layers one after another.

    Attributes:
        dtype: that the file stores weights in.
    """

    seed: int
    dtype: str = "int4"
    graph: TfliteGraph = field(default_factory=TfliteGraph)
    end: int = -1
    scale: Scale = field(default_factory=lambda: Scale(0.05, 3))

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def image(self, *shape: int) -> None:
        """The input."""
        self.end = self.graph.input(np.zeros(shape, np.int8), self.scale)

    def conv(self, in_shape: tuple[int, ...], out_c: int, kernel: int, bits: int) -> None:
        """A convolution with padding that keeps the size."""
        weights = self._integers((out_c, kernel, kernel, in_shape[-1]), bits)
        inputs, out = self._layer(weights, 0), self._result((*in_shape[:-1], out_c))
        options = fields((SAME, 1, 1, np.int8(1), 1, 1))
        self.graph.node("CONV_2D", inputs, [out], "Conv2DOptions", options, version=3)

    def window(self, in_shape: tuple[int, ...], out_c: int, kind: Window, bits: int) -> Shape:
        """A convolution with any window, whose shape comes back."""
        weights = self._integers((out_c, *kind.kernel, in_shape[-1]), bits)
        out_shape = (in_shape[0], *kind.places(in_shape[1:3]), out_c)
        inputs, out = self._layer(weights, 0), self._result(out_shape)
        options = fields(
            (kind.padding, *reversed(kind.stride), np.int8(0), *reversed(kind.dilation))
        )
        self.graph.node("CONV_2D", inputs, [out], "Conv2DOptions", options, version=3)
        return out_shape

    def depthwise(self, in_shape: tuple[int, ...], multiplier: int, bits: int) -> None:
        """A 3 x 3 depthwise convolution with padding that keeps the size."""
        out_c = in_shape[-1] * multiplier
        inputs = self._layer(self._integers((1, 3, 3, out_c), bits), 3)
        out = self._result((*in_shape[:-1], out_c))
        options = fields((SAME, 1, 1, multiplier, np.int8(0), 1, 1))
        name = "DEPTHWISE_CONV_2D"
        self.graph.node(name, inputs, [out], "DepthwiseConv2DOptions", options, version=3)

    def dense(self, in_n: int, out_n: int, bits: int) -> None:
        """A fully connected layer, with one scale as TFLM wants it for weights of 4 bits."""
        inputs = self._layer(self._integers((out_n, in_n), bits), None)
        out = self._result((1, out_n))
        options = fields((np.int8(0), np.int8(0), np.uint8(0)))
        kind = "FullyConnectedOptions"
        self.graph.node("FULLY_CONNECTED", inputs, [out], kind, options, version=4)

    def subject(self) -> Subject:
        """The network with its last value as output."""
        self.graph.outputs.append(self.end)
        content = self.graph.content()
        return Subject(read_tflite(content, f"low_bits_{self.seed}"), content)

    def _integers(self, shape: tuple[int, ...], bits: int) -> Array:
        half = 2 ** (bits - 1)
        return self.random.integers(-half, half, shape).astype(np.int8)

    def _layer(self, weights: Array, axis: int | None) -> list[int]:
        n = weights.shape[0 if axis is None else axis]
        scales = self.random.uniform(0.01, 0.03, 1 if axis is None else n).astype(np.float32)
        w = self.graph.tensor(
            weights.shape, self.dtype, value=weights, scales=np.asarray(scales), axis=axis or 0
        )
        bias = self.random.integers(-200, 200, n).astype(np.int32)
        steps = np.broadcast_to(np.float32(self.scale.scale) * scales, n)
        b = self.graph.tensor((n,), "int32", value=np.asarray(bias), scales=steps)
        inputs = [self.end, w, b]
        self.scale = Scale(0.1, int(self.random.integers(-20, 20)))
        return inputs

    def _result(self, shape: tuple[int, ...]) -> int:
        self.end = self.graph.tensor(shape, "int8", self.scale)
        return self.end


def every_layer(seed: int, dtype: str, bits: tuple[int, ...] = (4, 4, 2, 4)) -> Subject:
    """All kinds of layers, with rows and taps that fill blocks and that do not."""
    network = LowBitNetwork(seed, dtype)
    network.image(1, 6, 5, 1)
    network.depthwise((1, 6, 5, 1), 7, bits[0])
    network.conv((1, 6, 5, 7), 10, 3, bits[0])
    network.depthwise((1, 6, 5, 10), 1, bits[1])
    network.conv((1, 6, 5, 10), 17, 1, bits[2])
    network.dense(6 * 5 * 17, 10, bits[3])
    return network.subject()
