"""Pruning: the weakest channels and all that reads them become zeros, and an int8 build shrinks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.recipes.errors import RecipeError
from fitgraph.compiler_bridge.recipes.prune_channels import prune_channels
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from fitgraph.registry.read_model import read_model


def network(folder: Path) -> Path:
    """Convolution, batch normalisation, depthwise, pooling, two dense layers; one skips nothing."""
    source = np.random.default_rng(1)

    def constant(name: str, *shape: int) -> TensorProto:
        values = source.uniform(0.1, 1, shape).astype(np.float32)
        return numpy_helper.from_array(values, name)

    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c1", "s", "o", "m", "v"], ["n1"]),
        helper.make_node("Relu", ["n1"], ["r1"]),
        helper.make_node("Conv", ["r1", "wd", "bd"], ["d1"], group=8, pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["d1"], ["r2"]),
        helper.make_node("MaxPool", ["r2"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p1"], ["f1"]),
        helper.make_node("Gemm", ["f1", "w2", "b2"], ["g1"], transB=1),
        helper.make_node("Relu", ["g1"], ["r3"]),
        helper.make_node("Gemm", ["r3", "w3", "b3"], ["y"]),
    ]
    constants = [
        constant("w1", 8, 1, 3, 3), constant("b1", 8), constant("s", 8), constant("o", 8),
        constant("m", 8), constant("v", 8), constant("wd", 8, 1, 3, 3), constant("bd", 8),
        constant("w2", 12, 8 * 4 * 4), constant("b2", 12), constant("w3", 12, 5), constant("b3", 5),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 5])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path = folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def weights(path: Path) -> dict[str, np.ndarray]:
    proto = onnx.load(path)
    return {one.name: numpy_helper.to_array(one) for one in proto.graph.initializer}


def test_the_weakest_channels_of_all_layers_but_the_last_go(tmp_path: Path) -> None:
    source = network(tmp_path)
    made = prune_channels(source, 0.5, tmp_path / "pruned.onnx")
    before, after = weights(source), weights(made.path)
    assert made.channels == {"w1": (4, 8), "w2": (6, 12)}
    norms = np.abs(before["w1"]).reshape(8, -1).sum(axis=1)
    gone = np.sort(np.argsort(norms)[:4])
    np.testing.assert_array_equal(np.flatnonzero(~after["w1"].any(axis=(1, 2, 3))), gone)
    kept = np.setdiff1d(np.arange(8), gone)
    np.testing.assert_array_equal(after["w1"][kept], before["w1"][kept])
    np.testing.assert_array_equal(after["b3"], before["b3"])


def test_zeroing_what_reads_zeros_changes_no_output(tmp_path: Path) -> None:
    """Held against a model in which the filters alone are zeros, with what is added to them."""
    source = network(tmp_path)
    made = prune_channels(source, 0.5, tmp_path / "pruned.onnx")
    after, proto = weights(made.path), onnx.load(source)
    filters = {"w1", "b1", "s", "o", "m", "wd", "bd", "b2"}
    for one in proto.graph.initializer:
        values = numpy_helper.to_array(one).copy()
        if one.name in filters:
            values = after[one.name]
        if one.name == "w2":
            values[~after["w2"].any(axis=1)] = 0
        one.CopyFrom(numpy_helper.from_array(values, one.name))
    plain = onnxruntime.InferenceSession(proto.SerializeToString())
    pruned = onnxruntime.InferenceSession(made.path.read_bytes())
    source_of = np.random.default_rng(2)
    for _ in range(20):
        x = source_of.uniform(-1, 1, (1, 1, 8, 8)).astype(np.float32)
        np.testing.assert_allclose(pruned.run(None, {"x": x})[0], plain.run(None, {"x": x})[0])


def test_the_int8_variant_loses_weights_and_arena_with_each_rate(tmp_path: Path) -> None:
    source = network(tmp_path)
    data = {"x": np.random.default_rng(3).uniform(-1, 1, (8, 1, 1, 8, 8)).astype(np.float32)}
    figures = []
    for rate in (0.0, 0.5, 0.75):
        path = tmp_path / f"{rate}.onnx"
        path.write_bytes(source.read_bytes())
        if rate:
            prune_channels(source, rate, path)
        made = quantize_int8(path, data, tmp_path / f"{rate}-int8.onnx")
        code = generate(read_model(made.path))
        figures.append((code.weights_bytes, code.arena_bytes))
    assert figures[0] > figures[1] > figures[2]
    assert figures[0][0] >= 1.5 * figures[1][0]


def test_the_same_model_and_rate_give_the_same_bytes(tmp_path: Path) -> None:
    source = network(tmp_path)
    made = [prune_channels(source, 0.25, tmp_path / f"{n}.onnx") for n in range(2)]
    assert made[0].sha256 == made[1].sha256
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0, float("nan"), 0.01])
def test_a_rate_that_prunes_nothing_or_all_is_refused(tmp_path: Path, rate: float) -> None:
    with pytest.raises(RecipeError):
        prune_channels(network(tmp_path), rate, tmp_path / "pruned.onnx")
