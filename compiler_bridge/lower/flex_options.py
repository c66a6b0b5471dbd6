"""Options of TFLite custom operators: a FlexBuffers map of numbers and truths.

Source: https://flatbuffers.dev/flatbuffers_internals (FlexBuffers). The bytes are untrusted.
"""

from __future__ import annotations

import struct

_MAP, _INT, _UINT, _FLOAT, _BOOL = 9, 1, 2, 3, 26
_REALS = {4: "<f", 8: "<d"}
_LONGEST_NAME = 64
_MOST_OPTIONS = 64


def flex_options(content: bytes) -> dict[str, int | float]:
    """Numbers and truths by name; nothing if there are no options.

    Raises:
        ValueError: the bytes are no such map.
    """
    if not content:
        return {}
    root_width, kind = content[-1], content[-2:-1]
    if root_width not in (1, 2, 4, 8) or not kind or kind[0] >> 2 != _MAP:
        raise ValueError("its options are no map")
    width = 1 << (kind[0] & 3)
    values = _target(content, len(content) - 2 - root_width, root_width)
    n = _unsigned(content, values - width, width)
    if n > _MOST_OPTIONS:
        raise ValueError(f"it has {n} options")
    key_width = _unsigned(content, values - 2 * width, width)
    keys = _target(content, values - 3 * width, width)
    return {
        _name(content, _target(content, keys + i * key_width, key_width)): _value(
            content, values, width, n, i
        )
        for i in range(n)
    }


def _value(content: bytes, values: int, width: int, n: int, i: int) -> int | float:
    kind = _unsigned(content, values + n * width + i, 1) >> 2
    if kind == _FLOAT and width in _REALS:
        (real,) = struct.unpack(_REALS[width], _slice(content, values + i * width, width))
        return float(real)
    if kind not in (_INT, _UINT, _BOOL):
        raise ValueError(f"option {i} is of kind {kind}")
    raw = _slice(content, values + i * width, width)
    return int.from_bytes(raw, "little", signed=kind == _INT)


def _name(content: bytes, at: int) -> str:
    end = content.find(b"\0", at, at + _LONGEST_NAME)
    if end < 0:
        raise ValueError("an option's name has no end")
    return content[at:end].decode("utf-8")


def _target(content: bytes, at: int, width: int) -> int:
    """Where an offset, which points backwards, leads to."""
    return at - _unsigned(content, at, width)


def _unsigned(content: bytes, at: int, width: int) -> int:
    return int.from_bytes(_slice(content, at, width), "little")


def _slice(content: bytes, at: int, width: int) -> bytes:
    if at < 0 or width not in (1, 2, 4, 8) or at + width > len(content):
        raise ValueError("its options point beyond their end")
    return content[at : at + width]
