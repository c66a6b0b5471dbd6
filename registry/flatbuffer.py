"""Bounds-checked access to a flatbuffer. Every offset is looked at before it is followed.

The ``flatbuffers`` package trusts the bytes that it is given; a file from a stranger must not be
trusted. This module reads only what a caller asks for, so a corrupt part that nobody asks for
does no harm.

Source: FlatBuffers internals, https://flatbuffers.dev/internals/ (tables, vtables, vectors).
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from fitgraph.registry.errors import InvalidModelError

_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_I32 = struct.Struct("<i")
_F32 = struct.Struct("<f")
_INTEGERS = {code: struct.Struct(f"<{code}") for code in "bBhHiIqQ"}

# A file without sharing is read at most once; writers share equal strings and vectors, rarely
# more than this. What an adversary aliases beyond it is refused before it costs time or memory.
_READS_PER_BYTE = 4
_FREE_BYTES = 64 * 1024
_HINT = "The file is damaged or not what its identifier says; get it again from its source."


class FlatBuffer:
    """The bytes of a flatbuffer and how much of them may still be visited."""

    __slots__ = ("_budget", "data", "size")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self._budget = _READS_PER_BYTE * self.size + _FREE_BYTES

    def root(self) -> Table:
        """The table that the first four bytes point to."""
        return Table(self, self.follow(0))

    def error(self, problem: str) -> InvalidModelError:
        return InvalidModelError(problem, hint=_HINT)

    def need(self, position: int, n_bytes: int) -> None:
        """Refuse a range that is not inside the file."""
        if position < 0 or n_bytes < 0 or position + n_bytes > self.size:
            raise self.error(
                f"a part is said to lie at bytes {position} to {position + n_bytes}, "
                f"but the file has {self.size}"
            )

    def spend(self, n_bytes: int) -> None:
        """Count visited bytes; refuse a file whose parts alias each other too often."""
        self._budget -= n_bytes
        if self._budget < 0:
            raise self.error(
                f"its parts overlap so often that reading it visits more than "
                f"{_READS_PER_BYTE} times its {self.size} bytes"
            )

    def u16(self, position: int) -> int:
        self.need(position, 2)
        return int(_U16.unpack_from(self.data, position)[0])

    def u32(self, position: int) -> int:
        self.need(position, 4)
        return int(_U32.unpack_from(self.data, position)[0])

    def i32(self, position: int) -> int:
        self.need(position, 4)
        return int(_I32.unpack_from(self.data, position)[0])

    def follow(self, position: int) -> int:
        """Where the unsigned offset at ``position`` points to."""
        offset = self.u32(position)
        if offset == 0:
            raise self.error(f"the offset at byte {position} is zero")
        target = position + offset
        self.need(target, 4)
        return target


class Table:
    """One table; fields are asked for by their id in the schema."""

    __slots__ = ("_buffer", "_n_bytes", "_position", "_vtable", "_vtable_bytes")

    def __init__(self, buffer: FlatBuffer, position: int) -> None:
        vtable = position - buffer.i32(position)
        vtable_bytes = buffer.u16(vtable)
        n_bytes = buffer.u16(vtable + 2)
        if vtable_bytes < 4 or vtable_bytes % 2 or n_bytes < 4:
            raise buffer.error(f"the table at byte {position} has a malformed vtable")
        buffer.need(vtable, vtable_bytes)
        buffer.need(position, n_bytes)
        buffer.spend(n_bytes)
        self._buffer = buffer
        self._position = position
        self._vtable = vtable
        self._vtable_bytes = vtable_bytes
        self._n_bytes = n_bytes

    def _field(self, field_id: int, n_bytes: int) -> int | None:
        """Position of the field's value inside the table; None when it is left out."""
        entry = 4 + 2 * field_id
        if entry + 2 > self._vtable_bytes:
            return None
        offset = self._buffer.u16(self._vtable + entry)
        if offset == 0:
            return None
        if offset < 4 or offset + n_bytes > self._n_bytes:
            raise self._buffer.error(
                f"field {field_id} of the table at byte {self._position} lies outside of it"
            )
        return self._position + offset

    def _target(self, field_id: int) -> int | None:
        position = self._field(field_id, 4)
        return None if position is None else self._buffer.follow(position)

    def integer(self, field_id: int, code: str, default: int = 0) -> int:
        """A whole number; ``code`` is its ``struct`` character (little-endian)."""
        reader = _INTEGERS[code]
        position = self._field(field_id, reader.size)
        if position is None:
            return default
        return int(reader.unpack_from(self._buffer.data, position)[0])

    def real(self, field_id: int, default: float = 0.0) -> float:
        """A float32, held exactly."""
        position = self._field(field_id, _F32.size)
        if position is None:
            return default
        return float(_F32.unpack_from(self._buffer.data, position)[0])

    def place(self, field_id: int, n_bytes: int) -> int | None:
        """Where in the file the field's value lies; None when it is left out."""
        return self._field(field_id, n_bytes)

    def has(self, field_id: int) -> bool:
        return self._field(field_id, 1) is not None

    def table(self, field_id: int) -> Table | None:
        target = self._target(field_id)
        return None if target is None else Table(self._buffer, target)

    def tables(self, field_id: int) -> tuple[Table, ...]:
        """A vector of tables; () when it is left out."""
        span = self._vector(field_id, 4)
        if span is None:
            return ()
        start, count = span
        buffer = self._buffer
        return tuple(Table(buffer, buffer.follow(start + 4 * i)) for i in range(count))

    def string(self, field_id: int) -> str:
        """Text; empty when it is left out. Bytes that are not UTF-8 are replaced."""
        return bytes(self.raw(field_id)).decode("utf-8", errors="replace")

    def raw(self, field_id: int) -> memoryview:
        """A vector of bytes, not copied; empty when it is left out."""
        start, count = self._vector(field_id, 1) or (0, 0)
        return memoryview(self._buffer.data)[start : start + count]

    def numbers(self, field_id: int, dtype: str) -> npt.NDArray[Any]:
        """A vector of numbers of the numpy ``dtype`` (little-endian), shape (count,)."""
        element = np.dtype(dtype)
        start, count = self._vector(field_id, element.itemsize) or (0, 0)
        return np.frombuffer(self._buffer.data, element, count, start if count else 0)

    def _vector(self, field_id: int, item_bytes: int) -> tuple[int, int] | None:
        """First byte and number of elements, checked and paid for."""
        target = self._target(field_id)
        if target is None:
            return None
        count = self._buffer.u32(target)
        self._buffer.need(target + 4, count * item_bytes)
        self._buffer.spend(4 + count * item_bytes)
        return target + 4, count
