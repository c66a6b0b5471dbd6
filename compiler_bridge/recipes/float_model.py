"""Read the ONNX file that a recipe starts from, and refuse what it cannot start from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto

from fitgraph.compiler_bridge.onnx_names import without_equal_names
from fitgraph.compiler_bridge.recipes.errors import NotFloatModelError, first_line
from fitgraph.registry.errors import InvalidModelError

# Offset and value of a TFLite file's identifier (FlatBuffers, "File identification").
_TFLITE_IDENTIFIER = slice(4, 8), b"TFL3"

# From this IR version on, an initializer need not be an input (ONNX IR specification).
_IR_VERSION_OF_CONSTANTS = 4

_QUANTIZED_OPERATORS = frozenset(
    {
        "QuantizeLinear",
        "DequantizeLinear",
        "DynamicQuantizeLinear",
        "ConvInteger",
        "MatMulInteger",
        "QGemm",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class FloatModel:
    """A float32 ONNX model whose structure was checked."""

    path: Path
    sha256: str
    proto: onnx.ModelProto


def load_float_model(path: Path) -> FloatModel:
    """Read and check a float ONNX model.

    Raises:
        InvalidModelError: not there, not ONNX, or not valid ONNX.
        NotFloatModelError: the model is quantized, or computes in another float type.
    """
    data = _read(path)
    proto = _parse(path, data)
    _refuse_quantized(path, proto)
    _refuse_other_floats(path, proto)
    _drop_default_inputs(proto)
    return FloatModel(path, hashlib.sha256(data).hexdigest(), without_equal_names(proto))


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidModelError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="Name an existing ONNX file.",
        ) from error
    where, identifier = _TFLITE_IDENTIFIER
    if data[where] == identifier:
        raise InvalidModelError(
            f"{path} is a TFLite file; this recipe quantizes float ONNX models.",
            hint="Export the network as ONNX, or quantize it with the TFLite converter.",
        )
    return data


def _parse(path: Path, data: bytes) -> onnx.ModelProto:
    hint = "Export the model again; onnx.checker.check_model shows the details."
    try:
        proto = onnx.load_model_from_string(data)
        if not proto.graph.node:
            raise InvalidModelError(f"{path} is not an ONNX model with operators.", hint=hint)
        # Tensors that lie in files beside the model; the loader keeps them inside the folder.
        onnx.load_external_data_for_model(proto, str(path.parent))
        onnx.checker.check_model(proto, full_check=True)
    except DecodeError as error:
        raise InvalidModelError(f"{path} is not an ONNX file.", hint=hint) from error
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise InvalidModelError(
            f"{path} is not valid ONNX: {first_line(error)}", hint=hint
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidModelError(
            f"{path} cannot be loaded: {first_line(error)}", hint=hint
        ) from error
    return proto


def _refuse_quantized(path: Path, proto: onnx.ModelProto) -> None:
    for node in proto.graph.node:
        if node.op_type in _QUANTIZED_OPERATORS or node.op_type.startswith("QLinear"):
            raise NotFloatModelError(
                f"{path} is quantized already: it has a {node.op_type} operator.",
                hint="Start from the float model.",
            )


def _refuse_other_floats(path: Path, proto: onnx.ModelProto) -> None:
    others = {TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
    types = [(value.name, value.type.tensor_type.elem_type) for value in proto.graph.input]
    types += [(tensor.name, tensor.data_type) for tensor in proto.graph.initializer]
    for name, code in types:
        if code in others:
            raise NotFloatModelError(
                f"{path} is not a float32 model: {name!r} is "
                f"{TensorProto.DataType.Name(code).lower()}.",
                hint="Convert the model to float32 first.",
            )


def _drop_default_inputs(proto: onnx.ModelProto) -> None:
    """Make constants of the initializers that are listed as inputs too.

    ONNX files before IR version 4 had to list them; left there, they could be overridden at run
    time and nothing could be folded into them.
    """
    constants = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in constants]
    copies = [onnx.ValueInfoProto.FromString(value.SerializeToString()) for value in inputs]
    del proto.graph.input[:]
    proto.graph.input.extend(copies)
    proto.ir_version = max(proto.ir_version, _IR_VERSION_OF_CONSTANTS)
