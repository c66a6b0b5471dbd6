"""The cores that unicorn emulates, and how each is started and watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unicorn import arm_const as arm
from unicorn import riscv_const as riscv
from unicorn import unicorn_const as uc
from unicorn.unicorn_py3 import Uc

from fitgraph.registry.isa import ISA_CLASSES

# Full access to coprocessors 10 and 11 (Armv7-M ARM, B3.2.20) and FPEXC.EN. The firmware sets
# the former itself, but the register that it writes to is plain memory in unicorn.
_CPACR_FPU = 0xF << 20
_FPEXC_ENABLE = 1 << 30


@dataclass(frozen=True, slots=True)
class Core:
    """One kind of core.

    Attributes:
        cpu_model: unicorn's number of it, or None for its default.
        pc: register numbers of unicorn.
        entry_bit: what a jump's target has set besides the address: Thumb's bit 0.
        instruction_bytes: length of an instruction from its first 16 bits.
    """

    architecture: int
    mode: int
    cpu_model: int | None
    pc: int
    sp: int
    return_address: int
    entry_bit: int
    instruction_bytes: Callable[[int], int]
    has_fpu: bool = False

    @property
    def is_arm(self) -> bool:
        return self.architecture == uc.UC_ARCH_ARM

    def create(self) -> Uc:
        """A core out of reset, without memory."""
        machine = Uc(self.architecture, self.mode)
        if self.cpu_model is not None:
            machine.ctl_set_cpu_model(self.cpu_model)
        if self.is_arm and self.has_fpu:
            machine.reg_write(arm.UC_ARM_REG_C1_C0_2, _CPACR_FPU)
            machine.reg_write(arm.UC_ARM_REG_FPEXC, _FPEXC_ENABLE)
        return machine


def thumb_instruction_bytes(first_half: int) -> int:
    """4 where bits 15 to 11 are 0b11101, 0b11110 or 0b11111 (Armv7-M ARM, A5.1), else 2."""
    return 4 if first_half >= 0xE800 else 2


def riscv_instruction_bytes(first_half: int) -> int:
    """4 where bits 1 to 0 are 0b11 (RISC-V unprivileged manual, 1.5), else 2."""
    return 4 if first_half & 0b11 == 0b11 else 2


def _arm_core(cpu_model: int, *, has_fpu: bool) -> Core:
    return Core(
        architecture=uc.UC_ARCH_ARM,
        mode=uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS,
        cpu_model=cpu_model,
        pc=arm.UC_ARM_REG_PC,
        sp=arm.UC_ARM_REG_SP,
        return_address=arm.UC_ARM_REG_LR,
        entry_bit=1,
        instruction_bytes=thumb_instruction_bytes,
        has_fpu=has_fpu,
    )


_RISCV_CORE = Core(
    architecture=uc.UC_ARCH_RISCV,
    mode=uc.UC_MODE_RISCV32,
    cpu_model=None,
    pc=riscv.UC_RISCV_REG_PC,
    sp=riscv.UC_RISCV_REG_SP,
    return_address=riscv.UC_RISCV_REG_RA,
    entry_bit=0,
    instruction_bytes=riscv_instruction_bytes,
)

# The core that runs a class; it may know more instructions than the class has (unicorn has no
# Cortex-M23, whose instructions are a subset of the Cortex-M33's, and none with Helium).
_ARM_MODELS: Mapping[str, int] = {
    "armv6-m": arm.UC_CPU_ARM_CORTEX_M0,
    "armv7-m": arm.UC_CPU_ARM_CORTEX_M3,
    "armv7e-m": arm.UC_CPU_ARM_CORTEX_M4,
    "armv7e-m+fp": arm.UC_CPU_ARM_CORTEX_M4,
    "armv7e-m+fpv5": arm.UC_CPU_ARM_CORTEX_M7,
    "armv7e-m+fp.dp": arm.UC_CPU_ARM_CORTEX_M7,
    "armv8-m.base": arm.UC_CPU_ARM_CORTEX_M33,
    "armv8-m.main": arm.UC_CPU_ARM_CORTEX_M33,
    "armv8-m.main+dsp": arm.UC_CPU_ARM_CORTEX_M33,
    "armv8-m.main+dsp+fp": arm.UC_CPU_ARM_CORTEX_M33,
}

CORES: Mapping[str, Core] = {
    **{
        name: _arm_core(model, has_fpu=ISA_CLASSES[name].has_fpu)
        for name, model in _ARM_MODELS.items()
    },
    "rv32imc": _RISCV_CORE,
    "rv32imac": _RISCV_CORE,
    "rv32imafc": _RISCV_CORE,
}
