"""A runtime: what executes a model, and which operators it supports."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.registry.footprint import Evidence
from fitgraph.registry.model_graph import DType


@dataclass(frozen=True, slots=True)
class OperatorSupport:
    """How far a runtime supports one operator.

    Attributes:
        operator: qualified name: ``tflite:CONV_2D``, ``onnx:Conv``.
        dtypes: element types that inputs and outputs may have; empty where no source says.
        max_version: newest version (TFLite) or opset version (ONNX); None where no source says.
        min_version: oldest one; None where no source says.
    """

    operator: str
    dtypes: tuple[DType, ...] = ()
    max_version: int | None = None
    min_version: int | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime.

    Attributes:
        name: slug, unique, last part of its IRI: ``fitgraph-c``, ``tflm+cmsis-nn``.
        label: as its makers spell it.
        operators: at most one entry an operator; empty where no list is known.
        isa_classes: keys of ``ISA_CLASSES`` that there is a compiler and start-up code for.
        footprint_from: how its footprints are known.
        source: where the facts come from.
        licence: SPDX expression.
    """

    name: str
    label: str
    operators: tuple[OperatorSupport, ...]
    isa_classes: tuple[str, ...]
    footprint_from: Evidence
    source: str
    licence: str
