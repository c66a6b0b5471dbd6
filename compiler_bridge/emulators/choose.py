"""Which emulator runs code of an ISA class."""

from __future__ import annotations

from fitgraph.compiler_bridge.emulators.protocol import Emulator
from fitgraph.compiler_bridge.emulators.qemu_emulator import QemuEmulator, qemu_is_installed
from fitgraph.compiler_bridge.emulators.unicorn_emulator import UnicornEmulator


def emulator_for(isa_class: str) -> Emulator | None:
    """Unicorn where it has the core, else QEMU where it is installed, else None."""
    unicorn = UnicornEmulator()
    if unicorn.supports(isa_class):
        return unicorn
    qemu = QemuEmulator()
    return qemu if qemu.supports(isa_class) and qemu_is_installed() else None
