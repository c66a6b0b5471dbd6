"""ISA classes: what a compiler needs to know of a core. Boards of one class share code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IsaClass:
    """One class of cores.

    Attributes:
        name: stable name, also the last part of its IRI.
        cores: cores of this class, spelled as their vendor spells them.
        has_fpu: float32 in hardware.
        has_dsp: 16-bit dual multiply-accumulate (Arm DSP extension).
        has_mve: Arm Helium vectors.
    """

    name: str
    cores: tuple[str, ...]
    has_fpu: bool = False
    has_dsp: bool = False
    has_mve: bool = False


_CLASSES = (
    IsaClass("armv6-m", ("Cortex-M0", "Cortex-M0+", "Cortex-M1")),
    IsaClass("armv7-m", ("Cortex-M3",)),
    IsaClass("armv7e-m", ("Cortex-M4",), has_dsp=True),
    IsaClass("armv7e-m+fp", ("Cortex-M4F",), has_fpu=True, has_dsp=True),
    IsaClass("armv7e-m+fpv5", ("Cortex-M7 (single precision)",), has_fpu=True, has_dsp=True),
    IsaClass("armv7e-m+fp.dp", ("Cortex-M7 (double precision)",), has_fpu=True, has_dsp=True),
    IsaClass("armv8-m.base", ("Cortex-M23",)),
    IsaClass("armv8-m.main", ("Cortex-M33 (no DSP, no FPU)",)),
    IsaClass("armv8-m.main+dsp", ("Cortex-M33 (no FPU)",), has_dsp=True),
    IsaClass("armv8-m.main+dsp+fp", ("Cortex-M33F",), has_fpu=True, has_dsp=True),
    IsaClass(
        "armv8.1-m.main+mve",
        ("Cortex-M55", "Cortex-M85"),
        has_fpu=True,
        has_dsp=True,
        has_mve=True,
    ),
    IsaClass("rv32imc", ("RV32IMC",)),
    IsaClass("rv32imac", ("RV32IMAC", "Hazard3")),
    IsaClass("rv32imafc", ("RV32IMAFC",), has_fpu=True),
    IsaClass("xtensa-lx6", ("Xtensa LX6",), has_fpu=True),
    IsaClass("xtensa-lx7", ("Xtensa LX7",), has_fpu=True),
    IsaClass("avr", ("AVR8",)),
)

ISA_CLASSES: dict[str, IsaClass] = {isa.name: isa for isa in _CLASSES}
