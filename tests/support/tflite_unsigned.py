"""Signed TFLite cases as legacy unsigned ones: every int8 value and zero point plus 128."""

from __future__ import annotations

from typing import Any

import numpy as np
from tflite.TensorType import TensorType

from tests.support.qdq_graphs import Array
from tests.support.tflite_graph import TfliteGraph

# Field numbers of a tensor and of its quantization (TensorFlow Lite's schema.fbs).
_DTYPE, _BUFFER, _QUANTIZATION, _ZERO_POINT = 1, 2, 4, 3


def make_unsigned(graph: TfliteGraph, first: int = 0) -> None:
    """Changes the tensors from that index on; scales by channel are no legacy form."""
    for index, fields in enumerate(graph.tensors):
        if index < first or fields[_DTYPE] != TensorType.INT8:
            continue
        fields[_DTYPE] = np.int8(TensorType.UINT8)
        _raise_zero_points(fields)
        if fields[_BUFFER]:
            position = int(fields[_BUFFER]) - 1
            graph.buffers[position] = flipped(graph.buffers[position])
        if index in graph.inputs:
            graph.inputs[index] = (graph.inputs[index] ^ np.int8(-128)).view(np.uint8)


def _raise_zero_points(fields: dict[int, Any]) -> None:
    quantization = dict(fields[_QUANTIZATION])
    zero_points: Array = quantization[_ZERO_POINT] + 128
    fields[_QUANTIZATION] = {**quantization, _ZERO_POINT: zero_points}


def flipped(content: bytes) -> bytes:
    """Bytes with the sign bit of each flipped."""
    return (np.frombuffer(content, np.uint8) ^ np.uint8(128)).tobytes()


def move_weights(graph: TfliteGraph, random: np.random.Generator, first: int = 0) -> None:
    """Gives the filter of each layer from that index on a zero point of its own."""
    for operator in graph.operators[first:]:
        inputs = operator[1]
        if len(inputs) < 2 or inputs[1] < 0:
            continue
        fields = graph.tensors[inputs[1]]
        if fields[_DTYPE] == TensorType.UINT8 and fields[_BUFFER]:
            quantization = dict(fields[_QUANTIZATION])
            quantization[_ZERO_POINT] = random.integers(0, 256, 1)
            fields[_QUANTIZATION] = quantization
