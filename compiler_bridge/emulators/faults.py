"""Stops a core at its first access to memory that the board does not have."""

from __future__ import annotations

from dataclasses import dataclass

from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc

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
