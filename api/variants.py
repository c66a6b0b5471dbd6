"""Variants of float ONNX models, made in a temporary folder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fitgraph.api.temporary_model import model_as_file
from fitgraph.registry.errors import InvalidRecordError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy.typing as npt

    from fitgraph.registry.model_graph import ModelGraph

    Arrays = Mapping[str, npt.NDArray[Any]]

#: Random samples that a variant is calibrated with where nobody gives any.
N_SAMPLES = 8
#: Of one sample, beyond what any microcontroller holds.
MOST_ELEMENTS = 2**24


def int8_variant(
    graph: ModelGraph, content: bytes, samples: Arrays | None, weight_bits: int = 8
) -> ModelGraph:
    """The model with int8 activations and weights of so many bits.

    Args:
        content: of its ONNX file.
        samples: of its inputs; None for random ones.

    Raises:
        InvalidRecordError: it is no ONNX model.
        RecipeError: it cannot be quantized.
    """
    from fitgraph.api.model_files import read_whole
    from fitgraph.compiler_bridge.recipes.quantize import quantize_int8

    _check_onnx(graph)
    with model_as_file(content, graph.name) as source:
        data = random_samples(graph) if samples is None else samples
        target = source.with_name("variant.onnx")
        made = quantize_int8(source, data, target, weight_bits=weight_bits)
        return read_whole(made.path)[0]


def pruned_variant(graph: ModelGraph, content: bytes, rate: float) -> tuple[ModelGraph, bytes]:
    """The model without that share of the channels of each layer, and its file.

    Raises:
        InvalidRecordError: it is no ONNX model.
        RecipeError: nothing can be pruned.
    """
    from fitgraph.api.model_files import read_whole
    from fitgraph.compiler_bridge.recipes.prune_channels import prune_channels

    _check_onnx(graph)
    with model_as_file(content, graph.name) as source:
        made = prune_channels(source, rate, source.with_name("variant.onnx"))
        return read_whole(made.path)


def random_samples(graph: ModelGraph) -> Arrays:
    """Values from -1 to 1 for each float input, the same each time.

    Raises:
        InvalidRecordError: an input has no fixed shape, or one beyond all measure.
    """
    import numpy as np

    if any(isinstance(size, str) for index in graph.inputs for size in graph.tensor(index).shape):
        raise InvalidRecordError(
            f"an input of {graph.name!r} has a symbolic dimension", hint="give it a size"
        )
    n_elements = sum(math.prod(graph.tensor(index).static_shape) for index in graph.inputs)
    if n_elements > MOST_ELEMENTS:
        raise InvalidRecordError(
            f"the inputs of {graph.name!r} have {n_elements:,} elements; samples are made of at "
            f"most {MOST_ELEMENTS:,}",
            hint="no microcontroller holds them; use smaller inputs",
        )
    source = np.random.default_rng(0)
    return {
        tensor.name: source.uniform(-1, 1, (N_SAMPLES, *tensor.static_shape)).astype(np.float32)
        for tensor in map(graph.tensor, graph.inputs)
    }


def _check_onnx(graph: ModelGraph) -> None:
    if graph.format != "onnx":
        raise InvalidRecordError(
            f"recipes take ONNX models, and {graph.name!r} is {graph.format}",
            hint="export the model to ONNX",
        )
