"""Do the arrays suit the graph's inputs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.registry.onnx_values import UNKNOWN_SHAPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fitgraph.compiler_bridge.reference.node import Array
    from fitgraph.registry.model_graph import ModelGraph, Tensor


def checked_inputs(graph: ModelGraph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The inputs as arrays, once their number, types and shapes are found right.

    Raises:
        BridgeError: they are not.
    """
    if len(inputs) != len(graph.inputs):
        raise BridgeError(
            f"Model {graph.name!r} has {len(graph.inputs)} inputs, {len(inputs)} were given.",
            hint="Give one array for each input, in the model's order.",
        )
    arrays = tuple(np.asarray(value) for value in inputs)
    for index, value in zip(graph.inputs, arrays, strict=True):
        _check(graph.tensor(index), value)
    return arrays


def _check(tensor: Tensor, value: Array) -> None:
    if not _suits(tensor.shape, value.shape) or value.dtype.name != tensor.dtype.value:
        raise BridgeError(
            f"Input {tensor.name!r} wants {tensor.dtype.value} of shape {tensor.shape}, "
            f"not {value.dtype.name} of shape {value.shape}.",
            hint="Reshape and convert the array before it is handed in.",
        )


def _suits(declared: tuple[int | str, ...], given: tuple[int, ...]) -> bool:
    if declared == UNKNOWN_SHAPE:
        return True
    return len(declared) == len(given) and all(
        isinstance(want, str) or want == have for want, have in zip(declared, given, strict=True)
    )
