"""Machines that QEMU emulates, as boards with their own memory maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fitgraph.registry.board import Board, MemoryRegion, RegionKind

MIB = 1024 * 1024

# With `-icount shift=0` an instruction takes a nanosecond of the machine's time.
INSTRUCTIONS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class QemuMachine:
    """One machine of ``qemu-system-arm``.

    Attributes:
        name: for ``-machine``.
        cpu_core: of its CPU.
        clock_hz: of SysTick.
        flash: memory that holds the image; RAM on the real FPGA board.
        boots_from: where the core takes its first vector table, if not from ``flash``.
    """

    name: str
    cpu_core: str
    clock_hz: int
    flash: MemoryRegion
    sram: MemoryRegion
    boots_from: int | None = None

    def board(self, isa_class: str) -> Board:
        """The machine as a board whose code is of the class."""
        return Board(
            board_id=f"qemu-{self.name}-{isa_class}",
            name=f"QEMU {self.name}",
            vendor="Arm",
            mcu=self.name,
            cpu_core=self.cpu_core,
            isa_class=isa_class,
            clock_hz=self.clock_hz,
            regions=(self.flash, self.sram),
            sources=("QEMU 7.2, hw/arm/mps2.c and hw/arm/mps2-tz.c",),
        )


def _flash(base_address: int, size_bytes: int) -> MemoryRegion:
    return MemoryRegion("FLASH", RegionKind.FLASH, base_address, size_bytes)


def _sram(base_address: int, size_bytes: int) -> MemoryRegion:
    return MemoryRegion("SRAM", RegionKind.SRAM, base_address, size_bytes)


def _mps2(name: str, cpu_core: str) -> QemuMachine:
    """Arm MPS2 with a core without TrustZone: ZBT SSRAM at 0 and at 0x20000000, 25 MHz."""
    return QemuMachine(name, cpu_core, 25_000_000, _flash(0, 4 * MIB), _sram(0x2000_0000, 4 * MIB))


_AN385 = _mps2("mps2-an385", "Cortex-M3")
_AN386 = _mps2("mps2-an386", "Cortex-M4F")
_AN500 = _mps2("mps2-an500", "Cortex-M7")
_AN505 = QemuMachine(
    "mps2-an505",
    "Cortex-M33F",
    20_000_000,
    _flash(0x1000_0000, 4 * MIB),
    _sram(0x3800_0000, 2 * MIB),
)
# The first table is read from address 0, the image runs from DDR.
_AN547 = QemuMachine(
    "mps3-an547",
    "Cortex-M55",
    32_000_000,
    _flash(0x6000_0000, 64 * MIB),
    _sram(0x6400_0000, 64 * MIB),
    boots_from=0,
)

MACHINES: Mapping[str, QemuMachine] = {
    "armv6-m": _AN385,
    "armv7-m": _AN385,
    "armv7e-m": _AN386,
    "armv7e-m+fp": _AN386,
    "armv7e-m+fpv5": _AN500,
    "armv7e-m+fp.dp": _AN500,
    "armv8-m.base": _AN505,
    "armv8-m.main": _AN505,
    "armv8-m.main+dsp": _AN505,
    "armv8-m.main+dsp+fp": _AN505,
    "armv8.1-m.main+mve": _AN547,
}
