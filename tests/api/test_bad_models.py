"""Models built to break a compiler: a clear error, no file left behind, or right code."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tests.support.command import Command, Ended
from tests.support.tflite_writer import flatbuffer, model, operator, operator_code, subgraph, tensor

ISA = "armv7e-m+fp"
SIZE = 10**6
MANY = 500


def onnx_file(
    path: Path,
    nodes: Sequence[NodeProto],
    shape: Sequence[int],
    constants: dict[str, Any] | None = None,
    *,
    outputs: Sequence[str] = ("y",),
    more_inputs: Sequence[str] = (),
    opsets: Sequence[tuple[str, int]] = (("", 17),),
) -> Path:
    """A model from ``x`` to the outputs, written without any check."""
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("x", *more_inputs)
    ]
    initializers = [
        numpy_helper.from_array(np.asarray(value), name)
        for name, value in (constants or {}).items()
    ]
    graph = helper.make_graph(
        nodes, "bad", inputs, [onnx.ValueInfoProto(name=name) for name in outputs], initializers
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    found = helper.make_model(graph, opset_imports=imports, ir_version=8)
    path.write_bytes(found.SerializeToString())
    return path


def relu(x: str = "x", y: str = "y") -> NodeProto:
    return helper.make_node("Relu", [x], [y])


def quantized(path: Path, scale: object, zero_point: object) -> Path:
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    return onnx_file(path, nodes, [1, 4], {"s": scale, "z": zero_point})


def tflite_with_zero_point(path: Path, zero_point: int) -> Path:
    """An int8 RELU whose tensors have that zero point."""
    scale = {2: np.array([0.1], np.float32), 3: np.array([zero_point], np.int64)}
    tensors = [tensor(name, [1, 4], quantization=scale) for name in ("x", "y")]
    part = subgraph(tensors, [operator([0], [1])], [0], [1])
    path.write_bytes(flatbuffer(model([part], [operator_code("RELU")])))
    return path


def growing_constants(path: Path) -> Path:
    """Each of two constants is small; their product has 10**12 elements."""
    nodes = [helper.make_node("Mul", ["a", "b"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])]
    a, b = np.ones((SIZE, 1), np.float32), np.ones((1, SIZE), np.float32)
    return onnx_file(path, nodes, [1, 1], {"a": a, "b": b})


def long_chain_of_constants(path: Path) -> Path:
    """A hundred constants of 10**6 elements, each computed from the one before."""
    nodes = [helper.make_node("Neg", [f"c{i}"], [f"c{i + 1}"]) for i in range(100)]
    nodes.append(helper.make_node("Add", ["x", "c100"], ["y"]))
    return onnx_file(path, nodes, [1, 1], {"c0": np.ones((1, SIZE), np.float32)})


BAD: dict[str, Callable[[Path], Path]] = {
    "zero-size dimension": lambda p: onnx_file(p, [relu()], [1, 0, 4]),
    "negative dimension": lambda p: onnx_file(p, [relu()], [1, -4]),
    "overflowing shape": lambda p: onnx_file(p, [relu()], [2**16] * 4),
    "shape beyond int64": lambda p: onnx_file(p, [relu()], [2**40, 2**40]),
    "NaN scale": lambda p: quantized(p, np.float32(np.nan), np.int8(0)),
    "infinite scale": lambda p: quantized(p, np.float32(np.inf), np.int8(0)),
    "zero scale": lambda p: quantized(p, np.float32(0), np.int8(0)),
    "negative scale": lambda p: quantized(p, np.float32(-1), np.int8(0)),
    "zero point of another type": lambda p: quantized(p, np.float32(1), np.int16(9)),
    "zero point out of range": lambda p: tflite_with_zero_point(p.with_suffix(".tflite"), 1000),
    "constants that grow": growing_constants,
    "long chain of constants": long_chain_of_constants,
    "opset 1": lambda p: onnx_file(p, [relu()], [1, 4], opsets=[("", 1)]),
    "opset of the future": lambda p: onnx_file(p, [relu()], [1, 4], opsets=[("", 9999)]),
    "opset twice": lambda p: onnx_file(p, [relu()], [1, 4], opsets=[("", 11), ("ai.onnx", 17)]),
    "no opset": lambda p: onnx_file(p, [relu()], [1, 4], opsets=[]),
    "output that nobody writes": lambda p: onnx_file(p, [relu()], [1, 4], outputs=["nowhere"]),
    "no operator": lambda p: onnx_file(p, [], [1, 4], outputs=["x"]),
    "operator that contradicts its input": lambda p: onnx_file(
        p, [helper.make_node("Transpose", ["x"], ["y"], perm=[5, 7])], [1, 4]
    ),
    "operator that reads itself": lambda p: onnx_file(p, [relu("y", "y")], [1, 4]),
}


def shared_weights(path: Path) -> Path:
    w = np.arange(16, dtype=np.float32).reshape(4, 4)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("MatMul", ["a", "w"], ["b"]),
        helper.make_node("Gemm", ["b", "w"], ["y"], transB=1),
    ]
    return onnx_file(path, nodes, [1, 4], {"w": w})


def equal_names(path: Path) -> Path:
    """Two nodes have the same name, which onnxruntime, the reference, does not take."""
    nodes = [relu("x", "h"), relu("h", "y")]
    for node in nodes:
        node.name = "twin"
    return onnx_file(path, nodes, [1, 4])


def constant_output(path: Path) -> Path:
    return onnx_file(path, [relu()], [1, 4], {"w": np.ones(4, np.float32)}, outputs=["y", "w"])


def many_operators(path: Path) -> Path:
    nodes = [relu("x" if i == 0 else f"v{i}", f"v{i + 1}") for i in range(MANY)]
    return onnx_file(path, [*nodes, relu(f"v{MANY}", "y")], [1, 2])


ODD: dict[str, Callable[[Path], Path]] = {
    "weights that layers share": shared_weights,
    "nodes of the same name": equal_names,
    "output that is a constant": constant_output,
    "the same output twice": lambda p: onnx_file(p, [relu()], [1, 4], outputs=["y", "y"]),
    "outputs that are inputs": lambda p: onnx_file(p, [relu()], [1, 4], outputs=["x", "y", "x2"],
                                                   more_inputs=["x2"]),
    "inputs that nobody reads": lambda p: onnx_file(p, [relu()], [1, 4], more_inputs=["u", "v"]),
    "opsets of domains that it does not use": lambda p: onnx_file(
        p, [relu()], [1, 4], opsets=[("", 13), ("com.acme", 77), ("ai.onnx.ml", 3)]
    ),
    "hundreds of tiny operators": many_operators,
}  # fmt: skip


def built(fitgraph: Command, path: Path, output: Path) -> Ended:
    """The build's end, or that of adding the model if that is refused."""
    added = fitgraph("model", "add", path)
    if added.code != 0:
        return added
    return fitgraph("build", path.stem, "--isa", ISA, "--output", output)


