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
        largest_io_bytes: the largest input or output, which has to lie in one region whatever
            executes the model. None where a shape is symbolic.
        source: IRI of the model.
        input_elements: values of the largest input; None where a shape is symbolic.
        macs: multiply-accumulates of an inference; None where they are not known.
    """

    name: str
    sha256: str
    operators: tuple[OperatorUse, ...] = ()
    largest_io_bytes: int | None = None
    source: str = ""
    input_elements: int | None = None
    macs: int | None = None


@dataclass(frozen=True, slots=True)
class InstructionCount:
    """Instructions of one inference, counted in an emulator of an ISA class.

    Attributes:
        source: IRI of the proof.
    """

    isa_class: str
    instructions: int
    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a runtime's interpreter was given a model and refused it.

    Attributes:
        words: the interpreter's own.
        source: IRI of the measurement.
    """

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class CompilerAnswer:
    """What a runtime's own compiler says of a model when it is asked.

    Attributes:
        refusal: why the model cannot be compiled; empty when it can.
        hint: what to do about a refusal, or an empty string.
        arena_bytes: of the arena that it planned, or a lower bound; None where it does not say.
        arena_bound_bytes: that no arena can be below in however many regions it lies; None where
            that is not known, or an arena lies in one.
        weights_bytes: of the constants that it emitted, or a lower bound; None likewise.
    """

    refusal: str = ""
    hint: str = ""
    arena_bytes: int | None = None
    weights_bytes: int | None = None
    arena_bound_bytes: int | None = None


class Compiler(Protocol):
    """Somebody who can ask a runtime's compiler; handed in from the room that has it."""

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        """Whether the model with this digest can be compiled; None where it cannot be asked."""
        ...
