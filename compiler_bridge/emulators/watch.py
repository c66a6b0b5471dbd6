"""Hooks that look at a running core: memory faults, instructions and stack depth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc

from fitgraph.compiler_bridge.elf import FirmwareImage
from fitgraph.compiler_bridge.emulators.cores import Core
from fitgraph.compiler_bridge.emulators.memory import Span

_VERBS = {
    uc.UC_MEM_READ: "read",
    uc.UC_MEM_READ_UNMAPPED: "read",
    uc.UC_MEM_READ_PROT: "read",
    uc.UC_MEM_WRITE: "wrote",
    uc.UC_MEM_WRITE_UNMAPPED: "wrote",
    uc.UC_MEM_WRITE_PROT: "wrote",
    uc.UC_MEM_FETCH: "jumped to",
    uc.UC_MEM_FETCH_UNMAPPED: "jumped to",
    uc.UC_MEM_FETCH_PROT: "jumped to",
}


@dataclass(frozen=True, slots=True)
class MemoryFault:
    """An access that the board's memory does not allow.

    Attributes:
        verb: ``read``, ``wrote`` or ``jumped to``.
        pc: address of the instruction.
    """

    verb: str
    address: int
    n_bytes: int
    pc: int


@dataclass(slots=True)
class FaultWatch:
    """Keeps the first fault and stops the core."""

    core: Core
    fault: MemoryFault | None = None

    def attach(self, machine: Uc, guards: tuple[Span, ...]) -> None:
        """Watches accesses without rights, and any access to the guards."""
        machine.hook_add(uc.UC_HOOK_MEM_INVALID, self._seen)
        for guard in guards:
            access = uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE
            machine.hook_add(access, self._seen, begin=guard.start, end=guard.end - 1)

    def _seen(
        self,
        machine: Uc,
        access: int,
        address: int,
        n_bytes: int,
        _value: int,
        _data: object,
    ) -> bool:
        if self.fault is None:
            pc = machine.reg_read(self.core.pc)
            self.fault = MemoryFault(_VERBS.get(access, "touched"), address, n_bytes, pc)
        machine.emu_stop()
        return False


@dataclass(slots=True)
class BlockWatch:
    """Counts executed blocks and keeps the lowest stack pointer seen at a block's start.

    A block has no branch but at its end, so its instructions run as often as it is entered. Those
    that Thumb's IT skips count too: they take a slot in the core, and QEMU counts them. The stack
    pointer after a function's entry shows at the next block, since any call ends one.

    Attributes:
        counts: start address and length in bytes of a block to how often it was entered.
    """

    core: Core
    lowest_sp: int
    counts: dict[tuple[int, int], int] = field(default_factory=dict)
    _current: tuple[int, int] = (0, 0)
    _times: int = 0

    def entered(self, machine: Uc, address: int, n_bytes: int, _data: object) -> None:
        """The function for ``UC_HOOK_BLOCK``.

        A loop of one block, where most time goes, does not move the stack pointer.
        """
        if self._current[0] == address:
            self._times += 1
            return
        self._keep()
        self._current, self._times = (address, n_bytes), 1
        self.lowest_sp = min(self.lowest_sp, machine.reg_read(self.core.sp))

    def instructions_by_function(self, machine: Uc, image: FirmwareImage) -> dict[str, int]:
        """Instructions executed, by the function that each block starts in; most first."""
        self._keep()
        totals: Counter[str] = Counter()
        for (address, n_bytes), times in self.counts.items():
            code = bytes(machine.mem_read(address, n_bytes))
            totals[image.nearest_function(address)] += times * n_instructions(self.core, code)
        return dict(totals.most_common())

    def _keep(self) -> None:
        if self._times:
            self.counts[self._current] = self.counts.get(self._current, 0) + self._times
            self._times = 0


def n_instructions(core: Core, code: bytes) -> int:
    """How many instructions lie one after another in straight code."""
    count, offset = 0, 0
    while offset < len(code):
        first_half = int.from_bytes(code[offset : offset + 2], "little")
        offset += core.instruction_bytes(first_half)
        count += 1
    return count
