"""Texts in an ONNX graph as numbers: each is its place in one table of all that the file has.

No firmware computes on text. A classifier with names for its classes yields the number of one of
them, and the table says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.program import Array
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor

UNKNOWN = -1  # the number of a text that no table has
# Attributes that hold texts, and what their numbers are called in the same operator.
_ATTRIBUTES: Mapping[str, str] = {
    "classlabels_strings": "classlabels_int64s",
    "keys_strings": "keys_int64s",
    "values_strings": "values_int64s",
    "default_string": "default_int64",
}
# Operators that hand texts on, compare them, or name classes.
CARRIERS = frozenset(
    {
        *("ArrayFeatureExtractor", "Concat", "Equal", "Flatten", "Gather", "Identity"),
        *("LabelEncoder", "LinearClassifier", "Reshape", "SVMClassifier", "Slice", "Squeeze"),
        *("Transpose", "TreeEnsembleClassifier", "Unsqueeze", "Where", "ZipMap"),
    }
)


def texts_of(graph: ModelGraph) -> tuple[str, ...]:
    """All texts, those of operators in their order before those of constants."""
    found: list[str] = []
    for operator in graph.operators:
        for name in _ATTRIBUTES:
            given = operator.attributes.get(name, ())
            found += [given] if isinstance(given, str) else given
    for tensor in graph.tensors:
        if tensor.dtype is DType.STRING and tensor.data is not None:
            found += [str(text) for text in tensor.data.reshape(-1)]
    return tuple(dict.fromkeys(found))


def numbered(graph: ModelGraph) -> ModelGraph:
    """The graph with 64-bit integers for its texts; itself where an operator does more with them.

    Texts that are the model's inputs stay.
    """
    given = {i for i in graph.inputs if graph.tensor(i).dtype is DType.STRING}
    if given or not all(_carries(graph, operator) for operator in graph.operators):
        return graph
    places = {text: place for place, text in enumerate(texts_of(graph))}
    return replace(
        graph,
        tensors=tuple(_numbered_tensor(tensor, places) for tensor in graph.tensors),
        operators=tuple(_numbered_operator(operator, places) for operator in graph.operators),
    )


def numbers_of(graph: ModelGraph, outputs: Sequence[Array]) -> tuple[Array, ...]:
    """The model's outputs with the numbers of their texts, 64-bit integers."""
    places = {text: place for place, text in enumerate(texts_of(graph))}
    return tuple(_numbers(array, places) for array in outputs)


def _numbers(array: Array, places: Mapping[str, int]) -> Array:
    if array.dtype.kind not in "OSU":
        return array
    found = [places.get(str(text), UNKNOWN) for text in array.reshape(-1)]
    return np.array(found, np.int64).reshape(array.shape)


def _carries(graph: ModelGraph, operator: Operator) -> bool:
    """Whether the operator leaves texts alone, or is known to hand them on."""
    indices = [index for index in (*operator.inputs, *operator.outputs) if index is not None]
    touches = any(graph.tensor(index).dtype is DType.STRING for index in indices)
    return operator.op_type in CARRIERS or not touches


def _numbered_tensor(tensor: Tensor, places: Mapping[str, int]) -> Tensor:
    if tensor.dtype is not DType.STRING:
        return tensor
    data = None if tensor.data is None else _numbers(tensor.data, places)
    return replace(tensor, dtype=DType.INT64, data=data)


def _numbered_operator(operator: Operator, places: Mapping[str, int]) -> Operator:
    attributes = dict(operator.attributes)
    for name, known_as in _ATTRIBUTES.items():
        given = attributes.pop(name, None)
        if isinstance(given, str):
            attributes[known_as] = places.get(given, UNKNOWN)
        elif given:
            attributes[known_as] = tuple(places.get(text, UNKNOWN) for text in given)
    return replace(operator, attributes=attributes)
