"""What the matcher reads of a model and a runtime: columns of the graph as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OperatorUse:
    """One kind of operator in a model.

    Attributes:
        operator: qualified name: ``tflite:CONV_2D``, ``onnx:Conv``.
        version: operator version (TFLite) or opset version (ONNX).
        dtypes: element types of its inputs and outputs.
    """

    operator: str
    version: int
    dtypes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ModelNeeds:
    """What is known of a model before anything is built.

    Attributes:
        name: in the registry.
        sha256: of the model file.
        arena_floor_bytes: no arena can be smaller: all inputs, or all outputs, lie in it at
            once. None where a shape is symbolic.
        weights_floor_bytes: constants that the image must hold whatever the code is.
        source: IRI of the model.
    """

    name: str
    sha256: str
    operators: tuple[OperatorUse, ...] = ()
    arena_floor_bytes: int | None = None
    weights_floor_bytes: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class OperatorSupport:
    """How far a runtime supports one operator.

    Attributes:
        max_version: newest version supported; None where no source says.
        min_version: oldest version supported; None where no source says.
        dtypes: element types that inputs and outputs may have; empty where no source says.
    """

    operator: str
    min_version: int | None = None
    max_version: int | None = None
    dtypes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuntimeSupport:
    """What a runtime runs, and where.

    Attributes:
        isa_classes: classes that there is a compiler and start-up code for.
        operators: by qualified name; empty where no list is known.
        source: IRI of the runtime.
    """

    name: str
    isa_classes: frozenset[str] = frozenset()
    operators: Mapping[str, OperatorSupport] = field(default_factory=dict)
    source: str = ""
