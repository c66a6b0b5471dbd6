"""What one instruction means for the depth of the stack and for who calls whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Flow(Enum):
    """Where execution goes after an instruction.

    NEXT: to the one behind it, or to a target if a condition holds.
    CALL: to a target, and back.
    JUMP: to a target, and not back.
    END: back to the caller.
    TABLE: to one of the places in a table that lies behind the instruction.
    ELSEWHERE: to an address that only the running core knows, and not back.
    CALL_ELSEWHERE: likewise, and back.
    """

    NEXT = auto()
    CALL = auto()
    JUMP = auto()
    END = auto()
    TABLE = auto()
    ELSEWHERE = auto()
    CALL_ELSEWHERE = auto()


@dataclass(frozen=True, slots=True)
class Effect:
    """One instruction.

    Attributes:
        n_bytes: its length.
        pushed_bytes: by how much it lowers the stack pointer; 0 where it raises it.
        is_opaque: whether it sets the stack pointer to what only the running core knows.
        target: address that it may go to, if that stands in the code.
    """

    n_bytes: int
    pushed_bytes: int = 0
    is_opaque: bool = False
    flow: Flow = Flow.NEXT
    target: int | None = None
