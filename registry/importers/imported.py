"""What an importer hands back: boards and microcontrollers, and notes on what it left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fitgraph.registry.board import Board
from fitgraph.registry.mcu import Mcu


@dataclass(frozen=True, slots=True)
class Note:
    """What was left out, and why.

    Attributes:
        source: the file, or where in it.
        message: one clause.
    """

    source: str
    message: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What one or several files describe.

    Attributes:
        boards: in the order in which they were read.
        mcus: likewise.
        notes: on what was not taken.
    """

    boards: tuple[Board, ...] = ()
    mcus: tuple[Mcu, ...] = ()
    notes: tuple[Note, ...] = ()


def joined(parts: Iterable[Imported]) -> Imported:
    """All of several imports."""
    parts = tuple(parts)
    return Imported(
        boards=tuple(board for part in parts for board in part.boards),
        mcus=tuple(mcu for part in parts for mcu in part.mcus),
        notes=tuple(note for part in parts for note in part.notes),
    )
