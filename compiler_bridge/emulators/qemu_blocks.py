"""Counts the blocks of one inference in QEMU with a plugin in C: to the instruction, and by place.

Without it, as where QEMU was built without plugins, a timer of the machine counts more coarsely.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from fitgraph.compiler_bridge.elf import FirmwareImage
from fitgraph.compiler_bridge.emulators.host_library import host_library
from fitgraph.compiler_bridge.errors import EmulationError, ToolchainError

COUNTS_FILE = "blocks.bin"

# record_t of qemu_block_counter.c.
_RECORD = np.dtype(
    [("call", "<u4"), ("address", "<u4"), ("n_instructions", "<u8"), ("times", "<u8")]
)
# QEMU's docs/devel/tcg-plugins: from 9.0 on, plugins of version 1 are refused.
_FIRST_WITH_VERSION_2 = 9
_PROBE_TIMEOUT_S = 20.0
# Of the harness: it calls the model, and follows the timer.
_CALLER = "main"
_INTERRUPT = "SysTick_Handler"


@dataclass(frozen=True, slots=True)
class BlockRun:
    """A block as it ran under one call.

    Attributes:
        call: address of the last instruction that the model's entry function came to: the call
            that the block runs under, or the end of the block itself where it is of that function.
        address: of the block.
    """

    call: int
    address: int
    n_instructions: int
    times: int

    @property
    def instructions(self) -> int:
        return self.n_instructions * self.times


def plugin_arguments(library: Path, image: FirmwareImage, entry: str) -> tuple[str, ...]:
    """Arguments of QEMU that count one inference of a model with an entry function of that name."""
    ranges = ((role, image.extent(name)) for role, name in (("entry", entry), ("caller", _CALLER)))
    places = (f"{role}=0x{start:x}-0x{end:x}" for role, (start, end) in ranges)
    # A comma in a file's name is doubled (qemu(1), -plugin).
    file = str(library).replace(",", ",,")
    return "-plugin", ",".join((f"file={file}", *places, f"counts={COUNTS_FILE}"))


def read_block_runs(folder: Path, image: FirmwareImage) -> tuple[BlockRun, ...]:
    """What the plugin left of the last inference; without the timer's interrupts.

    Raises:
        EmulationError: it left nothing.
    """
    try:
        records = np.fromfile(folder / COUNTS_FILE, _RECORD)
    except OSError as error:
        raise EmulationError("QEMU's plugin left no counts") from error
    start, end = image.extent(_INTERRUPT)
    runs = (BlockRun(*(int(value) for value in record)) for record in records)
    return tuple(run for run in runs if not start <= run.address < end)


def by_function(runs: Iterable[BlockRun], image: FirmwareImage) -> dict[str, int]:
    """Instructions by the function that each block starts in; most first."""
    totals: Counter[str] = Counter()
    for run in runs:
        totals[image.nearest_function(run.address)] += run.instructions
    return dict(totals.most_common())


@cache
def block_plugin(executable: str, version: str) -> Path | None:
    """The compiled plugin, or None where it cannot be compiled or this QEMU does not take it."""
    major = re.search(r"\d+", version)
    interface = 2 if major and int(major[0]) >= _FIRST_WITH_VERSION_2 else 1
    flags = ("-fPIC", "-Wl,-z,undefs", f"-DFITGRAPH_PLUGIN_VERSION={interface}")
    try:
        library = host_library("qemu_block_counter", flags)
    except (OSError, ToolchainError):
        return None
    return library if _is_taken(executable, library) else None


def _is_taken(executable: str, library: Path) -> bool:
    """Whether QEMU starts with the plugin; a machine without anything ends at once."""
    file = str(library).replace(",", ",,")
    command = [executable, "-machine", "none", "-display", "none", "-S", "-monitor", "stdio"]
    try:
        done = subprocess.run(
            [*command, "-plugin", f"file={file}"],
            input=b"quit\n",
            capture_output=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
