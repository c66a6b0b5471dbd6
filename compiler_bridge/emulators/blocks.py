"""Counts instructions by counting blocks, and follows the stack pointer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc

from fitgraph.compiler_bridge.elf import FirmwareImage
from fitgraph.compiler_bridge.emulators.cores import Core


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """What a stretch of a run executed.

    A block has no branch but at its end, so its instructions run as often as it is entered. Those
    that Thumb's IT skips count too: they take a slot in the core, and QEMU counts them.

    Attributes:
        times: start address and length in bytes of a block to how often it was entered.
        lowest_sp: the lowest stack pointer at a block's start. What a function takes of the stack
            shows at the block after its entry, since any call ends one.
    """

    times: Mapping[tuple[int, int], int]
    lowest_sp: int

    def by_function(self, core: Core, machine: Uc, image: FirmwareImage) -> dict[str, int]:
        """Instructions executed, by the function that each block starts in; most first."""
        totals: Counter[str] = Counter()
        for (address, n_bytes), times in self.times.items():
            code = bytes(machine.mem_read(address, n_bytes))
            totals[image.nearest_function(address)] += times * n_instructions(core, code)
        return dict(totals.most_common())


class BlockHook(Protocol):
    """Watches a core from ``attach`` to ``detach``."""

    def attach(self, machine: Uc) -> None:
        """Starts counting."""

    def so_far(self) -> Mapping[tuple[int, int], int]:
        """Start address and length of each block to how often it was entered until now."""

    def detach(self, machine: Uc) -> BlockCounts:
        """Stops counting."""


@dataclass(slots=True)
class PythonBlockHook:
    """A callback in Python, which works everywhere and takes 0.5 to 4 microseconds a block."""

    core: Core
    _times: Counter[tuple[int, int]] = field(default_factory=Counter)
    _lowest_sp: int = 0
    _previous: int = 0
    _handle: int = 0

    def attach(self, machine: Uc) -> None:
        self._lowest_sp = machine.reg_read(self.core.sp)
        self._handle = machine.hook_add(uc.UC_HOOK_BLOCK, self._entered)

    def so_far(self) -> Mapping[tuple[int, int], int]:
        return dict(self._times)

    def detach(self, machine: Uc) -> BlockCounts:
        machine.hook_del(self._handle)
        return BlockCounts(self.so_far(), self._lowest_sp)

    def _entered(self, machine: Uc, address: int, n_bytes: int, _data: object) -> None:
        self._times[address, n_bytes] += 1
        # A loop of one block, where most time goes, does not move the stack pointer.
        if address != self._previous:
            self._previous = address
            self._lowest_sp = min(self._lowest_sp, machine.reg_read(self.core.sp))


def n_instructions(core: Core, code: bytes) -> int:
    """How many instructions lie one after another in straight code."""
    count, offset = 0, 0
    while offset < len(code):
        first_half = int.from_bytes(code[offset : offset + 2], "little")
        offset += core.instruction_bytes(first_half)
        count += 1
    return count
