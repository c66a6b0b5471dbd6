"""Thumb instructions that move the stack pointer or leave the straight line.

Encodings: Armv7-M Architecture Reference Manual (DDI 0403E), A5.2 and A5.3, and for Armv8.1-M
DDI 0553, C2. Every other instruction that could name the stack pointer as its destination is
unpredictable there, so that no compiler gives it.
"""

from __future__ import annotations

from fitgraph.compiler_bridge.static_stack.effects import Effect, Flow

_SP, _LR, _PC = 13, 14, 15
_WORD_BYTES = 4
# No frame is that large: an addend that is may be a negative one.
_LARGEST_ADDEND = 1 << 20


def thumb_effect(code: bytes, offset: int, address: int) -> Effect:
    """The instruction at an offset of some code.

    Args:
        address: of the instruction.
    """
    first = _half(code, offset)
    if first < 0xE800:
        return _narrow(first, address)
    return _wide(first, _half(code, offset + 2), address)


def _narrow(half: int, address: int) -> Effect:
    """16 bits: A5.2."""
    if half & 0xFF80 == 0xB080:  # SUB SP, #imm7
        return Effect(2, pushed_bytes=(half & 0x7F) * _WORD_BYTES)
    if half & 0xFE00 == 0xB400:  # PUSH
        return Effect(2, pushed_bytes=(half & 0x1FF).bit_count() * _WORD_BYTES)
    if half & 0xFF00 == 0xBD00:  # POP with the program counter
        return Effect(2, flow=Flow.END)
    if half & 0xFC00 == 0x4400:
        return _high_registers(half)
    return _narrow_branch(half, address)


def _narrow_branch(half: int, address: int) -> Effect:
    if half & 0xF800 == 0xE000:  # B
        return Effect(2, flow=Flow.JUMP, target=address + 4 + _signed(half & 0x7FF, 11) * 2)
    if half & 0xF000 == 0xD000:
        return _conditional_branch(half, address)
    if half & 0xF500 == 0xB100:  # CBZ, CBNZ
        distance = ((half >> 9) & 1) << 6 | ((half >> 3) & 0x1F) << 1
        return Effect(2, target=address + 4 + distance)
    return Effect(2)


def _conditional_branch(half: int, address: int) -> Effect:
    condition = (half >> 8) & 0xF
    if condition == 0xE:  # UDF traps
        return Effect(2, flow=Flow.END)
    if condition == 0xF:  # SVC
        return Effect(2, is_opaque=True)
    return Effect(2, target=address + 4 + _signed(half & 0xFF, 8) * 2)


def _high_registers(half: int) -> Effect:
    """ADD, CMP, MOV with any register; BX, BLX: A5.2.3."""
    operation, register = (half >> 8) & 3, (half >> 3) & 0xF
    if operation == 3:
        if half & 0x80:
            return Effect(2, flow=Flow.CALL_ELSEWHERE)
        return Effect(2, flow=Flow.END if register == _LR else Flow.ELSEWHERE)
    destination = (half & 7) | ((half >> 4) & 8)
    if operation == 1 or destination not in {_SP, _PC}:
        return Effect(2)
    if destination == _SP:
        return Effect(2, is_opaque=True)
    return Effect(2, flow=Flow.END if register == _LR else Flow.TABLE)


def _wide(first: int, second: int, address: int) -> Effect:
    """32 bits: A5.3."""
    if first & 0xFE00 == 0xE800:
        is_dual = first & 0x40
        return _load_store_dual(first, second) if is_dual else _load_store_multiple(first, second)
    if first & 0xEC00 == 0xEC00:
        return _coprocessor(first, second)
    if first & 0xF800 == 0xF000:
        is_branch = second & 0x8000
        return _branch(first, second, address) if is_branch else _immediate(first, second)
    if first & 0xFE00 == 0xF800:
        return _load_store_single(first, second)
    return _register_result(second)


def _load_store_multiple(first: int, second: int) -> Effect:
    """LDM, STM, PUSH, POP."""
    is_load, writes_back, base = first & 0x10, first & 0x20, first & 0xF
    flow = Flow.END if is_load and second & 0x8000 else Flow.NEXT
    if base != _SP or not writes_back:
        return Effect(4, flow=flow)
    goes_down = first & 0x180 == 0x100
    if is_load:
        return Effect(4, flow=flow, is_opaque=bool(goes_down))
    pushed_bytes = second.bit_count() * _WORD_BYTES
    return Effect(4, pushed_bytes=pushed_bytes) if goes_down else Effect(4)


def _load_store_dual(first: int, second: int) -> Effect:
    """LDRD, STRD, TBB, TBH; exclusive accesses write no base back."""
    if first & 0xFFF0 == 0xE8D0 and second & 0xFFE0 == 0xF000:
        return Effect(4, flow=Flow.TABLE)
    is_dual = first & 0x120 != 0
    if is_dual and first & 0x20 and first & 0xF == _SP and not first & 0x80:
        return Effect(4, pushed_bytes=(second & 0xFF) * _WORD_BYTES)
    return Effect(4)


