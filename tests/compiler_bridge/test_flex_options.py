"""Options of custom operators are read, or refused with a reason."""

from __future__ import annotations

from flatbuffers import flexbuffers
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.lower.flex_options import flex_options
from tests.support.tflite_signal_cases import options

NAMES = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=20)
NUMBERS = st.integers(-(2**31), 2**31 - 1)


@given(st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=12))
def test_options_are_read_as_they_were_written(wanted: dict[str, int]) -> None:
    assert flex_options(options(**wanted)) == wanted


@given(st.dictionaries(NAMES, st.floats(-1e30, 1e30), min_size=1, max_size=12))
def test_real_options_are_read_as_they_were_written(wanted: dict[str, float]) -> None:
    assert flex_options(bytes(flexbuffers.Dumps(wanted))) == wanted


def test_truths_are_read() -> None:
    assert flex_options(options(clamping=True, other=False)) == {"clamping": 1, "other": 0}


@given(st.binary(max_size=64))
def test_other_bytes_give_no_error_but_one(content: bytes) -> None:
    check(content)


def check(content: bytes) -> None:
    try:
        found = flex_options(content)
    except ValueError:
        return
    assert all(isinstance(value, int | float) for value in found.values())


@given(st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=4), st.data())
def test_a_damaged_byte_gives_no_error_but_one(wanted: dict[str, int], data: st.DataObject) -> None:
    content = bytearray(options(**wanted))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    check(bytes(content))
