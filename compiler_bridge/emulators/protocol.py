"""What every emulator can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy.typing as npt

from fitgraph.compiler_bridge.firmware.sources import Harness
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import Arrays
from fitgraph.registry.board import Board

# An inference of 100 million multiply-accumulates takes about two seconds.
DEFAULT_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, eq=False)
class EmulationResult:
    """What was seen while a firmware ran.

    Attributes:
        outputs: of each set of inputs, the output arrays.
        instructions_per_inference: of the last one; these are instructions, not cycles.
        stack_high_water_bytes: deepest stack use since reset, over all inferences.
        instructions_by_symbol: of the last inference, by function; empty where the emulator
            cannot tell.
    """

    outputs: tuple[Arrays, ...]
    instructions_per_inference: int
    stack_high_water_bytes: int
    instructions_by_symbol: Mapping[str, int] = field(default_factory=dict)


class Emulator(Protocol):
    """Runs a firmware that was linked for a board."""

    @property
    def identity(self) -> str:
        """Name and version, as written into proofs."""

    @property
    def harness(self) -> Harness:
        """The harness that the firmware must be built with."""

    def supports(self, isa_class: str) -> bool:
        """Whether it executes every instruction of the class."""

    def reference_board(self, isa_class: str) -> Board:
        """A board with ample memory, on which a class is measured.

        Raises:
            EmulationError: the class is not supported.
        """

    def run(
        self,
        elf: bytes,
        board: Board,
        generated: GeneratedCode,
        inputs: Sequence[Sequence[npt.NDArray[Any]]],
    ) -> EmulationResult:
        """Runs one inference for each set of inputs, without a reset between them.

        Args:
            inputs: at least one set; each holds one array for each input of the model.

        Raises:
            EmulationError: the firmware touched memory that the board does not have, met an
                instruction that the core does not have, or did not end in time.
            InputMismatchError: the arrays are not what the model wants.
        """