def _coprocessor(first: int, second: int) -> Effect:
    """Floating point and vectors; VPUSH and what else stores below a base that it lowers."""
    is_access = first & 0xFE00 == 0xEC00
    lowers_stack_pointer = first & 0xA0 == 0x20 and first & 0xF == _SP
    if not (is_access and lowers_stack_pointer):
        return Effect(4)
    if first & 0x110 == 0x100 and second & 0x0E00 == 0x0A00:  # VPUSH
        return Effect(4, pushed_bytes=(second & 0xFF) * _WORD_BYTES)
    return Effect(4, is_opaque=True)


def _branch(first: int, second: int, address: int) -> Effect:
    """Branches and miscellaneous control: A5.3.4."""
    if second & 0x5000 == 0x5000:
        return Effect(4, flow=Flow.CALL, target=address + 4 + _long_distance(first, second))
    if second & 0x5000 == 0x1000:
        return Effect(4, flow=Flow.JUMP, target=address + 4 + _long_distance(first, second))
    if second & 0x5000 == 0x4000:  # Armv8.1-M loops, which stay in their function
        return Effect(4)
    if first & 0x0380 != 0x0380:
        return Effect(4, target=address + 4 + _conditional_distance(first, second))
    if first & 0xFFF0 == 0xF7F0 and second & 0xF000 == 0xA000:  # UDF traps
        return Effect(4, flow=Flow.END)
    # MSR to MSP, PSP and their limits and banked copies.
    writes_stack_pointer = first & 0xFFE0 == 0xF380 and second & 0x78 == 0x08
    return Effect(4, is_opaque=bool(writes_stack_pointer))


def _long_distance(first: int, second: int) -> int:
    sign = (first >> 10) & 1
    high, low = (~((second >> 13) ^ sign)) & 1, (~((second >> 11) ^ sign)) & 1
    value = sign << 23 | high << 22 | low << 21 | (first & 0x3FF) << 11 | second & 0x7FF
    return _signed(value, 24) * 2


def _conditional_distance(first: int, second: int) -> int:
    sign, low, high = (first >> 10) & 1, (second >> 13) & 1, (second >> 11) & 1
    value = sign << 19 | high << 18 | low << 17 | (first & 0x3F) << 11 | second & 0x7FF
    return _signed(value, 20) * 2


def _immediate(first: int, second: int) -> Effect:
    """Data processing with a constant: A5.3.1 and A5.3.3."""
    if (second >> 8) & 0xF != _SP:
        return Effect(4)
    field = (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF
    is_plain = first & 0x200
    amount = field if is_plain else _expanded(field)
    operation, base = (first >> 5) & 0xF, first & 0xF
    adds = operation == (0x0 if is_plain else 0x8)
    subtracts = operation == (0x5 if is_plain else 0xD)
    if base != _SP or not (adds or subtracts) or amount >= _LARGEST_ADDEND:
        return Effect(4, is_opaque=True)
    return Effect(4, pushed_bytes=amount if subtracts else 0)


def _expanded(field: int) -> int:
    """ThumbExpandImm: A5.3.2."""
    low = field & 0xFF
    if field >> 10 == 0:
        return low * (0x1, 0x10001, 0x100_0100, 0x101_0101)[field >> 8 & 3]
    rotation, value = field >> 7, 0x80 | field & 0x7F
    return (value >> rotation | value << (32 - rotation)) & 0xFFFF_FFFF


def _load_store_single(first: int, second: int) -> Effect:
    """LDR and STR with write-back, and loads of the program counter: A5.3.7 to A5.3.10."""
    is_load, base, target = first & 0x10, first & 0xF, second >> 12
    flow = Flow.NEXT
    is_word = first & 0x60 == 0x40
    if is_load and is_word and target == _PC:
        is_return = base == _SP
        flow = Flow.END if is_return else Flow.TABLE
    if is_load and is_word and target == _SP:
        return Effect(4, is_opaque=True)
    has_write_back = not first & 0x80 and second & 0x900 == 0x900 and base == _SP
    if has_write_back and not second & 0x200:
        return Effect(4, flow=flow, pushed_bytes=second & 0xFF)
    return Effect(4, flow=flow)


def _register_result(second: int) -> Effect:
    """Data processing with registers: A5.3.11 to A5.3.17, and the shifted ones of A5.3.11."""
    return Effect(4, is_opaque=(second >> 8) & 0xF == _SP)


def _half(code: bytes, offset: int) -> int:
    return int.from_bytes(code[offset : offset + 2], "little")


def _signed(value: int, n_bits: int) -> int:
    return value - (1 << n_bits) if value >> (n_bits - 1) else value
