"""ISA classes: what a compiler needs to know of a core. Boards of one class share code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


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
    IsaClass("rv32ec", ("RV32EC",)),
    IsaClass("rv32imc", ("RV32IMC",)),
    IsaClass("rv32imac", ("RV32IMAC", "Hazard3")),
    IsaClass("rv32imafc", ("RV32IMAFC",), has_fpu=True),
    IsaClass("rv32imafdc", ("RV32IMAFDC",), has_fpu=True),
    IsaClass("rv64gc", ("RV64GC",), has_fpu=True),
    IsaClass("xtensa-l106", ("Xtensa L106",)),
    IsaClass("xtensa-lx6", ("Xtensa LX6",), has_fpu=True),
    IsaClass("xtensa-lx7", ("Xtensa LX7",), has_fpu=True),
    IsaClass("avr", ("AVR8",)),
)

ISA_CLASSES: dict[str, IsaClass] = {isa.name: isa for isa in _CLASSES}

# Base of the class by the core's name in lower case, for cores with nothing optional.
_PLAIN_CORES = {
    **dict.fromkeys(("cortex-m0", "cortex-m0+", "cortex-m0plus", "cortex-m1", "sc000"), "armv6-m"),
    **dict.fromkeys(("cortex-m3", "sc300"), "armv7-m"),
    "cortex-m23": "armv8-m.base",
    "hazard3": "rv32imac",
    "rv64gc": "rv64gc",
    **dict.fromkeys(("xtensa-l106", "xtensa l106"), "xtensa-l106"),
    **dict.fromkeys(("xtensa-lx6", "xtensa lx6"), "xtensa-lx6"),
    **dict.fromkeys(("avr8", "avr"), "avr"),
}
# The floating-point unit decides; "" is a unit of unknown precision.
_BY_FPU = {
    "cortex-m4": {"none": "armv7e-m", "sp": "armv7e-m+fp", "": "armv7e-m+fp"},
    "cortex-m7": {"none": "armv7e-m", "sp": "armv7e-m+fpv5", "dp": "armv7e-m+fp.dp"},
    "xtensa-lx7": {"sp": "xtensa-lx7", "": "xtensa-lx7"},
    "xtensa lx7": {"sp": "xtensa-lx7", "": "xtensa-lx7"},
}
_MAINLINE_V8 = frozenset({"cortex-m33", "cortex-m35p", "star-mc1"})
_MAINLINE_V8_1 = frozenset({"cortex-m52", "cortex-m55", "cortex-m85"})
_WITH_FPU = frozenset({"cortex-m4f", "cortex-m7f", "cortex-m33f", "cortex-m35pf"})


def isa_class_of(
    cpu_core: str, fpu: str | None = None, *, dsp: bool | None = None, mve: bool | None = None
) -> str | None:
    """The ISA class of a core as vendors name it; None where the facts do not tell.

    Args:
        cpu_core: ``Cortex-M4``, ``Cortex-M33F``, ``RV32IMAC``, ``Xtensa LX7``; case is ignored.
        fpu: ``none``, ``sp``, ``dp``; empty for one of unknown precision; None where not known.
        dsp: whether the core has the Arm DSP extension; None where not known.
        mve: whether it has floating-point Helium vectors; None where not known.

    Source: Arm's technical reference manuals of the cores, "About the processor".
    """
    core = cpu_core.strip().lower()
    if core in _WITH_FPU:
        core, fpu = core[:-1], fpu or ""
    if core.startswith("rv32"):
        return core if core in ISA_CLASSES else None
    if core in _BY_FPU:
        return None if fpu is None else _BY_FPU[core].get(fpu)
    if core in _MAINLINE_V8:
        return _mainline_v8(fpu, dsp=dsp)
    if core in _MAINLINE_V8_1:
        return "armv8.1-m.main+mve" if mve else None
    return _PLAIN_CORES.get(core)


def classes_of(cpu_core: str) -> frozenset[str]:
    """All ISA classes that a core of this name can be of; none where the name tells nothing."""
    named = {one.name for one in _CLASSES if cpu_core in one.cores}
    told = {
        isa_class_of(cpu_core, fpu, dsp=dsp, mve=mve)
        for fpu, dsp, mve in product(
            (None, "", "none", "sp", "dp"), (None, False, True), (None, True)
        )
    }
    return frozenset(named | {one for one in told if one is not None})


def _mainline_v8(fpu: str | None, *, dsp: bool | None) -> str | None:
    """Classes of Armv8-M Mainline; there is none for a floating-point unit without DSP."""
    if fpu is None or dsp is None:
        return None
    if fpu == "none":
        return "armv8-m.main+dsp" if dsp else "armv8-m.main"
    return "armv8-m.main+dsp+fp" if dsp else None
