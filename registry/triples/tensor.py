"""A tensor as triples, part of its model's graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pyoxigraph import Triple

from fitgraph.registry.facts import TensorSpec
from fitgraph.registry.iris import part_iri
from fitgraph.registry.model_graph import DType, Quantization
from fitgraph.registry.model_record import TensorRecord
from fitgraph.registry.triples.reading import Facts, local_name
from fitgraph.registry.triples.writing import Values, describe, individual


def tensor_iri(model: str, position: int) -> str:
    """IRI of a model's tensor."""
    return part_iri(model, "tensor", str(position))


def tensor_to_triples(
    model: str, tensor: TensorRecord, inputs: Sequence[int], outputs: Sequence[int]
) -> Iterator[Triple]:
    """All triples of a tensor; ``inputs`` and ``outputs`` are the model's, in order."""
    yield from describe(
        tensor_iri(model, tensor.position),
        "Tensor",
        position=tensor.position,
        tensor_name=tensor.name,
        shape=json.dumps(tensor.shape, separators=(",", ":")),
        dtype=individual(tensor.dtype),
        size_bytes=tensor.size_bytes,
        is_constant=tensor.is_constant,
        is_variable=tensor.is_variable or None,
        input_position=_places(tensor.position, inputs),
        output_position=_places(tensor.position, outputs),
        slices=tensor.slices or None,
        quantized_axis=tensor.axis,
        **_quantization(tensor.quantization),
    )


def tensor_from_triples(facts: Facts, subject: str) -> TensorRecord:
    """The tensor with this IRI."""
    axis = facts.optional_integer(subject, "quantizedAxis")
    return TensorRecord(
        position=facts.integer(subject, "position"),
        name=facts.text(subject, "tensorName"),
        shape=tuple(json.loads(facts.text(subject, "shape"))),
        dtype=DType(local_name(facts.text(subject, "dtype"))),
        is_constant=bool(facts.value(subject, "isConstant")),
        is_variable=bool(facts.value(subject, "isVariable")),
        size_bytes=facts.optional_integer(subject, "sizeBytes"),
        quantization=_quantization_from(facts, subject, axis),
        slices=facts.optional_integer(subject, "slices") or 0,
        axis=axis,
    )


def tensor_spec(tensor: TensorRecord) -> TensorSpec:
    """The tensor as an input or output of its model."""
    return TensorSpec(tensor.name, tensor.shape, tensor.dtype, tensor.quantization)


def _places(position: int, order: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for place, other in enumerate(order) if other == position)


def _quantization(quantization: Quantization | None) -> dict[str, Values]:
    if quantization is None:
        return {}
    if len(quantization.scales) == 1:
        return {"scale": quantization.scale, "zero_point": quantization.zero_point}
    return {
        "slice_scales": json.dumps(quantization.scales, separators=(",", ":")),
        "slice_zero_points": json.dumps(quantization.zero_points, separators=(",", ":")),
    }


def _quantization_from(facts: Facts, subject: str, axis: int | None) -> Quantization | None:
    scale = facts.value(subject, "scale")
    if scale is not None:
        return Quantization((float(scale),), (facts.integer(subject, "zeroPoint"),), axis)
    scales = facts.value(subject, "sliceScales")
    if scales is None:
        return None
    zero_points = json.loads(facts.text(subject, "sliceZeroPoints"))
    return Quantization(tuple(json.loads(str(scales))), tuple(zero_points), axis)
