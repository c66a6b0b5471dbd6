"""What builds something so that a remedy is known to work; handed in from the room that can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fitgraph.matcher.explanation import Peak
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.registry.footprint import Footprint


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that was built, and what it takes.

    Attributes:
        model: that was built: the model, or one made from it.
        words: what was done, in a clause.
        command: that does it again; ``{board}`` in it stands for the board.
    """

    model: ModelNeeds
    footprint: Footprint
    words: str
    command: str


class Workshop(Protocol):
    """Builds variants of a model for an ISA class.

    Each method gives None where the change does not apply, or cannot be built.
    """

    def peak(self, model: ModelNeeds) -> Peak | None:
        """Where memory peaks."""
        ...

    def under(self, model: ModelNeeds, runtime: str, isa_class: str) -> Tried | None:
        """The model as it is, under a runtime whose footprints are told here."""
        ...

    def quantized(self, model: ModelNeeds, isa_class: str, weight_bits: int = 8) -> Tried | None:
        """Of a float model: an int8 variant, with weights of so many bits."""
        ...

    def patched(self, model: ModelNeeds, isa_class: str, arena_bytes: int) -> Tried | None:
        """The first layers patch by patch, so that the arena keeps within so many bytes."""
        ...

    def packed(self, model: ModelNeeds, isa_class: str) -> Tried | None:
        """The model as it is, with weights in the fewest bits that hold them."""
        ...

    def pruned(self, model: ModelNeeds, isa_class: str, rate: float) -> Tried | None:
        """Of a float model: a variant without that share of the channels of each layer."""
        ...
