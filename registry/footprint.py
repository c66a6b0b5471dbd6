"""What a model needs of a device under a runtime and an ISA class, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter


class Evidence(StrEnum):
    """How a figure is known, strongest first."""

    MEASURED = "measured"
    BOUND = "bound"
    DECLARED = "declared"
    ESTIMATE = "estimate"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory of one model under one runtime, built for one ISA class.

    The firmware it was read off holds vectors, start-up code, the model and a loop that calls
    it, so that it links as it is. Every figure is a multiple of 16 except ``weights_bytes``
    and ``code_bytes``, which add up to ``flash_bytes`` less padding.

    Attributes:
        arena_bytes: activations, scratch, inputs and outputs.
        static_bytes: initialised and zeroed data besides the arena.
        stack_bytes: what the deepest chain of calls can take, by the code, and one exception.
        flash_bytes: everything that must be programmed.
        code_bytes: flash without the weights and their tables.
        weights_bytes: constant weights, biases and requantization tables.
        evidence: of all figures: ``measured`` when linked and run.
        source: IRI or text that names the build.
        arena_evidence: of the arena, where it is known better than the rest; None where it is not.
        arena_parts: bytes of each part of an arena that may lie in several regions; empty where it
            is one.
        arena_bound_bytes: that no arena of the model under the runtime can be smaller than, in
            however many regions it lies; None where that is not known.
    """

    model_sha256: str
    runtime: str
    isa_class: str
    toolchain: str
    arena_bytes: int
    static_bytes: int
    stack_bytes: int
    flash_bytes: int
    code_bytes: int
    weights_bytes: int
    evidence: Evidence
    source: str = ""
    arena_evidence: Evidence | None = None
    arena_parts: tuple[int, ...] = ()
    arena_bound_bytes: int | None = None

    def is_measured_for(self, isa_class: str | None) -> bool:
        """Whether it was measured on a build for this ISA class."""
        return self.evidence is Evidence.MEASURED and self.isa_class == isa_class

    @property
    def rest_bytes(self) -> int:
        """Static data and stack, which are placed together."""
        return self.static_bytes + self.stack_bytes

    @property
    def sram_bytes(self) -> int:
        """All SRAM."""
        return self.arena_bytes + self.rest_bytes

    @property
    def order(self) -> tuple[int, int, tuple[str, ...]]:
        """What sorts footprints: the smallest first, and equal ones always alike."""
        return self.sram_bytes, self.flash_bytes, tuple(map(str, _figures(self)))


_figures = attrgetter(*(one.name for one in fields(Footprint)))
