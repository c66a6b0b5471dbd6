"""MediaPipe's custom operators as the builtin ones that compute the same, which LiteRT has."""

from __future__ import annotations

import struct
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_NAME = b"Convolution2DTransposeBias"
_VERSION_WITH_BIAS = 3  # of TRANSPOSE_CONV
_OPTIONS = struct.Struct("<3i")  # padding, stride along the width, the height
_PADDINGS = {1: schema.Padding.SAME, 2: schema.Padding.VALID}


def as_builtin(model: bytes) -> bytes:
    """The TFLite file; each Convolution2DTransposeBias is a TRANSPOSE_CONV with its bias.

    Args:
        model: that was read before.
    """
    if _NAME not in model:
        return model
    parts = schema.ModelT.InitFromPackedBuf(bytearray(model), 0)
    codes = [i for i, code in enumerate(parts.operatorCodes) if code.customCode == _NAME]
    for index in codes:
        parts.operatorCodes[index] = _transpose_conv()
    for subgraph in parts.subgraphs:
        for operator in subgraph.operators:
            if operator.opcodeIndex in codes:
                _replace(parts, subgraph, operator)
    builder = flatbuffers.Builder(len(model))
    builder.Finish(parts.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _transpose_conv() -> Any:  # noqa: ANN401 - LiteRT's schema is shipped without types
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.TRANSPOSE_CONV
    code.version = _VERSION_WITH_BIAS
    return code


def _replace(parts: Any, subgraph: Any, operator: Any) -> None:  # noqa: ANN401 - as above
    """Gives the operator its output's shape as an input, and options of the builtin kind."""
    data, weights, bias = operator.inputs
    shape = _shape_tensor(parts, subgraph, subgraph.tensors[operator.outputs[0]].shape)
    operator.inputs = np.array([shape, weights, data, bias], np.int32)
    padding, stride_w, stride_h = _OPTIONS.unpack_from(bytes(operator.customOptions))
    options = schema.TransposeConvOptionsT()
    options.padding, options.strideW, options.strideH = _PADDINGS[padding], stride_w, stride_h
    operator.builtinOptionsType = schema.BuiltinOptions.TransposeConvOptions
    operator.builtinOptions, operator.customOptions = options, None


def _shape_tensor(parts: Any, subgraph: Any, shape: Any) -> int:  # noqa: ANN401 - as above
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(np.asarray(shape, np.int32).tobytes(), np.uint8)
    parts.buffers.append(buffer)
    tensor = schema.TensorT()
    tensor.name, tensor.type = b"output shape", schema.TensorType.INT32
    tensor.shape, tensor.buffer = np.array([len(shape)], np.int32), len(parts.buffers) - 1
    subgraph.tensors.append(tensor)
    return len(subgraph.tensors) - 1
