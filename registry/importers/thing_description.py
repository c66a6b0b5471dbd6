"""Boards and devices out of Thing Models and Thing Descriptions."""

from __future__ import annotations

from collections.abc import Mapping

from fitgraph.registry.errors import InvalidThingError
from fitgraph.registry.importers.imported import Imported, Note
from fitgraph.registry.thing import linked_board
from fitgraph.registry.thing_board import board_from_model, is_board_model
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import parse_document
from fitgraph.registry.thing_rdf import read_rdf


def read_thing(
    content: bytes, source: str, contexts: Mapping[str, object] | None = None
) -> Imported:
    """The board that a Thing Model describes, or the device of a board; else a note.

    Args:
        content: JSON-LD, or Turtle.
        source: name of the file.
        contexts: JSON-LD contexts besides those that are known, by address.

    Raises:
        InvalidThingError: it is no JSON or Turtle, or no valid description.
        InvalidBoardError: the board contradicts itself.
    """
    is_turtle = source.endswith(".ttl")
    document = read_rdf(content, source).document if is_turtle else parse_document(content, source)
    if is_board_model(document):
        return Imported(boards=(board_from_model(document, contexts),))
    errors = thing_errors(document)
    if errors:
        raise InvalidThingError(f"{source}: {errors[0]}", hint="see docs/things.md")
    if linked_board(document.value) is None:
        what = "describes no board and no device of one; `fitgraph thing add` takes it"
        return Imported(notes=(Note(source, what),))
    return Imported(devices=(document,))
