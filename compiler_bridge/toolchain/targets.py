"""ISA class to compiler flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """How the two compiler families name one ISA class.

    Attributes:
        zig: flags of ``zig cc``, whose ``-mcpu`` is a CPU with features added and taken away.
        gcc: flags of ``arm-none-eabi-gcc`` or a RISC-V GCC.
    """

    zig: tuple[str, ...]
    gcc: tuple[str, ...]


def _arm(zig_cpu: str, gcc_cpu: str, fpu: str = "") -> Target:
    """A Cortex-M core; ``fpu`` is GCC's name, ``auto`` where the CPU's name implies it."""
    environment = "eabihf" if fpu else "eabi"
    # VMLA rounds the product, as VMUL and VADD do, and takes their time in one instruction.
    chained = "-slowfpvmlx" if fpu else ""
    gcc_fpu = ("-mfloat-abi=hard", f"-mfpu={fpu}") if fpu else ("-mfloat-abi=soft",)
    return Target(
        zig=("-target", f"thumb-freestanding-{environment}", f"-mcpu={zig_cpu}{chained}"),
        gcc=("-mthumb", f"-mcpu={gcc_cpu}", *gcc_fpu),
    )


def _riscv(extensions: str, abi: str) -> Target:
    """RV32 with one-letter extensions beyond I.

    Without linker relaxation, so that code has one size wherever a board's regions lie.
    """
    features = "".join(f"+{letter}" for letter in extensions)
    return Target(
        zig=(
            *("-target", "riscv32-freestanding-none"),
            *(f"-mcpu=generic_rv32{features}-relax", f"-mabi={abi}"),
        ),
        gcc=(
            *(f"-march=rv32i{extensions}", f"-mabi={abi}"),
            *("-mcmodel=medlow", "-mno-relax", "-msmall-data-limit=0"),
        ),
    )


TARGETS: Mapping[str, Target] = {
    "armv6-m": _arm("cortex_m0", "cortex-m0"),
    "armv7-m": _arm("cortex_m3", "cortex-m3"),
    "armv7e-m": _arm("cortex_m4", "cortex-m4"),
    "armv7e-m+fp": _arm("cortex_m4+vfp4d16sp", "cortex-m4", "fpv4-sp-d16"),
    # Tuned for the Cortex-M4: what clang moves about for the two pipelines of a Cortex-M7 costs it
    # registers, and so instructions.
    "armv7e-m+fpv5": _arm("cortex_m4-vfp4d16sp+fp_armv8d16sp", "cortex-m7", "fpv5-sp-d16"),
    "armv7e-m+fp.dp": _arm("cortex_m4-vfp4d16sp+fp_armv8d16", "cortex-m7", "fpv5-d16"),
    "armv8-m.base": _arm("cortex_m23", "cortex-m23"),
    # With MULS, which clang avoids for the Cortex-M33: what stands for it is larger, and more NOPs
    # come before loops.
    "armv8-m.main": _arm("cortex_m33-dsp-avoid_muls", "cortex-m33+nodsp"),
    "armv8-m.main+dsp": _arm("cortex_m33+dsp-avoid_muls", "cortex-m33"),
    "armv8-m.main+dsp+fp": _arm(
        "cortex_m33+dsp+fp_armv8d16sp-avoid_muls", "cortex-m33", "fpv5-sp-d16"
    ),
    "armv8.1-m.main+mve": _arm("cortex_m55+dsp+mve_fp+fp_armv8d16+fullfp16", "cortex-m55", "auto"),
    "rv32imc": _riscv("mc", "ilp32"),
    "rv32imac": _riscv("mac", "ilp32"),
    "rv32imafc": _riscv("mafc", "ilp32f"),
}
