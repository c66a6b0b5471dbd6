"""ONNX layers of integers with weights that every x86 processor multiplies exactly.

Without VNNI, onnxruntime adds up products of uint8 data and int8 weights in pairs of 16 bits,
which saturate (onnxruntime documentation, "Quantize ONNX models", on AVX2 and AVX512). With 128
more in each weight and in its zero point the sums are the same, and are exact everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import onnx
from onnx import numpy_helper

from fitgraph.registry.model_graph import ModelGraph

_HALF: Final = 128
#: Places of weights and their zero points among the inputs of an operator.
_WEIGHTS: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "MatMulInteger": ((1, 3),),
    "ConvInteger": ((1, 3),),
    "MatMulIntegerToFloat": ((1, 5),),
    "DynamicQuantizeMatMul": ((1, 3),),
    "DynamicQuantizeLSTM": ((1, 9), (2, 11)),
}


def has_signed_weights(graph: ModelGraph) -> bool:
    """Whether there is a layer that ``with_unsigned_weights`` may change."""
    return any(operator.op_type in _WEIGHTS for operator in graph.operators)


def with_unsigned_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model, in which constant int8 weights of such layers are uint8."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    constants = {one.name: one for one in changed.graph.initializer}
    for node in changed.graph.node:
        for places in _WEIGHTS.get(node.op_type, ()):
            _make_unsigned(changed.graph, node, places, constants)
    return changed


def _make_unsigned(
    graph: onnx.GraphProto,
    node: onnx.NodeProto,
    places: tuple[int, int],
    constants: dict[str, onnx.TensorProto],
) -> None:
    """Gives one node weights and a zero point of its own."""
    at, zero_at = places
    weights = constants.get(node.input[at])
    zero_name = node.input[zero_at] if len(node.input) > zero_at else ""
    zero = constants.get(zero_name)
    if weights is None or weights.data_type != onnx.TensorProto.INT8 or (zero_name and not zero):
        return
    node.input.extend([""] * (zero_at + 1 - len(node.input)))
    shape = _zero_shape(node, weights)
    zeros = np.zeros(shape, np.int8) if zero is None else numpy_helper.to_array(zero)
    for place, values in ((at, numpy_helper.to_array(weights)), (zero_at, zeros)):
        # Any name that no other tensor has; the old one may be read elsewhere.
        name = f"{node.input[place]}/{node.output[0]}/{place}/unsigned"
        shifted = (values.astype(np.int16) + _HALF).astype(np.uint8)
        graph.initializer.append(numpy_helper.from_array(shifted, name))
        node.input[place] = name


def _zero_shape(node: onnx.NodeProto, weights: onnx.TensorProto) -> tuple[int, ...]:
    """Of a zero point that is left out: one, or for an LSTM one a direction."""
    return (weights.dims[0],) if node.op_type == "DynamicQuantizeLSTM" else ()
