"""Structured pruning of a float ONNX model: the weakest channels of each layer become zeros.

A layer's channels are ranked by the sum of the absolute values of their filters. What reads them
becomes zeros, too, so that the compiler stores neither filter nor channel of an int8 variant; the
file keeps its shapes, and can be trained further in any framework. The last layer keeps all of its
channels, which are the model's outputs.

Source: Li et al. 2017, "Pruning Filters for Efficient ConvNets", section 3.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from fitgraph.compiler_bridge.recipes.atomic_file import write_atomically
from fitgraph.compiler_bridge.recipes.canonical import canonical_bytes
from fitgraph.compiler_bridge.recipes.errors import RecipeError
from fitgraph.compiler_bridge.recipes.float_model import load_float_model
from fitgraph.compiler_bridge.recipes.recipe import Recipe
from fitgraph.compiler_bridge.recipes.zero_channels import output_axis, spread_zeros, zero_out

RECIPE_NAME: Final = "prune-channels"

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PrunedModel:
    """A variant that lies on disk.

    Attributes:
        channels: name of each layer's weights to the number of channels pruned and in all.
    """

    path: Path
    sha256: str
    n_bytes: int
    recipe: Recipe
    channels: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights with the axis of their output channels, and what is added to each of them.

    Attributes:
        others: names of further constants with one value a channel: biases, scales.
    """

    weights: str
    axis: int
    others: tuple[str, ...]


def prune_channels(model_path: Path, rate: float, output_path: Path) -> PrunedModel:
    """Zero the weakest channels of each layer but the last, and write the variant.

    Args:
        rate: share of the channels of each layer, above 0 and below 1; rounded down.

    Raises:
        InvalidModelError: the file is absent, not ONNX, or not valid.
        NotFloatModelError: the model is quantized.
        RecipeError: the rate is out of range, or no layer has a channel to lose.
        StorageError: the variant cannot be written.
    """
    if not 0 < rate < 1:
        raise RecipeError(f"a rate of {rate:g} prunes nothing or all", hint="give 0.25 or 0.5")
    model = load_float_model(Path(model_path))
    constants = {one.name: one for one in model.proto.graph.initializer}
    pruned: dict[str, Array] = {}
    for layer in list(_layers(model.proto.graph, constants))[:-1]:
        weakest = _weakest(constants[layer.weights], layer.axis, rate)
        if weakest.any():
            pruned[layer.weights] = weakest
            zero_out(constants[layer.weights], layer.axis, weakest)
            for name in layer.others:
                zero_out(constants[name], 0, weakest)
    if not pruned:
        raise RecipeError(
            f"no layer of {model.path} has a channel that {rate:.0%} would take",
            hint="only Conv, Gemm and MatMul with constant weights are pruned, not the last one",
        )
    spread_zeros(model.proto, pruned)
    data = canonical_bytes(model.proto)
    write_atomically(Path(output_path), data)
    recipe = Recipe(RECIPE_NAME, "fitgraph", {"rate": rate, "by": "L1 norm"}, model.sha256, "", 0)
    digest = hashlib.sha256(data).hexdigest()
    counts = {name: (int(weakest.sum()), len(weakest)) for name, weakest in pruned.items()}
    return PrunedModel(Path(output_path), digest, len(data), recipe, counts)


def _layers(graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto]) -> Iterator[_Layer]:
    """Layers whose channels are their own, in the order of the graph.

    Grouped convolutions have those of their input; weights that two layers share are left alone.
    """
    uses = [name for node in graph.node for name in node.input]
    readers = {node.input[0]: node for node in graph.node if node.op_type == "BatchNormalization"}
    for node in graph.node:
        axis = output_axis(node)
        if axis is None or len(node.input) < 2 or uses.count(node.input[1]) != 1:
            continue
        if node.input[1] not in constants:
            continue
        others = [name for name in node.input[2:3] if name in constants]
        norm = readers.get(node.output[0])
        others += [] if norm is None else list(norm.input[1:4])
        n_channels = constants[node.input[1]].dims[axis]
        own = tuple(
            name
            for name in others
            if name in constants
            and list(constants[name].dims) == [n_channels]
            and uses.count(name) == 1
        )
        yield _Layer(node.input[1], axis, own)


def _weakest(weights: onnx.TensorProto, axis: int, rate: float) -> Array:
    """For each channel whether its filter is among the smallest."""
    values = np.moveaxis(numpy_helper.to_array(weights), axis, 0)
    chosen = np.zeros(len(values), bool)
    norms = np.abs(values.reshape(len(values), -1)).sum(axis=1, dtype=np.float64)
    chosen[np.argsort(norms, kind="stable")[: int(rate * len(values))]] = True
    return chosen
