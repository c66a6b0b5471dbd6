"""Numbers of a devicetree: digits, Zephyr's macros for sizes and frequencies, and sums of them.

Source: Devicetree Specification 0.4, section 6.3 (the operators are those of C).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

#: Deeper expressions, or larger numbers, are no addresses.
MAX_DEPTH: Final = 16
_MAX_BITS: Final = 64

_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})[uUlL]*")
_FACTORS: Final = {
    "DT_SIZE_K": 1 << 10, "DT_SIZE_M": 1 << 20, "DT_FREQ_K": 1000, "DT_FREQ_M": 1_000_000,
}  # fmt: skip
_Operation = Callable[[int, int], int]
#: From what binds least to what binds most.
_OPERATIONS: Final[Sequence[Mapping[str, _Operation]]] = (
    {"|": operator.or_},
    {"&": operator.and_},
    {"<<": operator.lshift, ">>": operator.rshift},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.floordiv},
)


def evaluated(words: Sequence[str], depth: int = 0) -> int | None:
    """The value of an expression; None where it has what is not known here, such as a macro."""
    if depth > MAX_DEPTH or not words:
        return None
    for operations in _OPERATIONS:
        at = _last_outside(words, operations)
        if at > 0:
            left, right = evaluated(words[:at], depth + 1), evaluated(words[at + 1 :], depth + 1)
            return _applied(operations[words[at]], left, right)
    return _single(words, depth)


def _single(words: Sequence[str], depth: int) -> int | None:
    """A number, a group, or a macro with its argument."""
    if len(words) == 1:
        match = _NUMBER.fullmatch(words[0])
        return int(match[1], 16 if match[1][:2].lower() == "0x" else 10) if match else None
    if words[0] == "(" and words[-1] == ")":
        return evaluated(words[1:-1], depth + 1)
    if words[0] in _FACTORS and words[1] == "(" and words[-1] == ")":
        return _applied(operator.mul, evaluated(words[2:-1], depth + 1), _FACTORS[words[0]])
    return None


def _last_outside(words: Sequence[str], operations: Mapping[str, _Operation]) -> int:
    """Where the last of these operators stands outside parentheses; -1 where none does."""
    depth = 0
    for at in range(len(words) - 1, -1, -1):
        depth += (words[at] == ")") - (words[at] == "(")
        if depth == 0 and words[at] in operations:
            return at
    return -1


def _applied(operation: _Operation, left: int | None, right: int | None) -> int | None:
    if left is None or right is None or (operation is operator.floordiv and right == 0):
        return None
    if operation in {operator.lshift, operator.rshift} and right >= _MAX_BITS:
        return None
    value = operation(left, right)
    return value if 0 <= value < 1 << _MAX_BITS else None
