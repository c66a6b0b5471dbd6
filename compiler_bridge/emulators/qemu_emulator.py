"""QEMU's system emulation of Arm's FPGA boards, where it is installed."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fitgraph.compiler_bridge.elf import FirmwareImage, read_firmware
from fitgraph.compiler_bridge.emulators.protocol import DEFAULT_TIMEOUT_S, EmulationResult
from fitgraph.compiler_bridge.emulators.qemu_blocks import (
    BlockRun,
    block_plugin,
    by_function,
    plugin_arguments,
    read_block_runs,
)
from fitgraph.compiler_bridge.emulators.qemu_machines import (
    INSTRUCTIONS_PER_SECOND,
    MACHINES,
    QemuMachine,
)
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.firmware.sources import Harness
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import input_stream, output_sets, output_stream_bytes
from fitgraph.registry.board import Board

QEMU = "qemu-system-arm"

_ARGUMENTS = (
    *("-kernel", "firmware.elf", "-icount", "shift=0"),
    *("-semihosting-config", "enable=on,target=native"),
    *("-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none"),
)
# Stack pointer and reset vector; the reset handler moves the table to where it really is.
_BOOT_VECTOR_BYTES = 8
# harness_semihosting.c: ticks of SysTick, stack bytes.
_COUNTS = struct.Struct("<QQ")
_VERSION_TIMEOUT_S = 20.0


def qemu_is_installed() -> bool:
    """Whether ``qemu-system-arm`` is on PATH."""
    return shutil.which(QEMU) is not None


@dataclass(frozen=True, slots=True)
class QemuEmulator:
    """Runs firmware with the semihosting harness on a machine of the class.

    Instructions are counted by a plugin; where this QEMU does not take it, by SysTick, whose ticks
    are 31 to 50 instructions apart.

    Attributes:
        timeout_s: for all inferences together.
    """

    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def identity(self) -> str:
        return _version(_executable())

    @property
    def harness(self) -> Harness:
        return Harness.SEMIHOSTING

    def supports(self, isa_class: str) -> bool:
        return isa_class in MACHINES

    def reference_board(self, isa_class: str) -> Board:
        """See ``Emulator.reference_board``."""
        return _machine(isa_class).board(isa_class)

    def run(
        self,
        elf: bytes,
        board: Board,
        generated: GeneratedCode,
        inputs: Sequence[Sequence[npt.NDArray[Any]]],
    ) -> EmulationResult:
        """See ``Emulator.run``; the board must be ``reference_board`` of its class."""
        return self.run_blocks(elf, board, generated, inputs)[0]

    def run_blocks(
        self,
        elf: bytes,
        board: Board,
        generated: GeneratedCode,
        inputs: Sequence[Sequence[npt.NDArray[Any]]],
    ) -> tuple[EmulationResult, tuple[BlockRun, ...]]:
        """Like ``run``, with the blocks of the last inference; none where there is no plugin."""
        machine = _machine(board.needed_isa_class())
        if board != machine.board(board.needed_isa_class()):
            raise EmulationError(
                f"QEMU cannot run firmware that was linked for {board.name}",
                hint="link it for reference_board() of the ISA class",
            )
        with tempfile.TemporaryDirectory(prefix="fitgraph-") as name:
            folder = Path(name)
            (folder / "inputs.bin").write_bytes(input_stream(generated, inputs))
            library = block_plugin(_executable(), self.identity)
            image = read_firmware(elf)
            watching: tuple[str, ...] = ()
            if library is not None:
                watching = plugin_arguments(library, image, f"{generated.prefix}_invoke")
            (folder / "firmware.elf").write_bytes(elf)
            self._execute(machine, image, folder, watching)
            result = _result(machine, generated, len(inputs), folder)
            if library is None:
                return result, ()
            runs = read_block_runs(folder, image)
            return _counted(result, runs, image), runs

    def _execute(
        self, machine: QemuMachine, image: FirmwareImage, folder: Path, watching: Sequence[str]
    ) -> None:
        command = [_executable(), "-machine", machine.name, *_ARGUMENTS, *watching]
        if machine.boots_from is not None:
            vectors = image.segments[0].content[:_BOOT_VECTOR_BYTES]
            (folder / "vectors.bin").write_bytes(vectors)
            place = f"addr=0x{machine.boots_from:x},force-raw=on"
            command += ["-device", f"loader,file=vectors.bin,{place}"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EmulationError(
                f"the firmware did not finish within {self.timeout_s:g} s in QEMU",
                hint="allow more time, or look for an endless loop",
            ) from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            reason = [line for line in said if "warning:" not in line]
            raise EmulationError(
                f"the firmware failed on {machine.name}: {reason[0] if reason else 'a fault'}"
            )


def _result(
    machine: QemuMachine, generated: GeneratedCode, n_inputs: int, folder: Path
) -> EmulationResult:
    try:
        stream = (folder / "outputs.bin").read_bytes()
        ticks, stack_bytes = _COUNTS.unpack((folder / "counts.bin").read_bytes())
    except (OSError, struct.error) as error:
        raise EmulationError(f"the firmware left no results on {machine.name}") from error
    due_bytes = output_stream_bytes(generated, n_inputs)
    if len(stream) != due_bytes:
        raise EmulationError(
            f"the firmware wrote {len(stream)} bytes of outputs on {machine.name}, "
            f"where {due_bytes} were due"
        )
    return EmulationResult(
        outputs=output_sets(generated, stream, n_inputs),
        instructions_per_inference=ticks * INSTRUCTIONS_PER_SECOND // machine.clock_hz,
        stack_high_water_bytes=stack_bytes,
    )


def _counted(
    result: EmulationResult, runs: Sequence[BlockRun], image: FirmwareImage
) -> EmulationResult:
    return replace(
        result,
        instructions_per_inference=sum(run.instructions for run in runs),
        instructions_by_symbol=by_function(runs, image),
    )


def _machine(isa_class: str) -> QemuMachine:
    if isa_class not in MACHINES:
        raise EmulationError(f"there is no QEMU machine for the ISA class {isa_class!r}")
    return MACHINES[isa_class]


def _executable() -> str:
    found = shutil.which(QEMU)
    if found is None:
        raise EmulationError(f"{QEMU} is not installed", hint="Debian: apt install qemu-system-arm")
    return found


@cache
def _version(executable: str) -> str:
    """``qemu-system-arm 7.2.22`` from ``QEMU emulator version 7.2.22 (Debian ...)``."""
    done = subprocess.run(
        [executable, "--version"],
        capture_output=True,
        text=True,
        timeout=_VERSION_TIMEOUT_S,
        check=False,
    )
    words = done.stdout.split()
    return f"{QEMU} {words[3]}" if len(words) > 3 else QEMU
