"""Which boards are near another one: by pins, vendor, price class, and how much more memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from fitgraph.matcher.placement import capacity_bytes, flash_candidates, ram_candidates
from fitgraph.registry.board import Board

#: Words of a board's name, and the pin header that they stand for.
_PIN_FAMILIES: Final = (
    ("feather", "Feather"),  # Adafruit Feather specification
    ("thing plus", "Feather"),  # SparkFun: Feather form factor
    ("xiao", "XIAO"),  # Seeed Studio XIAO
    ("bbc micro:bit", "micro:bit edge"),
    ("arduino nano", "Arduino Nano"),
    ("arduino uno", "Arduino Uno"),
    ("teensy 4", "Teensy 4"),
    ("raspberry pi pico", "Pico"),
)
# The letter before the last of an STM32 part tells its pins: K 32, R 64, Z 144 (ST UM1956, UM1724,
# UM1974: the boards of each number of pins share a header).
_NUCLEO: Final = re.compile(r"\bnucleo-\w+?(?P<pins>[krz])[0-9a-z]2?(-q)?$")
_NUCLEO_PINS: Final = {"k": "Nucleo-32", "r": "Nucleo-64", "z": "Nucleo-144"}
_WORDS: Final = re.compile(r"[-_ ]+")


def pin_family(board: Board) -> str:
    """The pin header that a board has by its name; an empty string where none is known."""
    if nucleo := _NUCLEO.search(board.name.lower()):
        return _NUCLEO_PINS[nucleo["pins"]]
    name = f" {_WORDS.sub(' ', board.name.lower())} "
    return next((family for words, family in _PIN_FAMILIES if f" {words} " in name), "")


def nearest(board: Board, boards: Iterable[Board], prices: Mapping[str, int]) -> tuple[Board, ...]:
    """Other boards, the nearest first: by kinship, then with the least memory more, then by id.

    Args:
        prices: price classes by the id of the board, where they are known.
    """
    others = (one for one in boards if one.board_id != board.board_id)
    return tuple(sorted(others, key=lambda one: _distance(board, one, prices)))


def kinship(board: Board, other: Board, prices: Mapping[str, int]) -> str:
    """What two boards have in common, in words."""
    words = []
    if pin_family(board) and pin_family(board) == pin_family(other):
        words.append(f"{pin_family(board)} header as well")
    if board.vendor and board.vendor == other.vendor:
        words.append(f"also of {board.vendor}")
    if other.board_id in prices:
        words.append(f"price class {prices[other.board_id]}")
    return ", ".join(words) or other.vendor or "of no known vendor"


def _distance(board: Board, other: Board, prices: Mapping[str, int]) -> tuple[float | str, ...]:
    here, there = prices.get(board.board_id), prices.get(other.board_id)
    differs = (
        not pin_family(board) or pin_family(board) != pin_family(other),
        not board.vendor or board.vendor != other.vendor,
    )
    price = 0 if here is None or there is None else abs(there - here)
    return (sum(differs), price, _memory_bytes(other), other.board_id)


def _memory_bytes(board: Board) -> int:
    """Capacity of the largest regions."""
    largest = (*flash_candidates(board)[:1], *ram_candidates(board)[:1])
    return sum(map(capacity_bytes, largest))
