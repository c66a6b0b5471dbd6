"""The deepest that a firmware's stack can get: the frames of its functions along its calls.

What a function takes is the sum of all it pushes, on whatever path, or what the compiler says if
that is more. Whoever calls, does it with all of that on the stack. So the bound is never too small,
and exact where functions push once, at their start, as compilers have them do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fitgraph.compiler_bridge.static_stack.code import Code, CodeFunction, read_code
from fitgraph.compiler_bridge.static_stack.effects import Effect, Flow
from fitgraph.compiler_bridge.static_stack.riscv import riscv_effect
from fitgraph.compiler_bridge.static_stack.thumb import thumb_effect

Decode = Callable[[bytes, int, int], Effect]

# Where the stack begins: RISC-V's reset handler only sets the stack pointer before it jumps there.
_ARM_ROOT, _RISCV_ROOT = "Reset_Handler", "fitgraph_start"
# What may interrupt the code from outside.
_ARM_HANDLER_SUFFIX, _RISCV_HANDLER = "_Handler", "fitgraph_trap"


@dataclass(frozen=True, slots=True)
class StackBound:
    """How deep the stack can get.

    Attributes:
        thread_bytes: below its start, by the deepest chain of calls from reset.
        handler_bytes: by the deepest of an exception's handler, without what the core pushes.
        path: the deepest chain, function by function with its frame in bytes.
    """

    thread_bytes: int
    handler_bytes: int
    path: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class UnknownStack:
    """Why nothing can be said of the stack: one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """What one function takes, and where it may go."""

    name: str
    n_bytes: int
    callees: tuple[int, ...]


class _UnknownError(Exception):
    """The depth cannot be told; why is the message."""


def stack_bound(elf: bytes, isa_class: str) -> StackBound | UnknownStack:
    """The bound of a linked firmware, with the functions of run-time libraries.

    Raises:
        ToolchainError: it is not an ELF file with code and symbols.
    """
    code = read_code(elf)
    is_riscv = isa_class.startswith("rv32")
    root = _RISCV_ROOT if is_riscv else _ARM_ROOT
    walk = _Walk(code, riscv_effect if is_riscv else thumb_effect)
    try:
        thread_bytes = walk.depth(_address(code, root))
        handlers = [walk.depth(address) for address in _handlers(code, is_riscv=is_riscv)]
        path = tuple(walk.path(_address(code, root)))
    except _UnknownError as error:
        return UnknownStack(str(error))
    return StackBound(thread_bytes, max(handlers, default=0), path)


def frames(elf: bytes, isa_class: str) -> Mapping[str, int | str]:
    """Bytes that each function takes of the stack for itself, or why that cannot be told."""
    code = read_code(elf)
    decode = riscv_effect if isa_class.startswith("rv32") else thumb_effect
    found: dict[str, int | str] = {}
    for function in code.functions.values():
        try:
            found[function.name] = _frame(function, code, decode).n_bytes
        except _UnknownError as error:
            found[function.name] = str(error)
    return found


@dataclass(slots=True)
class _Walk:
    """Depths of functions, each told once."""

    code: Code
    decode: Decode
    known: dict[int, int] = field(default_factory=dict)
    frames: dict[int, _Frame] = field(default_factory=dict)
    above: list[int] = field(default_factory=list)

    def depth(self, address: int) -> int:
        """Bytes from a function's entry to the deepest of what it calls."""
        if address in self.known:
            return self.known[address]
        if address in self.above:
            names = [self.code.functions[one].name for one in (*self.above, address)]
            raise _UnknownError(f"{' calls '.join(names[names.index(names[-1]) :])}: no end")
        frame = self.frames[address] = _frame(self.code.functions[address], self.code, self.decode)
        self.above.append(address)
        deepest = max((self.depth(callee) for callee in frame.callees), default=0)
        self.above.pop()
        self.known[address] = frame.n_bytes + deepest
        return self.known[address]

    def path(self, address: int) -> Iterator[tuple[str, int]]:
        """The deepest chain of calls from a function whose depth is known."""
        frame = self.frames[address]
        yield frame.name, frame.n_bytes
        if frame.callees:
            yield from self.path(max(frame.callees, key=lambda one: (self.known[one], -one)))


def _frame(function: CodeFunction, code: Code, decode: Decode) -> _Frame:
    pushed_bytes, callees = 0, set()
    last = Effect(0)
    for address, effect in _effects(function, decode):
        if effect.is_opaque and function.reported_frame_bytes is None:
            raise _UnknownError(
                f"{function.name} sets the stack pointer at 0x{address:08x} to what is not known"
            )
        pushed_bytes += effect.pushed_bytes
        callees |= _callees(function, code, address, effect)
        last = effect
    if last.flow is Flow.NEXT and _ends_with_code(function):  # runs on into what lies behind it
        callees.add(_entry(code, function, function.end_address))
    n_bytes = max(pushed_bytes, function.reported_frame_bytes or 0)
    return _Frame(function.name, n_bytes, tuple(sorted(callees)))


def _effects(function: CodeFunction, decode: Decode) -> Iterator[tuple[int, Effect]]:
    for start, content in function.runs:
        offset = 0
        while offset < len(content):
            effect = decode(content, offset, start + offset)
            yield start + offset, effect
            offset += effect.n_bytes


def _callees(function: CodeFunction, code: Code, address: int, effect: Effect) -> set[int]:
    """Functions that an instruction may enter."""
    is_table = effect.flow is Flow.TABLE and _lies_before_data(function, address + effect.n_bytes)
    if effect.flow in {Flow.ELSEWHERE, Flow.CALL_ELSEWHERE, Flow.TABLE} and not is_table:
        raise _UnknownError(
            f"{function.name} goes at 0x{address:08x} to an address that is not in the code"
        )
    if effect.target is None:
        return set()
    inside = function.address <= effect.target < function.end_address
    if inside and (effect.flow is not Flow.CALL or effect.target != function.address):
        return set()
    return {_entry(code, function, effect.target)}


def _entry(code: Code, function: CodeFunction, target: int) -> int:
    found = code.at(target)
    if found is None:
        raise _UnknownError(f"{function.name} goes to 0x{target:08x}, which is in no function")
    return found.address


def _ends_with_code(function: CodeFunction) -> bool:
    """Whether there is no data behind the last instruction, such as a pool of constants."""
    return any(start + len(content) == function.end_address for start, content in function.runs)


def _lies_before_data(function: CodeFunction, address: int) -> bool:
    """Whether a stretch of code ends here, and the function does not."""
    ends = {start + len(content) for start, content in function.runs}
    return address in ends and address < function.end_address


def _address(code: Code, name: str) -> int:
    if name not in code.addresses:
        raise _UnknownError(f"the firmware has no {name}")
    return code.addresses[name]


def _handlers(code: Code, *, is_riscv: bool) -> Iterator[int]:
    if is_riscv:
        yield _address(code, _RISCV_HANDLER)
        return
    for name, address in code.addresses.items():
        if name.endswith(_ARM_HANDLER_SUFFIX) and name != _ARM_ROOT:
            yield address
