"""``fitgraph board``, ``query`` and ``version``, and what a first command puts into a store."""

from __future__ import annotations

import json
import time
from pathlib import Path

from fitgraph.api import first_use
from fitgraph.registry.board_file import builtin_boards
from tests.support.board_text import board_text
from tests.support.command import Command


def test_the_built_in_boards_are_there_from_the_first_command_on(tmp_path: Path) -> None:
    listed = Command(tmp_path / "new")("board", "list", "--json").json
    assert [one["board_id"] for one in listed] == [one.board_id for one in builtin_boards()]


def test_a_store_is_filled_once(fitgraph: Command) -> None:
    note = fitgraph.store / "built-in.json"
    before = note.stat().st_mtime_ns
    started = time.perf_counter()
    first_use.fill(fitgraph.store)
    # Filling takes over a second; finding that there is nothing to do, milliseconds.
    assert time.perf_counter() - started < 0.5
    assert note.stat().st_mtime_ns == before


def test_a_board_is_added_shown_and_removed(fitgraph: Command, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(board_text("my-board"))
    before = fitgraph.contents()
    assert fitgraph("board", "add", path).code == 0
    assert "known already" in fitgraph("board", "add", path).out
    shown = fitgraph("board", "show", "my-board").out
    assert "0x20000000 └" in shown
    assert "RAM (sram) 128 KiB" in shown
    assert fitgraph("board", "remove", "my-board").code == 0
    assert fitgraph.contents() == before


def test_an_update_brings_built_in_boards_but_not_over_the_users_own(
    fitgraph: Command, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(board_text("bbc-microbit-v2"))
    assert fitgraph("board", "add", path, "--replace").code == 0
    assert fitgraph("board", "remove", "raspberry-pi-pico").code == 0
    note = fitgraph.store / "built-in.json"
    said = json.loads(note.read_text())
    note.write_text(json.dumps({**said, "content": "of an older version"}))
    assert fitgraph("board", "show", "bbc-microbit-v2", "--json").json["vendor"] == "me"
    assert fitgraph("board", "show", "raspberry-pi-pico").code == 0


def test_a_note_that_is_damaged_is_written_anew(fitgraph: Command) -> None:
    note = fitgraph.store / "built-in.json"
    for text in ("", "[]", '{"content": 1}', "\xff"):
        note.write_text(text, encoding="latin-1")
        assert fitgraph("board", "list").code == 0
        assert json.loads(note.read_text())["content"]


def test_a_query_answers_with_rows(fitgraph: Command, tmp_path: Path) -> None:
    path = tmp_path / "boards.rq"
    path.write_text(
        "# Which boards are there?\n"
        "PREFIX fg: <https://w3id.org/fitgraph/ontology#>\n"
        "SELECT ?board ?clock WHERE { ?board a fg:Board ; fg:clockHz ?clock } ORDER BY ?board"
    )
    rows = fitgraph("query", path, "--json").json
    assert len(rows) == len(builtin_boards())
    assert rows[0]["board"].startswith("https://w3id.org/fitgraph/id/board/")
    assert isinstance(rows[0]["clock"], int)
    table = fitgraph("query", path).out
    assert "id:board/" in table
    assert f"{len(rows)} rows" in table


def test_ask_answers_with_yes_or_no_and_its_exit_code(fitgraph: Command) -> None:
    prefix = "PREFIX fg: <https://w3id.org/fitgraph/ontology#> "
    yes = fitgraph("query", "--text", prefix + "ASK { ?b a fg:Board }")
    no = fitgraph("query", "--text", prefix + "ask{ ?m a fg:Model }", "--json")
    assert (yes.code, yes.out) == (0, "yes\n")
    assert (no.code, no.json) == (1, False)


def test_a_query_needs_exactly_one_source(fitgraph: Command, tmp_path: Path) -> None:
    assert fitgraph("query").code == 2
    assert fitgraph("query", tmp_path / "absent.rq").code == 2
    assert fitgraph("query", tmp_path / "absent.rq", "--text", "ASK {}").code == 2


def test_version_names_the_tools(fitgraph: Command) -> None:
    versions = fitgraph("version", "--json").json
    assert {"fitgraph", "ziglang", "unicorn"} <= set(versions)
    assert f"fitgraph {versions['fitgraph']}" in fitgraph("version").out
