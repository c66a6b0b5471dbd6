"""Damages a drawn graph in one place, as a broken converter or an attacker might."""

from __future__ import annotations

import math
import os
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import numpy as np
from onnx import AttributeProto, helper
from tflite.TensorType import TensorType

from fitgraph.registry.onnx_reader import read_onnx
from tests.support.qdq_graphs import Array, OnnxGraph
from tests.support.tflite_graph import TfliteGraph

INTEGERS = (0, 1, -1, 2, 3, 5, 7, -2, -128, 255, 1000, 65536, 2**31 - 1, -(2**31))
FLOATS = (0.0, -0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e-45, 1e-38, 3e38, 1e-9, 1e9)
DTYPES = ("INT8", "UINT8", "FLOAT32", "INT32", "INT16", "INT64", "BOOL")


def _pick(random: np.random.Generator, options: Any) -> Any:
    options = list(options)
    return options[int(random.integers(len(options)))]


def _other_number(random: np.random.Generator, number: Any) -> Any:
    """A number of the same type."""
    dtype = np.asarray(number).dtype
    if dtype.kind == "f":
        return dtype.type(_pick(random, FLOATS))
    limits = np.iinfo(dtype)
    return dtype.type(min(max(_pick(random, INTEGERS), limits.min), limits.max))


def _other_array(random: np.random.Generator, array: Array) -> Array:
    """One number changed, or one more or fewer."""
    flat = array.reshape(-1).copy()
    kind = random.integers(4)
    if kind == 0 and flat.size:
        return flat[:-1]
    if kind == 1:
        return np.append(flat, flat[:1])
    if flat.size:
        at = int(random.integers(flat.size))
        flat[at] = _other_number(random, flat[at])
    return flat.reshape(array.shape)


def damage_tflite(graph: TfliteGraph, random: np.random.Generator) -> str:
    """Changes the graph and says how."""
    kind = _pick(random, ("shape", "shape", "option", "option", "tensor", "wiring", "constant"))
    if kind == "shape":
        fields = _pick(random, graph.tensors)
        fields[0] = _other_array(random, fields[0])
        return f"shape {fields[0]}"
    if kind == "option":
        return _damage_option(_pick(random, graph.operators), random)
    if kind == "tensor":
        return _damage_tensor(_pick(random, graph.tensors), random)
    if kind == "wiring":
        fields, side = _pick(random, graph.operators), int(random.integers(1, 3))
        indices = fields[side].copy()
        if indices.size and random.random() < 0.6:
            indices[int(random.integers(indices.size))] = random.integers(-1, len(graph.tensors))
        else:
            indices = indices[:-1]
        fields[side] = indices
        return f"wiring {indices}"
    if graph.buffers:
        at = int(random.integers(len(graph.buffers)))
        content = np.frombuffer(graph.buffers[at], np.uint8)
        if content.size % 4 == 0 and random.random() < 0.6:
            graph.buffers[at] = _other_array(random, content.view(np.int32)).tobytes()
        else:
            graph.buffers[at] = _other_array(random, content).tobytes()
    return "constant"


def _damage_option(fields: MutableMapping[int, Any], random: np.random.Generator) -> str:
    options = fields.get(4)
    if not options or random.random() < 0.1:
        fields.pop(3, None)
        fields.pop(4, None)
        return "no options"
    key = _pick(random, options)
    if isinstance(options[key], np.ndarray):
        options[key] = _other_array(random, options[key])
    else:
        options[key] = _other_number(random, options[key])
    return f"option {key} {options[key]}"


def _damage_tensor(fields: MutableMapping[int, Any], random: np.random.Generator) -> str:
    kind = _pick(random, ("dtype", "quantization", "scale", "scale", "zero", "zero", "axis"))
    if kind == "dtype":
        fields[1] = np.int8(getattr(TensorType, _pick(random, DTYPES)))
    elif 4 not in fields:
        return "nothing"
    elif kind == "quantization":
        del fields[4]
    elif kind == "axis":
        fields[4] = {**fields[4], 6: np.int32(_pick(random, INTEGERS))}
    else:
        key = 2 if kind == "scale" else 3
        changed = _other_array(random, fields[4][key])
        # Without any zero point the schema means 0; TFLM then reads no scale either.
        fields[4] = {**fields[4], key: changed if changed.size else fields[4][key]}
    return f"{kind} {fields.get(4)}"


def is_readable(content: bytes) -> bool:
    """Whether reading the file ends as it should: with a graph or an exception.

    The command line reads in a process of its own, for onnx's shape inference asserts in C++ on
    some sizes that make no sense.
    """
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            read_onnx(content, "damaged", None)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def damage_onnx(graph: OnnxGraph, random: np.random.Generator) -> str:
    """Changes the graph and says how."""
    kind = _pick(random, ("constant", "constant", "attribute", "attribute", "wiring", "dtype"))
    if kind in ("constant", "dtype") and graph.constants:
        name = _pick(random, graph.constants)
        if kind == "dtype":
            dtype = _pick(random, ("int8", "uint8", "float32", "int64", "int32", "float16", "bool"))
            graph.constants[name] = graph.constants[name].astype(dtype)
        else:
            graph.constants[name] = _other_array(random, graph.constants[name])
        return f"{kind} {graph.constants[name].shape} {graph.constants[name].dtype}"
    node = _pick(random, graph.nodes)
    if kind == "wiring":
        names = [*graph.inputs, *graph.constants, *(n.output[0] for n in graph.nodes), ""]
        if node.input and random.random() < 0.7:
            node.input[int(random.integers(len(node.input)))] = _pick(random, names)
        elif node.input:
            del node.input[-1]
        return f"wiring of {node.op_type}"
    if not node.attribute:
        return "nothing"
    attribute = _pick(random, node.attribute)
    return f"{node.op_type} {_damage_attribute(attribute, node, random)}"


def _damage_attribute(attribute: AttributeProto, node: Any, random: np.random.Generator) -> str:
    if random.random() < 0.1:
        node.attribute.remove(attribute)
        return "without attribute"
    value = helper.get_attribute_value(attribute)
    if isinstance(value, int):
        value = int(_other_number(random, np.int64(value)))
    elif isinstance(value, float):
        value = float(_other_number(random, np.float32(value)))
    elif isinstance(value, bytes):
        value = _pick(random, ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "nonsense", ""))
    else:
        value = _other_array(random, np.asarray(value, np.int64)).tolist()
    if value == []:
        return "nothing"
    attribute.CopyFrom(helper.make_attribute(attribute.name, value))
    return f"{attribute.name} {value}"
