"""Boards out of Thing Models that describe them in fitgraph's terms."""

from __future__ import annotations

from pathlib import Path

from fitgraph.registry.importers.imported import Imported, Note
from fitgraph.registry.thing_board import board_from_model, is_board_model
from fitgraph.registry.thing_json import read_document


def import_thing_description(path: Path) -> Imported:
    """The board that a Thing Model describes; a note where a file describes something else.

    Raises:
        NotFoundError: there is no such file.
        InvalidThingError: it is no JSON, or no valid model.
        InvalidBoardError: the board contradicts itself.
    """
    document = read_document(path)
    if not is_board_model(document):
        return Imported(notes=(Note(path.name, "describes a thing that is no board"),))
    return Imported(boards=(board_from_model(document),))
