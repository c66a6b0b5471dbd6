"""Small quantized ONNX models for tests, and onnxruntime beside the reference on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, helper, numpy_helper

from fitgraph.compiler_bridge.reference.ort import run_onnxruntime_many
from fitgraph.compiler_bridge.reference.qlinear import run_qlinear
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.onnx_reader import read_onnx

Array = npt.NDArray[Any]


def f32(values: object) -> Array:
    return np.asarray(values, np.float32)


def i8(values: object) -> Array:
    return np.asarray(values, np.int8)


def i32(values: object) -> Array:
    return np.asarray(values, np.int32)


def i64(values: object) -> Array:
    return np.asarray(values, np.int64)


@dataclass
class OnnxGraph:
    """Collects nodes and constants; values are named by who makes them."""

    opset: int = 15
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    inputs: dict[str, Array] = field(default_factory=dict)

    def input(self, value: Array) -> str:
        """A graph input of the value's type and shape, which is what it is run with."""
        name = f"input{len(self.inputs)}"
        self.inputs[name] = value
        return name

    def constant(self, value: object, dtype: npt.DTypeLike | None = None) -> str:
        name = f"constant{len(self.constants)}"
        self.constants[name] = np.asarray(value, dtype=dtype)
        return name

    def node(self, op_type: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        name = f"value{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(op_type, list(inputs), [name], domain=domain, **attributes)
        )
        return name

    def dequantized(
        self, name: str, scale: object, zero_point: Array, axis: int | None = None
    ) -> str:
        attributes: dict[str, Any] = {} if axis is None else {"axis": axis}
        inputs = [name, self.constant(scale, np.float32), self.constant(zero_point)]
        return self.node("DequantizeLinear", inputs, **attributes)

    def quantized(self, name: str, scale: float, zero_point: Array) -> str:
        inputs = [name, self.constant(scale, np.float32), self.constant(zero_point)]
        return self.node("QuantizeLinear", inputs)

    def model(self, output: str) -> bytes:
        """The model's bytes; the output's type is inferred."""
        graph = helper.make_graph(
            self.nodes,
            "test",
            [
                helper.make_tensor_value_info(
                    name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
                )
                for name, value in self.inputs.items()
            ],
            [onnx.ValueInfoProto(name=output)],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        return model.SerializeToString()


def read(model: bytes) -> ModelGraph:
    """The model as the project reads it."""
    return read_onnx(model, "test", None)


def reference_output(graph: OnnxGraph, output: str) -> Array:
    """What the reference computes."""
    (result,) = run_qlinear(read(graph.model(output)), list(graph.inputs.values()))
    return result


def both_outputs(graph: OnnxGraph, output: str, optimization: str) -> tuple[Array, Array]:
    """What the reference computes, and onnxruntime."""
    data = graph.model(output)
    read_graph, values = read(data), list(graph.inputs.values())
    (ours,) = run_qlinear(read_graph, values)
    ((theirs,),) = run_onnxruntime_many(data, read_graph, [values], optimization=optimization)
    return ours, theirs


def steps_apart(left: Array, right: Array) -> Array:
    """Absolute differences of integers, without overflow."""
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    return np.abs(left.astype(np.int64) - right.astype(np.int64))


def feeds(graph: ModelGraph, values: Mapping[str, Array]) -> list[Array]:
    """Values by name in the order of the graph's inputs."""
    return [values[graph.tensor(index).name] for index in graph.inputs]
