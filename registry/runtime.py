"""A runtime: what executes a model, and which operators it supports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fitgraph.registry.claim import Claim
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
        refuses_hybrid: whether float data with integer weights is refused, whatever ``dtypes`` has.
    """

    operator: str
    dtypes: tuple[DType, ...] = ()
    max_version: int | None = None
    min_version: int | None = None
    refuses_hybrid: bool = False


class Maintenance(StrEnum):
    """Whether a runtime still changes."""

    MAINTAINED = "maintained"
    FROZEN = "frozen"
    UNKNOWN = "unknown"


class FootprintMethod(StrEnum):
    """What tells how much memory a model takes under a runtime."""

    BUILD = "build"
    INTERPRETER = "interpreter"
    DECLARED = "declared"
    ESTIMATE = "estimate"
    UNKNOWN = "unknown"


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
        licence: SPDX expression, or ``LicenseRef-...``.
        release: version or commit that the facts are of; an empty string where none is named.
        homepage: URL, or an empty string.
        footprint_method: what tells the memory that a model takes.
        fallback: name of the runtime that executes what this one does not, or an empty string.
        unlisted_sets: operator sets (``onnx``) that it reads and whose list is not known.
        is_converting: whether it quantizes a model itself, so that a file's dtypes decide nothing.
        npu: accelerator that it needs, or an empty string.
        claims: published figures; each source says of which model and hardware.
    """

    name: str
    label: str
    operators: tuple[OperatorSupport, ...]
    isa_classes: tuple[str, ...]
    footprint_from: Evidence
    source: str
    licence: str
    release: str = ""
    homepage: str = ""
    maintenance: Maintenance = Maintenance.UNKNOWN
    footprint_method: FootprintMethod = FootprintMethod.UNKNOWN
    fallback: str = ""
    unlisted_sets: tuple[str, ...] = ()
    is_converting: bool = False
    npu: str = ""
    claims: tuple[Claim, ...] = ()
