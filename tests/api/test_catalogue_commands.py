"""Boards and microcontrollers that the store lacks and the device catalogue has."""

from __future__ import annotations

import json

import pytest

from tests.support.command import Command

BOARD, PART = "feather-m4-can", "atsame51j19"


def test_a_board_of_the_catalogue_is_shown_and_said_not_to_be_in_the_store(
    fitgraph: Command,
) -> None:
    shown = fitgraph("board", "show", BOARD)
    assert shown.code == 0
    assert "SAME51J19A" in shown.out
    assert f"`fitgraph board add {BOARD}`" in shown.err
    as_json = fitgraph("board", "show", BOARD, "--json")
    assert json.loads(as_json.out)["board_id"] == BOARD
    assert f"fitgraph board add {BOARD}" in as_json.err


def test_a_board_of_the_catalogue_is_added_by_its_id_with_its_part(fitgraph: Command) -> None:
    assert fitgraph("board", "add", BOARD).code == 0
    assert "known already" in fitgraph("board", "add", BOARD).out
    shown = fitgraph("board", "show", BOARD)
    assert shown.err == ""
    parts = json.loads(fitgraph("mcu", "list", "--json").out)
    assert PART in {part["mcu_id"] for part in parts}
    assert fitgraph("mcu", "show", PART).err == ""


def test_a_part_that_a_board_links_to_is_not_removed(fitgraph: Command) -> None:
    assert fitgraph("mcu", "remove", "rp2040").code == 2
    assert fitgraph("mcu", "add", "stm32l476qe").code == 0
    assert fitgraph("mcu", "remove", "stm32l476qe").code == 0
    assert fitgraph("mcu", "remove", "stm32l476qe").code == 2


@pytest.mark.parametrize(
    "arguments",
    [("match", "--board"), ("explain", "digits-int8"), ("build", "digits-int8", "--board"),
     ("board", "remove")],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_an_unknown_board_is_told_the_command_that_takes_it_from_the_catalogue(
    digits: Command, arguments: tuple[str, ...]
) -> None:
    ended = digits(*arguments, BOARD)
    assert ended.code == 2
    assert f"`fitgraph board add {BOARD}` takes it from the device catalogue" in ended.err


def test_a_mistyped_board_is_told_what_is_near_in_the_store_and_in_the_catalogue(
    digits: Command,
) -> None:
    ended = digits("match", "--board", "nucleo-f401r")
    assert ended.code == 2
    assert "did you mean nucleo-f401re" in ended.err
    assert "the device catalogue has nucleo-" in ended.err
    assert "`fitgraph board add nucleo-" in ended.err


def test_a_name_that_the_catalogue_lacks_is_refused(fitgraph: Command) -> None:
    ended = fitgraph("board", "add", "feather-m4-cann")
    assert ended.code == 2
    assert BOARD in ended.err
    assert fitgraph("mcu", "show", "no-such-part-anywhere").code == 2
    assert fitgraph("board", "add", "missing.yaml").code == 2


def test_the_catalogue_is_listed_without_what_the_store_has(fitgraph: Command) -> None:
    assert fitgraph("mcu", "add", "stm32l476qe").code == 0
    listed = json.loads(fitgraph("mcu", "list", "--catalogue", "--json").out)
    ids = {part["mcu_id"] for part in listed}
    assert len(ids) > 7_000
    assert not {"stm32l476qe", "rp2040"} & ids
    boards = json.loads(fitgraph("board", "list", "--catalogue", "--json").out)
    assert len(boards) > 3_000
    assert "in the device catalogue" in fitgraph("board", "list").out


@pytest.mark.parametrize("name", ["rpi-pico", "pico", "raspberry-pi-pico"])
def test_a_built_in_board_is_found_by_its_names_in_other_projects(
    digits: Command, name: str
) -> None:
    shown = json.loads(digits("board", "show", name, "--json").out)
    assert shown["board_id"] == "raspberry-pi-pico"
    (matched,) = json.loads(digits("match", "digits-int8", "--board", name, "--json").out)
    assert matched["board"].endswith("raspberry-pi-pico")
