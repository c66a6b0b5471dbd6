"""QuantizeLinear and DequantizeLinear themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.affine import (
    Affine,
    Quantized,
    affine_of,
    dequantize,
    quantize,
)

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.reference.node import Array, Kernel, Node

INTEGER_TYPES = frozenset({"int8", "uint8", "int16", "uint16", "int32"})
# onnx.TensorProto.DataType, as the attribute output_dtype of QuantizeLinear names them.
OUTPUT_TYPES = {0: "uint8", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16"}


def affine_of_node(node: Node) -> Affine:
    """Scale and zero point of a QuantizeLinear or DequantizeLinear."""
    if node.integer("block_size", 0) != 0:
        raise node.unsupported("blocked quantization is not a microcontroller format")
    scale = node.value(1)
    if scale.dtype != np.float32:
        raise node.unsupported(f"its scale is {scale.dtype}, not float32")
    affine = affine_of(scale, node.optional(2), _default_type(node), node.integer("axis", 1))
    if affine.dtype.name not in INTEGER_TYPES:
        raise node.unsupported(f"quantized type {affine.dtype.name}")
    if affine.axis is None:
        return affine
    return Affine(affine.scale, affine.zero_point, affine.dtype, node.axis(1))


def _default_type(node: Node) -> str:
    if node.operator.op_type == "DequantizeLinear":
        return node.value(0).dtype.name
    code = node.integer("output_dtype", 0)
    if code not in OUTPUT_TYPES:
        raise node.unsupported(f"output_dtype {code}")
    return OUTPUT_TYPES[code]


def quantize_linear(node: Node) -> Array:
    """ONNX QuantizeLinear."""
    return quantize(node.value(0), affine_of_node(node))


def dequantize_linear(node: Node) -> Array:
    """ONNX DequantizeLinear."""
    return dequantize(Quantized(node.value(0), affine_of_node(node)))


KERNELS: dict[str, Kernel] = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
}
