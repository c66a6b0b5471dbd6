"""Operators and their sets as triples, each in a graph of its own: models and runtimes share it."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Triple

from fitgraph.registry.iris import operator_iri, operator_set_iri
from fitgraph.registry.triples.writing import describe, iri


def operator_to_triples(qualified_name: str) -> Iterator[Triple]:
    """All triples of an operator: ``tflite:CONV_2D``, ``onnx:Conv``."""
    prefix, _, op_type = qualified_name.partition(":")
    yield from describe(
        operator_iri(qualified_name),
        "Operator",
        name=qualified_name,
        label=qualified_name,
        op_type=op_type,
        operator_set=iri(operator_set_iri(prefix)),
    )


def operator_set_to_triples(prefix: str) -> Iterator[Triple]:
    """All triples of an operator set that has no scheme: ``com.microsoft``."""
    yield from describe(
        operator_set_iri(prefix), "OperatorSet", name=prefix, label=f"{prefix} operators"
    )
