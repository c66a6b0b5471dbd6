"""``fitgraph question``, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgraph.ontology.questions import questions
from scripts.write_questions import document
from tests.support.command import Command


def test_all_questions_are_listed_with_what_they_take(fitgraph: Command) -> None:
    listed = fitgraph("question", "list")
    assert listed.code == 0, listed.err
    for question in questions():
        assert question.name in listed.out
        assert question.text in listed.out
    first, *_ = fitgraph("question", "list", "--json").json
    assert first["binds"] == {"isa_class": "ISA class", "need_bytes": "whole number"}


def test_a_question_is_shown_as_a_query_that_runs(fitgraph: Command, tmp_path: Path) -> None:
    shown = fitgraph("question", "show", "CQ39")
    (tmp_path / "shown.rq").write_text(shown.out)
    by_hand = fitgraph("query", tmp_path / "shown.rq", "--json").json
    assert by_hand == fitgraph("question", "ask", "isa-classes-by-boards", "--json").json
    assert by_hand[0]["boards"] > 10


def test_a_question_is_asked_with_names_and_numbers(fitgraph: Command) -> None:
    asked = ("question", "ask", "boards-with-a-sensor-and-sram")
    values = ("--bind", "sensor=microphone", "--bind", "?need_bytes=204800")
    boards = {row["board"].rpartition("/")[2] for row in fitgraph(*asked, *values, "--json").json}
    assert "arduino-nano-33-ble-sense" in boards
    assert "bbc-microbit-v2" not in boards, "it has a microphone and 128 KiB"
    shown = fitgraph(*asked, *values)
    assert "id:board/arduino-nano-33-ble-sense" in shown.out
    csv = fitgraph(*asked, *values, "--format", "csv")
    assert csv.out.splitlines()[0] == "sensor,need_bytes,board,region_name,free_bytes"
    memory = fitgraph("question", "ask", "38", "--bind", "board=nrf52840-dk", "--json").json
    assert {row["kind"] for row in memory} == {"flash", "sram", "extflash"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("no-such-question",), "there is no question 'no-such-question'"),
        (("memory-map-of-a-board",), "needs a value for 'board'"),
        (("memory-map-of-a-board", "--bind", "board=nrf52840-dq"), "nrf52840-dk"),
        (("isa-classes-by-boards", "--bind", "board"), "'board' is not VARIABLE=VALUE"),
        (("recipes-that-cost-accuracy", "--bind", "limit=a lot"), "'a lot' is no number"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    fitgraph: Command, arguments: tuple[str, ...], complaint: str
) -> None:
    done = fitgraph("question", "ask", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err


def test_the_document_lists_every_question(repository: Path) -> None:
    text = (repository / "docs" / "questions.md").read_text(encoding="utf-8")
    assert text == document(text), "run python -m scripts.write_questions"
