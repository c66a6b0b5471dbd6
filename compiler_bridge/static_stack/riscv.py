"""RV32 instructions that move the stack pointer or leave the straight line.

Encodings: The RISC-V Instruction Set Manual, Volume I (20191213), 2.2 to 2.5 and 16.2 to 16.8.
"""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.static_stack.effects import Effect, Flow

_ZERO, _RA, _SP = 0, 1, 2

# Major opcodes, bits 6 to 0.
_JALR, _JAL, _BRANCH, _AUIPC, _IMMEDIATE = 0x67, 0x6F, 0x63, 0x17, 0x13
# Stores, floating point, fences and others, whose bits 11 to 7 are no integer register. Of the
# floating-point operations some write one, but never the stack pointer.
_WITHOUT_RESULT = frozenset({0x23, 0x27, 0x63, 0x07, 0x43, 0x47, 0x4B, 0x4F, 0x53, 0x0F})


def riscv_effect(code: bytes, offset: int, address: int) -> Effect:
    """The instruction at an offset of some code; a far jump's two instructions as one.

    Args:
        address: of the instruction.
    """
    half = int.from_bytes(code[offset : offset + 2], "little")
    if half & 3 != 3:
        return _compressed(half, address)
    word = int.from_bytes(code[offset : offset + 4], "little")
    following = int.from_bytes(code[offset + 4 : offset + 8], "little")
    return _far_jump(word, following, address) or _full(word, address)


def _far_jump(word: int, following: int, address: int) -> Effect | None:
    """``auipc`` and the ``jalr`` by its result."""
    if word & 0x7F != _AUIPC or following & 0x7F != _JALR:
        return None
    register = _destination(word)
    if register == _ZERO or following >> 15 & 0x1F != register:
        return None
    target = address + _signed(word >> 12, 20) * 4096 + _signed(following >> 20, 12)
    return replace(_to(target & 0xFFFF_FFFF, _destination(following)), n_bytes=8)


def _full(word: int, address: int) -> Effect:
    opcode, destination = word & 0x7F, _destination(word)
    if opcode == _JAL:
        return _to(address + _jal_distance(word), destination)
    if opcode == _JALR:
        return _by_register(4, destination, word >> 15 & 0x1F)
    if opcode == _BRANCH:
        return Effect(4, target=address + _branch_distance(word))
    if opcode in _WITHOUT_RESULT or destination != _SP:
        return Effect(4)
    is_addi = opcode == _IMMEDIATE and word >> 12 & 7 == 0 and word >> 15 & 0x1F == _SP
    return _moved(4, _signed(word >> 20, 12)) if is_addi else Effect(4, is_opaque=True)


def _compressed(half: int, address: int) -> Effect:
    """16 bits: 16.8, tables 16.5 to 16.7."""
    quadrant, function, destination = half & 3, half >> 13, half >> 7 & 0x1F
    if quadrant == 1:
        return _first_quadrant(half, function, destination, address)
    if quadrant == 0:
        return Effect(2)
    if function == 4:
        return _moves_and_jumps(half, destination)
    # C.SLLI and C.LWSP write a register, the others are stores or floating point.
    return Effect(2, is_opaque=function in {0, 2} and destination == _SP)


def _first_quadrant(half: int, function: int, destination: int, address: int) -> Effect:
    if function in {1, 5}:  # C.JAL, C.J
        target = address + _compressed_jump(half)
        return replace(_to(target, _RA if function == 1 else _ZERO), n_bytes=2)
    if function >= 6:  # C.BEQZ, C.BNEZ
        return Effect(2, target=address + _compressed_branch(half))
    if destination != _SP or function == 4:
        return Effect(2)
    if function == 0:  # C.ADDI
        return _moved(2, _signed(half >> 12 & 1, 1) * 32 + (half >> 2 & 0x1F))
    return _moved(2, _stack_addend(half)) if function == 3 else Effect(2, is_opaque=True)


def _moves_and_jumps(half: int, register: int) -> Effect:
    """C.JR, C.MV, C.EBREAK, C.JALR, C.ADD."""
    links, second = half >> 12 & 1, half >> 2 & 0x1F
    if second == 0 and register:
        return _by_register(2, _RA if links else _ZERO, register)
    return Effect(2, is_opaque=second != 0 and register == _SP)


def _to(target: int, link: int) -> Effect:
    """A jump to a known place; with another link than ``ra`` it is a helper with its own rules."""
    if link not in {_ZERO, _RA}:
        return Effect(4, flow=Flow.CALL_ELSEWHERE)
    return Effect(4, flow=Flow.CALL if link else Flow.JUMP, target=target)


def _by_register(n_bytes: int, link: int, register: int) -> Effect:
    if link:
        return Effect(n_bytes, flow=Flow.CALL_ELSEWHERE)
    return Effect(n_bytes, flow=Flow.END if register == _RA else Flow.ELSEWHERE)


def _moved(n_bytes: int, addend: int) -> Effect:
    return Effect(n_bytes, pushed_bytes=max(0, -addend))


def _destination(word: int) -> int:
    return word >> 7 & 0x1F


def _jal_distance(word: int) -> int:
    value = (word >> 31) << 19 | (word >> 12 & 0xFF) << 11 | (word >> 20 & 1) << 10
    return _signed(value | word >> 21 & 0x3FF, 20) * 2


def _branch_distance(word: int) -> int:
    value = (word >> 31) << 11 | (word >> 7 & 1) << 10 | (word >> 25 & 0x3F) << 4
    return _signed(value | word >> 8 & 0xF, 12) * 2


def _compressed_jump(half: int) -> int:
    """Offset bits 11, 4, 9:8, 10, 6, 7, 3:1, 5 from bit 12 downwards."""
    value = (half >> 12 & 1) << 10 | (half >> 8 & 1) << 9 | (half >> 9 & 3) << 7
    value |= (half >> 6 & 1) << 6 | (half >> 7 & 1) << 5 | (half >> 2 & 1) << 4
    return _signed(value | (half >> 11 & 1) << 3 | half >> 3 & 7, 11) * 2


def _compressed_branch(half: int) -> int:
    """Offset bits 8, 4:3 from bit 12 and 7:6, 2:1, 5 from bit 6 downwards."""
    value = (half >> 12 & 1) << 7 | (half >> 5 & 3) << 5 | (half >> 2 & 1) << 4
    return _signed(value | (half >> 10 & 3) << 2 | half >> 3 & 3, 8) * 2


def _stack_addend(half: int) -> int:
    """C.ADDI16SP: bits 9 from bit 12 and 4, 6, 8:7, 5 from bit 6 downwards."""
    value = (half >> 12 & 1) << 5 | (half >> 3 & 3) << 3 | (half >> 5 & 1) << 2
    return _signed(value | (half >> 2 & 1) << 1 | half >> 6 & 1, 6) * 16


def _signed(value: int, n_bits: int) -> int:
    return value - (1 << n_bits) if value >> (n_bits - 1) else value
