"""Bounds-checked access gives what a writer wrote, and an error for everything else."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.registry.errors import InvalidModelError
from fitgraph.registry.flatbuffer import FlatBuffer
from tests.support.tflite_writer import flatbuffer


@given(
    number=st.integers(-(2**31), 2**31 - 1),
    text=st.text(st.characters(codec="utf-8")),
    content=st.binary(),
    values=st.lists(st.integers(-(2**63), 2**63 - 1)),
)
def test_what_a_writer_wrote_is_read_back(
    number: int, text: str, content: bytes, values: list[int]
) -> None:
    data = flatbuffer(
        {
            0: np.int32(number),
            1: text,
            2: content,
            4: np.array(values, np.int64),
            5: [{0: np.float32(0.1)}, {}],
        }
    )
    root = FlatBuffer(data).root()
    assert root.integer(0, "i") == number
    assert root.string(1) == text
    assert bytes(root.raw(2)) == content
    assert root.numbers(4, "<i8").tolist() == values
    first, second = root.tables(5)
    assert first.real(0) == float(np.float32(0.1))
    assert second.real(0, 7.0) == 7.0


def test_fields_left_out_have_their_defaults() -> None:
    root = FlatBuffer(flatbuffer({1: np.int8(0)})).root()
    assert root.integer(0, "i", 5) == 5
    assert root.integer(9, "I", 6) == 6
    assert root.string(9) == ""
    assert root.tables(9) == ()
    assert root.table(9) is None
    assert root.numbers(9, "<f4").shape == (0,)
    assert not root.has(0)


@given(position=st.integers(0, 400), value=st.integers(0, 255), field=st.integers(0, 6))
def test_a_changed_byte_gives_a_value_or_an_error(position: int, value: int, field: int) -> None:
    data = bytearray(
        flatbuffer({0: np.int32(1), 1: "name", 2: b"12345", 3: [{0: "a"}, {1: np.int64(2)}]})
    )
    data[position % len(data)] = value
    with contextlib.suppress(InvalidModelError):
        root = FlatBuffer(bytes(data)).root()
        root.string(field)
        root.numbers(field, "<f8")
        for table in root.tables(field):
            table.string(0)
            table.integer(1, "q")


@pytest.mark.parametrize("length", range(8))
def test_a_file_too_short_for_a_table_is_refused(length: int) -> None:
    with pytest.raises(InvalidModelError):
        FlatBuffer(bytes(length)).root()


def test_parts_that_alias_each_other_cannot_multiply_the_work() -> None:
    """Many offsets to one large vector would otherwise be read again for each."""
    content = bytes(100_000)
    data = bytearray(flatbuffer({0: [{0: content}, *({} for _ in range(1000))]}))
    vector = _vector_of_tables(data)
    target = vector + 4 + int.from_bytes(data[vector + 4 : vector + 8], "little")
    for i in range(1001):
        entry = vector + 4 + 4 * i
        data[entry : entry + 4] = (target - entry).to_bytes(4, "little")
    with pytest.raises(InvalidModelError, match="overlap"):
        sum(len(table.raw(0)) for table in FlatBuffer(bytes(data)).root().tables(0))


def _vector_of_tables(data: bytearray) -> int:
    """Position of the vector that field 0 of the root points to."""
    root = int.from_bytes(data[:4], "little")
    vtable = root - int.from_bytes(data[root : root + 4], "little", signed=True)
    field = root + int.from_bytes(data[vtable + 4 : vtable + 6], "little")
    return field + int.from_bytes(data[field : field + 4], "little")
