"""A board is a Thing Model, and comes back from it the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.errors import InvalidBoardError, InvalidThingError
from fitgraph.registry.importers.thing_description import read_thing
from fitgraph.registry.iris import board_iri
from fitgraph.registry.thing_board import board_from_model, board_to_model, model_text
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import parse_document
from fitgraph.registry.triples.board import board_to_triples, canonical_board
from fitgraph.registry.triples.thing import document_to_triples
from tests.support.small_registry import LARGE


def document(model: Any) -> Any:
    return parse_document(json.dumps(model).encode(), "board.tm.jsonld")


@pytest.mark.parametrize("board", builtin_boards(), ids=lambda board: board.board_id)
def test_every_board_is_a_valid_model_that_says_its_graph_and_comes_back(board: Board) -> None:
    model = document(board_to_model(board))
    assert thing_errors(model) == ()
    said = set(document_to_triples(model, board_iri("x")))
    assert set(board_to_triples(board)) <= said
    assert board_from_model(model) == canonical_board(board)


def test_sensors_are_properties_that_a_device_may_leave_out() -> None:
    model: Any = board_to_model(LARGE)
    assert model["tm:optional"] == ["/properties/accelerometer", "/properties/microphone"]
    assert model["properties"]["accelerometer"]["@type"] == "sosa:ObservableProperty"


def test_a_board_is_imported_from_its_model() -> None:
    content = model_text(LARGE).encode()
    assert read_thing(content, "large.tm.jsonld").boards == (canonical_board(LARGE),)


def test_what_is_no_description_is_refused() -> None:
    with pytest.raises(InvalidThingError, match=r"other.jsonld: /: lacks"):
        read_thing(b"{}", "other.jsonld")


def test_a_model_of_a_board_under_another_id_is_refused() -> None:
    model = {**board_to_model(LARGE), "id": board_iri("other")}
    with pytest.raises(InvalidThingError, match="/id: is"):
        board_from_model(document(model))


def test_a_contradicting_board_is_refused() -> None:
    model = board_to_model(replace(LARGE, clock_hz=-1))
    with pytest.raises(InvalidBoardError, match="clock"):
        board_from_model(document(model))
