"""How much stack to reserve for a depth."""

from __future__ import annotations

from fitgraph.matcher.placement import ALIGNMENT_BYTES, round_up
from fitgraph.registry.isa import ISA_CLASSES

# A Cortex-M core pushes this on any exception, after aligning to 8 (Armv7-M ARM, B1.5.6 and
# B1.5.7): eight words, and 18 more where a floating-point context is live.
_ARM_FRAME_BYTES = 32
_ARM_FPU_FRAME_BYTES = 104
_ARM_FRAME_ALIGNMENT_BYTES = 8

# A RISC-V core pushes nothing: its trap handler saves what the psABI leaves to the caller. 16
# integer registers, mepc and mstatus, rounded to the psABI's 16; with F 20 more and fcsr.
_RISCV_FRAME_BYTES = 80
_RISCV_FPU_FRAME_BYTES = 160


def exception_frame_bytes(isa_class: str) -> int:
    """Stack that one exception takes of the code that it interrupts."""
    has_fpu = ISA_CLASSES[isa_class].has_fpu
    if isa_class.startswith("rv32"):
        return _RISCV_FPU_FRAME_BYTES if has_fpu else _RISCV_FRAME_BYTES
    return _ARM_FPU_FRAME_BYTES if has_fpu else _ARM_FRAME_BYTES


def stack_need_bytes(thread_bytes: int, isa_class: str, handler_bytes: int = 0) -> int:
    """The deepest chain of calls, and one exception with its handler; a multiple of 16."""
    depth_bytes = round_up(thread_bytes, _ARM_FRAME_ALIGNMENT_BYTES) + handler_bytes
    return round_up(depth_bytes + exception_frame_bytes(isa_class), ALIGNMENT_BYTES)
