"""What one runtime showed of one model when it was run on one machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """The arena that a runtime really needs for a model, or that it refuses the model.

    A footprint speaks of a build for an ISA class; this speaks of a run on a machine, whose
    pointers may be wider than a microcontroller's.

    Attributes:
        runtime: name of the runtime: ``tflm``.
        machine: architecture that it ran on: ``x86-64``.
        toolchain: the interpreter's package and version.
        arena_bytes: the smallest arena that an inference runs in; None where it is refused.
        refusal: why the runtime refuses the model; an empty string where it runs it.
    """

    model_sha256: str
    runtime: str
    machine: str
    toolchain: str
    arena_bytes: int | None = None
    refusal: str = ""