@pytest.mark.parametrize("name", BAD)
def test_a_model_built_to_break_a_compiler_is_refused(
    fitgraph: Command, tmp_path: Path, name: str
) -> None:
    done = built(fitgraph, BAD[name](tmp_path / "bad.onnx"), tmp_path / "out")
    assert done.code != 0
    assert "Traceback" not in done.err
    assert "internal" not in done.err.lower()
    assert len(done.err.strip().splitlines()) >= 2, "a sentence and a hint"
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".c", ".h", ".elf")]


def test_an_error_in_a_kept_model_names_the_model(fitgraph: Command, tmp_path: Path) -> None:
    """And not the file that it was laid into to be worked on."""
    assert fitgraph("model", "add", onnx_file(tmp_path / "odd.onnx", [relu()], [1, 4])).code == 0
    np.savez(tmp_path / "c.npz", x=np.zeros((2, 4), np.float32))
    done = fitgraph("quantize", "odd", "--calibration", tmp_path / "c.npz")
    assert done.code == 2
    assert "error: odd is not valid ONNX" in done.err  # its output has no type
    assert "model.onnx" not in done.err


def test_only_sizes_of_inputs_are_asked_for(fitgraph: Command, tmp_path: Path) -> None:
    """Those of other values follow, or cannot be told."""
    path = BAD["operator that contradicts its input"](tmp_path / "m.onnx")
    done = built(fitgraph, path, tmp_path / "out")
    assert "contradicts its inputs" in done.err
    assert "--dimension" not in done.err


def test_inputs_beyond_measure_are_not_made_up(fitgraph: Command, tmp_path: Path) -> None:
    """To try int8, explain makes samples; eight of these would take 137 GB."""
    path = onnx_file(tmp_path / "vast.onnx", [relu()], [2**16, 2**16])
    assert fitgraph("model", "add", path).code == 0
    done = fitgraph("explain", "vast", "bbc-microbit-v2")
    assert done.code == 1, done.err


@pytest.mark.parametrize("name", ODD)
def test_an_odd_model_is_compiled(fitgraph: Command, tmp_path: Path, name: str) -> None:
    done = built(fitgraph, ODD[name](tmp_path / "odd.onnx"), tmp_path / "out")
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["isa_class"] == ISA
