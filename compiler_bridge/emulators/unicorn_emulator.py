"""The default emulator: a core of the ISA class and the board's own memory, nothing more."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from fitgraph.compiler_bridge.emulators.cores import CORES, Core
from fitgraph.compiler_bridge.emulators.native_blocks import block_hook
from fitgraph.compiler_bridge.emulators.protocol import DEFAULT_TIMEOUT_S, EmulationResult
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.firmware.sources import Harness
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import input_bytes, output_arrays
from fitgraph.registry.board import Board


@dataclass(frozen=True, slots=True)
class UnicornEmulator:
    """Runs firmware with the bare harness.

    Attributes:
        timeout_s: for the start-up and for each inference.
    """

    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def identity(self) -> str:
        return f"unicorn {importlib.metadata.version('unicorn')}"

    @property
    def harness(self) -> Harness:
        return Harness.BARE

    def supports(self, isa_class: str) -> bool:
        return isa_class in CORES

    def reference_board(self, isa_class: str) -> Board:
        """See ``Emulator.reference_board``."""
        _core(isa_class)
        return ample_board(isa_class)

    def run(
        self,
        elf: bytes,
        board: Board,
        generated: GeneratedCode,
        inputs: Sequence[Sequence[npt.NDArray[Any]]],
    ) -> EmulationResult:
        """See ``Emulator.run``; only the last inference is counted."""
        contents = [input_bytes(generated, arrays) for arrays in inputs]
        if not contents:
            raise EmulationError("there is no input to run", hint="hand in at least one set")
        core = _core(board.needed_isa_class())
        session = UnicornSession(core, elf, board, generated, self.timeout_s)
        outputs = [session.infer(one) for one in contents[:-1]]
        hook = block_hook(core, session.image)
        last, counts = session.infer_counted(contents[-1], hook)
        by_function = counts.by_function(core, session.machine, session.image)
        return EmulationResult(
            outputs=tuple(output_arrays(generated, output) for output in (*outputs, last)),
            instructions_per_inference=sum(by_function.values()),
            stack_high_water_bytes=session.stack_high_water_bytes(counts.lowest_sp),
            instructions_by_symbol=by_function,
        )


def _core(isa_class: str) -> Core:
    if isa_class not in CORES:
        raise EmulationError(
            f"unicorn does not emulate the ISA class {isa_class!r}",
            hint="QEMU emulates Helium; install qemu-system-arm",
        )
    return CORES[isa_class]
