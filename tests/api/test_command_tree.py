"""Every command has help, is documented, and starts quickly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from fitgraph.api.command_line import app, global_options_first
from tests.support.command import Command

# Importing numpy, onnx or rdflib alone takes 0.2 to 0.4 s.
HEAVY = ("numpy", "onnx", "onnxruntime", "rdflib", "pyshacl", "unicorn", "pyoxigraph")


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    command = command or typer.main.get_command(app)
    for name, sub in getattr(command, "commands", {}).items():
        yield from commands(sub, (*path, name))
    if path and not hasattr(command, "commands"):
        yield " ".join(path), command


def groups(command: Any = None) -> Iterator[Any]:
    command = command or typer.main.get_command(app)
    for sub in getattr(command, "commands", {}).values():
        yield from groups(sub)
    if hasattr(command, "commands"):
        yield command


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda value: str(value)[:30])
def test_every_command_and_each_of_its_parameters_has_help(name: str, command: Any) -> None:
    assert command.help, f"{name} has no help"
    without = [one.name for one in command.params if not getattr(one, "help", None)]
    assert not without, f"{name}: {without} have no help"


def test_every_group_has_help() -> None:
    assert [group.name for group in groups() if not group.help] == []


def test_every_command_is_documented_under_a_heading_of_its_own(repository: Path) -> None:
    text = (repository / "docs" / "command-line.md").read_text(encoding="utf-8")
    missing = [name for name, _ in commands() if f"\n## `fitgraph {name}`\n" not in text]
    assert missing == []


def test_every_option_is_documented(repository: Path) -> None:
    sections = (repository / "docs" / "command-line.md").read_text(encoding="utf-8").split("\n## ")
    by_name = {section.split("\n", 1)[0].strip("`"): section for section in sections}
    missing = [
        f"{name} {option.opts[0]}"
        for name, command in commands()
        for option in command.params
        if option.param_type_name == "option" and option.name != "help"
        if f"`{option.opts[0]}" not in by_name.get(f"fitgraph {name}", "")
    ]
    assert missing == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from fitgraph.api.command_line import run; run(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_command_without_arguments_shows_help() -> None:
    done = Command(Path("unused"))("model")
    assert "Usage: fitgraph model" in done.out + done.err


def test_an_unknown_command_is_bad_input() -> None:
    done = Command(Path("unused"))("frobnicate")
    assert done.code == 2
    assert "frobnicate" in done.err
    assert done.out == ""


def test_global_options_may_stand_anywhere() -> None:
    assert global_options_first(["match", "m", "--store", "s", "--debug"]) == [
        "--store", "s", "--debug", "match", "m",
    ]  # fmt: skip
    assert global_options_first(["match", "--store=s"]) == ["--store=s", "match"]
    assert global_options_first(["query", "--", "--debug"]) == ["query", "--", "--debug"]
    assert global_options_first(["match", "--store"]) == ["--store", "match"]
