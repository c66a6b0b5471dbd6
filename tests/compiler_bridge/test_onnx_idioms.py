"""What exporters write around the layers: shapes that are computed, and operators of old opsets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from tests.support.exactness import Subject
from tests.support.host_runs import sanitized_outputs
from tests.support.qdq_graphs import f32, i64, read
from tests.support.small_networks import Network


def flattened_by_its_own_shape() -> onnx.ModelProto:
    """``x.view(x.size(0), -1)``, as PyTorch exports it."""
    net = Network("flattened", [1, 1, 8, 8])
    x = net.conv("x", 1, 4)
    size = net.node("Gather", net.node("Shape", x), net.constant(i64(0)), axis=0)
    size = net.node("Unsqueeze", size, net.constant(i64([0])))
    shape = net.node("Concat", size, net.constant(i64([-1])), axis=0)
    return net.model(net.dense(net.node("Reshape", x, shape), 256, 4))


def with_a_class_token() -> onnx.ModelProto:
    """A learned row before all others, expanded to the batch."""
    net = Network("token", [1, 4, 12])
    x = net.node("Transpose", "x", perm=[0, 2, 1])
    size = net.node("Shape", "x", start=0, end=1)
    shape = net.node("Concat", size, net.constant(i64([1, 4])), axis=0)
    token = net.node("Expand", net.constant(f32(np.ones((1, 1, 4)))), shape)
    x = net.node("Concat", token, x, axis=1)
    zeros = net.node("ConstantOfShape", net.node("Shape", x))
    x = net.node("Where", net.node("Greater", x, zeros), x, zeros)
    return net.model(net.dense(net.node("ReduceMean", x, axes=[1], keepdims=0), 4, 2))


def counted_positions() -> onnx.ModelProto:
    """An encoding of positions that are counted when the network starts."""
    net = Network("positions", [1, 6, 3])
    ends = [net.constant(i64(number)) for number in (0, 6, 1)]
    places = net.node("Cast", net.node("Range", *ends), to=onnx.TensorProto.FLOAT)
    column = net.node("Unsqueeze", places, net.constant(i64([1])))
    tiled = net.node("Tile", column, net.constant(i64([1, 3])))
    return net.model(net.node("Add", "x", net.node("Sin", tiled)))


def upsampled() -> onnx.ModelProto:
    """Upsample, which Resize replaced in opset 10."""
    net = Network("upsampled", [1, 2, 4, 5], opset=9)
    scales = net.constant(f32([1, 1, 2, 3]))
    both = [net.node("Upsample", "x", scales, mode=mode) for mode in ("nearest", "linear")]
    return net.model(*both)


@pytest.mark.parametrize(
    "build", [flattened_by_its_own_shape, with_a_class_token, counted_positions, upsampled]
)
def test_an_idiom_computes_what_onnxruntime_computes(build: Callable[[], onnx.ModelProto]) -> None:
    content = build().SerializeToString()
    model = Subject(read(content), content)
    random = np.random.default_rng(2)
    shapes = [model.graph.tensor(index).static_shape for index in model.graph.inputs]
    sets = [[f32(random.normal(size=shape)) for shape in shapes] for _ in range(4)]
    got = sanitized_outputs(model.generated, sets)
    wanted = run_onnxruntime_many(content, model.graph, sets)
    for ours, theirs in zip(got, wanted, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)
