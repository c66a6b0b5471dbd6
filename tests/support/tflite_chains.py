"""Random TFLite networks of layers after each other, some of whose filters are all zeros."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation
from tflite.Padding import Padding

from tests.support.qdq_graphs import Array
from tests.support.tflite_graph import Scale, TfliteGraph


@dataclass
class Chain:
    """A network that is being drawn: where it ends, and what lies there."""

    random: np.random.Generator
    dead_share: float
    graph: TfliteGraph = field(default_factory=TfliteGraph)
    end: int = -1
    shape: tuple[int, ...] = ()
    scale: Scale = field(default_factory=lambda: Scale(1.0, 0))

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def weights(self, shape: tuple[int, ...], filter_axis: int) -> Array:
        """Whole filters and whole input channels are zero now and then."""
        weights = self.random.integers(-127, 128, shape).astype(np.int8)
        last = (filter_axis + len(shape) - 1) % len(shape)
        for axis in {filter_axis, last}:
            dead = self.random.random(shape[axis]) < self.dead_share
            np.moveaxis(weights, axis, 0)[dead] = 0
        return weights

    def layer(self, op_type: str, kind: str, options: list[Any], weights: Array) -> None:
        """Adds a layer with weights, biased so that each output is now and then not saturated."""
        axis = 3 if op_type == "DEPTHWISE_CONV_2D" else 0
        n = weights.shape[axis]
        terms = weights.size // n
        scales = (self.random.uniform(0.5, 1.5, n) / (75 * np.sqrt(terms))).astype(np.float32)
        reach = int(4000 * np.sqrt(terms))
        bias = self.random.integers(-reach, reach, n).astype(np.int32)
        steps = np.float32(self.scale.scale) * scales
        w = self.graph.tensor(weights.shape, value=weights, scales=np.asarray(scales), axis=axis)
        b = self.graph.tensor((n,), "int32", value=np.asarray(bias), scales=steps)
        zero_point = int(self.random.choice([-128, -128, 0, 5]))
        gain = self.random.uniform(0.7, 1.4)
        out = Scale(float(np.float32(self.scale.scale * gain)), zero_point)
        self.add(op_type, kind, options, [self.end, w, b], out)

    def add(
        self, op_type: str, kind: str, options: list[Any], inputs: list[int], out: Scale
    ) -> None:
        self.scale = out
        self.end = self.graph.tensor(self.shape, "int8", out)
        fields = dict(enumerate(options))
        self.graph.node(op_type, inputs, [self.end], kind, fields, version=2)


def random_chain(seed: int, dead_share: float, pad_share: float = 0.0) -> TfliteGraph:
    """Two to six convolutions, depthwise convolutions and pools, then a fully connected layer.

    Args:
        pad_share: of the former that are a convolution of an image that another operator pads.
    """
    random = np.random.default_rng(seed)
    chain = Chain(random, dead_share, shape=(1, *map(int, random.integers(5, 9, 2)), 3))
    chain.scale = Scale(0.05, int(random.choice([-128, 0, 7])))
    value = random.integers(-128, 128, chain.shape).astype(np.int8)
    chain.end = chain.graph.input(value, chain.scale)
    _conv(chain)
    for _ in range(chain.between(1, 5)):
        if pad_share and random.random() < pad_share:
            _pad(chain)
            (_conv, _depthwise)[chain.between(0, 1)](chain)
            continue
        (_conv, _depthwise, _depthwise, _pool)[chain.between(0, 3)](chain)
    _dense(chain)
    chain.graph.outputs.append(chain.end)
    return chain.graph


def _window(chain: Chain) -> tuple[int, int, np.int8]:
    """Kernel, stride and padding that leave at least one pixel."""
    _, height, width, _ = chain.shape
    kernel, stride = chain.between(1, 3), chain.between(1, 2)
    same = chain.random.random() < 0.5 or kernel > min(height, width)
    out = [-(-n // stride) if same else (n - kernel) // stride + 1 for n in (height, width)]
    chain.shape = (1, *out, chain.shape[3])
    return kernel, stride, np.int8(Padding.SAME if same else Padding.VALID)


def _activation(chain: Chain) -> np.int8:
    return np.int8(chain.random.choice([Activation.NONE, Activation.RELU, Activation.RELU6]))


def _pad(chain: Chain) -> None:
    """With what is zero, or with any other number."""
    pads = np.asarray([(0, 0), *chain.random.integers(0, 3, (2, 2)), (0, 0)], np.int32)
    inputs = [chain.end, chain.graph.numbers(pads)]
    op_type = str(chain.random.choice(["PAD", "PADV2"]))
    if op_type == "PADV2":
        value = chain.random.integers(-128, 128, (1,)).astype(np.int8)
        inputs.append(chain.graph.tensor((1,), scale=chain.scale, value=value))
    chain.shape = tuple(n + int(p.sum()) for n, p in zip(chain.shape, pads, strict=True))
    kind = "PadV2Options" if op_type == "PADV2" else "PadOptions"
    chain.add(op_type, kind, [], inputs, chain.scale)


def _conv(chain: Chain) -> None:
    in_c, out_c = chain.shape[3], chain.between(1, 12)
    kernel, stride, padding = _window(chain)
    chain.shape = (*chain.shape[:3], out_c)
    options: list[Any] = [padding, np.int32(stride), np.int32(stride), _activation(chain)]
    weights = chain.weights((out_c, kernel, kernel, in_c), 0)
    chain.layer("CONV_2D", "Conv2DOptions", [*options, np.int32(1), np.int32(1)], weights)


def _depthwise(chain: Chain) -> None:
    kernel, stride, padding = _window(chain)
    options: list[Any] = [
        padding,
        np.int32(stride),
        np.int32(stride),
        np.int32(1),
        _activation(chain),
    ]
    weights = chain.weights((1, kernel, kernel, chain.shape[3]), 3)
    kind = "DepthwiseConv2DOptions"
    chain.layer("DEPTHWISE_CONV_2D", kind, [*options, np.int32(1), np.int32(1)], weights)


def _pool(chain: Chain) -> None:
    kernel, stride, padding = _window(chain)
    op_type = str(chain.random.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    numbers = [np.int32(n) for n in (stride, stride, kernel, kernel)]
    options: list[Any] = [padding, *numbers, _activation(chain)]
    chain.add(op_type, "Pool2DOptions", options, [chain.end], chain.scale)


def _dense(chain: Chain) -> None:
    n_in, n_out = int(np.prod(chain.shape)), chain.between(1, 6)
    chain.shape = (1, n_out)
    weights = chain.weights((n_out, n_in), 0)
    options: list[Any] = [np.int8(0), np.int8(0), np.uint8(0)]
    chain.layer("FULLY_CONNECTED", "FullyConnectedOptions", options, weights)
