"""The firmware's own memcpy, memmove and memset, against Python's slices."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.build import link_for_board
from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.unicorn_session import UnicornSession
from fitgraph.matcher.placement import best_attempt
from tests.support.hand_written_code import N_INPUTS, misbehaving_code
from tests.support.made_up_boards import board

# With and without loads at any address, and without Arm's names for the functions.
CLASSES = ("armv6-m", "armv7e-m+fp", "rv32imc")

# Input bytes 0 to 3: operation, destination, source or value, length; the rest is the buffer.
CALLS = """
  uint8_t *const buffer = hand_arena + 16;
  const uint8_t to = hand_arena[1], from = hand_arena[2], n_bytes = hand_arena[3];
  switch (hand_arena[0]) {
    case 0: (void)memmove(buffer + to, buffer + from, n_bytes); break;
    case 1: (void)memcpy(buffer + to, buffer + from, n_bytes); break;
    default: (void)memset(buffer + to, from, n_bytes); break;
  }
"""
BUFFER_BYTES = 200


@cache
def session(isa_class: str) -> UnicornSession:
    code, ours = misbehaving_code(CALLS), board(isa_class)
    elf = link_for_board(code, ours, best_attempt(ours), 512).elf
    return UnicornSession(CORES[isa_class], elf, ours, code, timeout_s=10)


def call(isa_class: str, operation: int, to: int, source: int, n_bytes: int) -> bytes:
    """The buffer, which held 0, 1, 2, ... before the call."""
    running = session(isa_class)
    content = np.zeros(N_INPUTS, np.uint8)
    content[:4] = operation, to, source, n_bytes
    content[16 : 16 + BUFFER_BYTES] = np.arange(BUFFER_BYTES)
    running.infer((content.tobytes(),))
    arena = running.image.symbol("hand_arena")
    return bytes(running.machine.mem_read(arena + 16, BUFFER_BYTES))


ranges = st.integers(0, 90)


@pytest.mark.parametrize("isa_class", CLASSES)
@settings(max_examples=60)
@given(to=ranges, source=ranges, n_bytes=ranges)
def test_memmove_copies_as_if_through_another_buffer(
    isa_class: str, to: int, source: int, n_bytes: int
) -> None:
    expected = bytearray(range(BUFFER_BYTES))
    expected[to : to + n_bytes] = expected[source : source + n_bytes]
    assert call(isa_class, 0, to, source, n_bytes) == expected


@pytest.mark.parametrize("isa_class", CLASSES)
@settings(max_examples=30)
@given(to=ranges, source=st.integers(0, 10), n_bytes=ranges)
def test_memcpy_copies_bytes_that_do_not_overlap(
    isa_class: str, to: int, source: int, n_bytes: int
) -> None:
    expected = bytearray(range(BUFFER_BYTES))
    apart = source + 100
    expected[to : to + n_bytes] = expected[apart : apart + n_bytes]
    assert call(isa_class, 1, to, apart, n_bytes) == expected


@pytest.mark.parametrize("isa_class", CLASSES)
@settings(max_examples=30)
@given(to=ranges, value=st.integers(0, 255), n_bytes=ranges)
def test_memset_fills_exactly_what_it_is_told(
    isa_class: str, to: int, value: int, n_bytes: int
) -> None:
    expected = bytearray(range(BUFFER_BYTES))
    expected[to : to + n_bytes] = bytes([value]) * n_bytes
    assert call(isa_class, 2, to, value, n_bytes) == expected


def test_the_compilers_own_large_memory_functions_are_not_linked() -> None:
    ours = board("armv7e-m+fp")
    image = read_firmware(
        link_for_board(misbehaving_code(CALLS), ours, best_attempt(ours), 512).elf
    )
    assert "__aeabi_memcpy" in image.symbols
    assert not [name for name in image.symbols if name.startswith("compiler_rt.mem")]
