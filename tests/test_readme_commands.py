"""Every `fitgraph` command that a document shows is one that the program has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer.main

from fitgraph.api.command_line import app
from tests.support.markdown import read_document, words_of
from tests.support.tree import tracked_with_suffix

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENTS = tracked_with_suffix(REPOSITORY, ".md")


def unknown_part(arguments: list[str]) -> str | None:
    """The first word that is neither a command nor an option of it, or None."""
    command: Any = typer.main.get_command(app)
    options = {name for one in command.params for name in one.opts} | {"--help", "-h"}
    for word in arguments:
        if word.startswith("-"):
            if word.split("=")[0] not in options:
                return word
        elif subcommands := getattr(command, "commands", None):
            if word not in subcommands:
                return word
            command = subcommands[word]
            options |= {name for one in command.params for name in one.opts + one.secondary_opts}
    return None


@pytest.mark.parametrize("name", DOCUMENTS, ids=str)
def test_every_fitgraph_command_in_a_document_is_understood(name: Path) -> None:
    commands = [
        words_of(command) for command in read_document((REPOSITORY / name).read_text()).commands
    ]
    wrong = {
        " ".join(words): unknown
        for words in commands
        if words[:1] in (["fitgraph"], [".venv/bin/fitgraph"])
        if (unknown := unknown_part(words[1:])) is not None
    }
    assert not wrong


def test_an_unknown_command_and_an_unknown_option_are_noticed() -> None:
    assert unknown_part(["surely-not-a-command"]) == "surely-not-a-command"
    assert unknown_part(["--surely-not-an-option"]) == "--surely-not-an-option"
