"""Which boards are near: the same header and vendor first, then like price, then least memory."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.near_boards import kinship, nearest, pin_family
from fitgraph.registry.board import Board, MemoryRegion, RegionKind


def board(name: str, vendor: str = "ST", kib: int = 64) -> Board:
    regions = (MemoryRegion("F", RegionKind.FLASH, 0, kib << 10),)
    return Board(name.lower().replace(" ", "-"), name, vendor, "M", "", None, None, regions)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("ST Nucleo-L031K6", "Nucleo-32"),
        ("ST Nucleo-F401RE", "Nucleo-64"),
        ("ST Nucleo-H743ZI2", "Nucleo-144"),
        ("ST Nucleo-U575ZI-Q", "Nucleo-144"),
        ("Adafruit Feather M4 Express", "Feather"),
        ("SparkFun Thing Plus (SAMD51)", "Feather"),
        ("Arduino Nano 33 BLE Sense", "Arduino Nano"),
        ("Sipeed Longan Nano", ""),
        ("Raspberry Pi Pico 2", "Pico"),
        ("NXP FRDM-K64F", ""),
    ],
)
def test_the_header_is_told_by_the_name(name: str, family: str) -> None:
    assert pin_family(board(name)) == family


def test_header_vendor_price_and_memory_decide_in_turn() -> None:
    here = board("ST Nucleo-F030R8")
    others = [
        board("Plain", "Other", 1),
        board("Dear", "ST", 128),
        board("Cheap", "ST", 512),
        board("ST Nucleo-L476RG", "ST", 1024),
    ]
    prices = {"st-nucleo-f030r8": 1, "dear": 3, "cheap": 1}
    found = [one.name for one in nearest(here, [*others, here], prices)]
    assert found == ["ST Nucleo-L476RG", "Cheap", "Dear", "Plain"]
    assert [one.name for one in nearest(here, others, {})][1:3] == ["Dear", "Cheap"]
    assert kinship(here, others[3], {}) == "Nucleo-64 header as well, also of ST"


@given(st.permutations(range(6)), st.integers())
def test_the_order_of_input_never_counts(sizes: list[int], seed: int) -> None:
    boards = [board(f"B{n}", "ST" if n % 2 else "Other", 1 + n // 2) for n in sizes]
    shuffled = random.Random(seed).sample(boards, len(boards))
    assert nearest(board("Here"), shuffled, {}) == nearest(board("Here"), boards, {})
