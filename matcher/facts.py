"""What the matcher reads of a model: columns of the graph as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
class CompilerAnswer:
    """What a runtime's own compiler says of a model when it is asked.

    Attributes:
        refusal: why the model cannot be compiled; empty when it can.
        hint: what to do about a refusal, or an empty string.
    """

    refusal: str = ""
    hint: str = ""


class Compiler(Protocol):
    """Somebody who can ask a runtime's compiler; handed in from the room that has it."""

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        """Whether the model with this digest can be compiled; None where it cannot be asked."""
        ...
