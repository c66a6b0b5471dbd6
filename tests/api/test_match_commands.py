"""``fitgraph match`` and ``fitgraph explain`` over real boards and a real footprint."""

from __future__ import annotations

import pytest

from tests.support.command import Command


def test_what_was_measured_for_the_class_fits(digits: Command) -> None:
    (found,) = digits("match", "digits-int8", "--board", "bbc-microbit-v1", "--json").json
    assert found["verdict"] == "fits"
    assert {c["evidence"] for c in found["constraints"]} == {"measured"}
    assert {c["name"]: c["margin"] >= 0 for c in found["constraints"]} == {
        "operators": True, "isa_class": True, "flash": True, "sram": True,
    }  # fmt: skip


def test_a_board_that_is_too_small_is_no_and_ends_with_1(digits: Command) -> None:
    done = digits("match", "digits-int8", "--board", "nucleo-l031k6")
    assert done.code == 1
    assert "B short" in done.out


def test_explain_gives_every_constraint_with_its_numbers(digits: Command) -> None:
    done = digits("explain", "digits-int8", "nucleo-l031k6")
    assert done.code == 1
    for word in ("operators", "isa_class", "flash", "sram", "32,768", "measured", "short"):
        assert word in done.out
    (flash,) = [
        c
        for c in digits("explain", "digits-int8", "nucleo-l031k6", "--json").json["constraints"]
        if c["name"] == "flash"
    ]
    assert flash["required"] - flash["available"] == -flash["margin"] > 0


def test_another_class_is_only_likely_and_says_how_to_measure(digits: Command) -> None:
    done = digits("explain", "digits-int8", "bbc-microbit-v2")
    assert done.code == 0
    assert ": likely" in done.out
    assert "fitgraph footprint digits-int8 --isa armv7e-m+fp" in done.out


def test_a_model_that_was_never_built_is_unknown_and_names_the_one_command(
    digits: Command,
) -> None:
    done = digits("match", "digits", "--only", "unknown")
    assert done.code == 0
    assert "hint: run `fitgraph footprint digits` to measure it for every board" in done.out
    assert "--isa" not in done.out


def test_only_what_fits_is_shown_and_nothing_left_is_1(digits: Command) -> None:
    found = digits("match", "--only", "fits", "--json").json
    assert {one["verdict"] for one in found} == {"fits"}
    assert {one["model"] for one in found} == {"digits-int8"}
    nothing = digits("match", "digits", "--only", "fits", "--json")
    assert (nothing.code, nothing.json) == (1, [])


def test_all_models_on_all_boards_come_best_first(digits: Command) -> None:
    found = digits("match", "--json").json
    boards = digits("board", "list", "--json").json
    assert len(found) == 2 * len(boards)
    order = ["fits", "likely", "unknown", "no"]
    ranks = [order.index(one["verdict"]) for one in found]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("command", [("match",), ("match", "digits-int8"), ("model", "list")])
def test_json_stands_alone_on_stdout(digits: Command, command: tuple[str, ...]) -> None:
    done = digits.in_a_process(*command, "--json")
    assert done.json
    assert done.err == ""
