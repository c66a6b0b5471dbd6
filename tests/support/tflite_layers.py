"""Makes every value of a TFLite model one of its outputs, so that each layer can be compared."""

from __future__ import annotations

import struct

import numpy as np
import tflite

from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.exactness import Subject

# Field `outputs` of a subgraph is the third (TensorFlow Lite's schema.fbs).
_OUTPUTS_SLOT = 4 + 2 * 2
_COMPARED = (DType.INT8, DType.UINT8, DType.INT16, DType.FLOAT32)


def with_every_layer(model: Subject) -> Subject:
    """The model with what each of its operators computes among its outputs, first things first."""
    outputs = (*_computed(model.graph), *model.graph.outputs)
    content = with_outputs(model.content, list(dict.fromkeys(outputs)))
    return Subject(read_tflite(content, model.graph.name), content)


def _computed(graph: ModelGraph) -> list[int]:
    found = [index for operator in graph.operators for index in operator.outputs]
    return [index for index in found if graph.tensor(index).dtype in _COMPARED]


def with_outputs(content: bytes, outputs: list[int]) -> bytes:
    """The file with other outputs: a new list at its end, to which the old field points."""
    subgraph = tflite.Model.GetRootAs(content, 0).Subgraphs(0)
    assert subgraph is not None
    table = subgraph._tab
    field = table.Pos + table.Offset(_OUTPUTS_SLOT)
    changed = bytearray(content)
    changed += bytes(-len(changed) % 4)
    changed[field : field + 4] = struct.pack("<I", len(changed) - field)
    changed += struct.pack("<I", len(outputs)) + np.array(outputs, "<i4").tobytes()
    return bytes(changed)
