"""Asks what would make a model run on a board, and does it: in a process of its own."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ModelFile
from fitgraph.api.command_line import run
from fitgraph.api.variants import random_samples
from fitgraph.matcher.explanation import RemedyKind
from fitgraph.registry.model_graph import DType
from fitgraph.registry.read_model import read_model

_NAME = "model"
# Runtimes that nothing here builds a whole firmware for are asked for what they deliver.
_BOARD_REMEDIES = (
    RemedyKind.ANOTHER_BOARD,
    RemedyKind.PATCH_EXECUTION,
    RemedyKind.EXTERNAL_WEIGHTS,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """One remedy that was offered, and what became of it.

    Attributes:
        failure: why it does not work, or an empty string.
    """

    model: str
    board: str
    kind: str
    words: str
    command: str
    verdict: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    out: str
    err: str


def applied(model: ModelFile, board: str, store: Path) -> list[Applied]:
    """Every remedy that ``explain`` offers for a pair, applied.

    Args:
        store: with all boards; a copy of it is used.
    """
    with tempfile.TemporaryDirectory(prefix="fitgraph-remedies-") as name:
        folder = Path(name)
        shutil.copytree(store, folder / "store")
        _done(folder, "model", "add", str(model.path), "--name", _NAME)
        told = _explained(folder, model, board)
        return [
            Applied(
                model=model.name,
                board=board,
                kind=remedy["kind"],
                words=remedy["words"],
                command=remedy["command"],
                verdict=remedy["match"]["verdict"],
                failure=_failure(folder, board, remedy, number),
            )
            for number, remedy in enumerate(told["remedies"])
        ]


def _explained(folder: Path, model: ModelFile, board: str) -> Mapping[str, Any]:
    graph = read_model(model.path)
    arguments = ["explain", _NAME, board, "--json"]
    if graph.format == "onnx" and all(
        graph.tensor(index).dtype is DType.FLOAT32 for index in graph.inputs
    ):
        np.savez(folder / "samples.npz", **random_samples(graph))  # type: ignore[arg-type]
        arguments += ["--calibration", str(folder / "samples.npz")]
    ended = _run(folder, *arguments)
    if ended.code not in (0, 1):
        raise RuntimeError(f"{model.name} on {board}: {ended.err}")
    told: Mapping[str, Any] = json.loads(ended.out)
    return told


def _failure(folder: Path, board: str, remedy: Mapping[str, Any], number: int) -> str:
    """Does what the remedy's command says, and builds what comes of it."""
    try:
        for words in _commands(remedy, board, folder / f"out-{number}"):
            ended = _done(folder, *words)
        if remedy["kind"] == RemedyKind.SMALLER_RESERVE:
            (found,) = json.loads(ended.out)
            return "" if found["verdict"] == remedy["match"]["verdict"] else found["verdict"]
    except RuntimeError as error:
        return str(error)
    return ""


def _commands(remedy: Mapping[str, Any], board: str, target: Path) -> Iterator[list[str]]:
    """The remedy's own commands, the last of which builds."""
    *before, last = [shlex.split(one)[1:] for one in remedy["command"].split(" && ")]
    yield from before
    output = ["--output", str(target), "--json"]
    match = remedy["match"]
    if remedy["kind"] in _BOARD_REMEDIES:
        yield [*last, *output]
    elif remedy["kind"] == RemedyKind.SMALLER_RESERVE:
        yield [*last, "--json"]
    elif remedy["kind"] == RemedyKind.ANOTHER_RUNTIME:
        yield last
        yield ["build", _NAME, "--board", board, "--runtime", match["runtime"], *output]
    else:
        yield last
        yield ["build", match["model"], "--board", board, *output]


def _done(folder: Path, *words: str) -> _Ended:
    """Runs a command that has to succeed.

    Raises:
        RuntimeError: it does not.
    """
    ended = _run(folder, *words)
    if ended.code:
        raise RuntimeError(f"fitgraph {shlex.join(words)} ended with {ended.code}: {ended.err}")
    return ended


def _run(folder: Path, *words: str) -> _Ended:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(["--store", str(folder / "store"), *words])
    return _Ended(code, out.getvalue(), err.getvalue())
