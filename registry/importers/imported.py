"""What an importer hands back: boards and microcontrollers, and notes on what it left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fitgraph.registry.board import Board
from fitgraph.registry.board_fields import shown
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.thing_json import JsonDocument

#: How many keys a note names.
_NAMED_KEYS: Final = 5


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
class FileReport:
    """What became of one file.

    Attributes:
        source: the file.
        form: the format that it is in; an empty string where that is not known.
        boards: how many it describes.
        mcus: likewise.
        devices: likewise.
        reason: why nothing was taken of it, or an empty string.
    """

    source: str
    form: str = ""
    boards: int = 0
    mcus: int = 0
    devices: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What one or several files describe.

    Attributes:
        boards: in the order in which they were read.
        mcus: likewise.
        notes: on what was not taken.
        devices: Thing Descriptions of devices, which say what board each is.
        files: one report for each file that was looked at.
    """

    boards: tuple[Board, ...] = ()
    mcus: tuple[Mcu, ...] = ()
    notes: tuple[Note, ...] = ()
    devices: tuple[JsonDocument, ...] = ()
    files: tuple[FileReport, ...] = ()


def unknown_keys(source: str, keys: Iterable[str], known: Iterable[str]) -> tuple[Note, ...]:
    """A note on the keys that a format is not known to have; none where all are known."""
    found = [shown(key) for key in keys if key not in known]
    named = ", ".join(sorted(found)[:_NAMED_KEYS])
    more = f" and {len(found) - _NAMED_KEYS} more" if len(found) > _NAMED_KEYS else ""
    return (Note(source, f"keys that are not known were passed over: {named}{more}"),) * bool(found)


def joined(parts: Iterable[Imported]) -> Imported:
    """All of several imports."""
    parts = tuple(parts)
    return Imported(
        boards=tuple(board for part in parts for board in part.boards),
        mcus=tuple(mcu for part in parts for mcu in part.mcus),
        devices=tuple(device for part in parts for device in part.devices),
        notes=tuple(note for part in parts for note in part.notes),
        files=tuple(file for part in parts for file in part.files),
    )
