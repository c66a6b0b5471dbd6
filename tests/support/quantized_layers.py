"""Cuts a quantized ONNX model into pieces that begin and end at integer tensors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, helper
from onnx.utils import Extractor


def with_batch_of_one(path: Path) -> ModelProto:
    """The model with the first dimension of inputs and outputs set to 1."""
    model = onnx.load(path)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    return onnx.shape_inference.infer_shapes(model)


def integer_tensors(model: ModelProto) -> list[str]:
    """Outputs of operators that quantize, in order."""
    return [
        node.output[0]
        for node in model.graph.node
        if node.op_type == "QuantizeLinear" or node.op_type.startswith("QLinear")
    ]


def with_integer_outputs(model: ModelProto) -> ModelProto:
    """The model with every integer tensor as an output too."""
    result = ModelProto()
    result.CopyFrom(model)
    typed = {value.name: value for value in model.graph.value_info}
    present = {value.name for value in model.graph.output}
    for name in integer_tensors(model):
        if name not in present:
            untyped = helper.make_tensor_value_info(name, TensorProto.INT8, None)
            result.graph.output.append(typed.get(name, untyped))
    return result


def layers(model: ModelProto) -> Iterator[tuple[str, ModelProto]]:
    """Each output of `with_integer_outputs`, and the piece that makes it of earlier ones."""
    whole = with_integer_outputs(model)
    extractor = Extractor(whole)
    for value in whole.graph.output:
        yield value.name, extractor.extract_model(_sources(whole, value.name), [value.name])


def _sources(model: ModelProto, output: str) -> list[str]:
    """The nearest integer tensors and graph inputs before a tensor."""
    makers = {name: node for node in model.graph.node for name in node.output}
    ends = {*integer_tensors(model), *(value.name for value in model.graph.input)}
    constants = {value.name for value in model.graph.initializer}
    found: list[str] = []
    waiting = list(makers[output].input)
    while waiting:
        name = waiting.pop()
        if name in ends:
            found.append(name)
        elif name and name not in constants:
            waiting.extend(makers[name].input)
    return sorted(set(found))
