"""Asks what would make a model run on a board, and does it: in a process of its own."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.records import ModelFile
from benchmarks.remedies_pairs import Chosen, Lack, Task, chosen
from fitgraph.api.command_line import run
from fitgraph.api.variants import random_samples
from fitgraph.matcher.decide import OWN_RUNTIME
from fitgraph.matcher.explanation import RemedyKind
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from fitgraph.registry.model_graph import DType
from fitgraph.registry.read_model import read_model

_NAME = "model"
#: ISA classes that a board is looked for in.
MOST_CLASSES: Final = 3
# Runtimes that nothing here builds a whole firmware for are asked for what they deliver.
_BOARD_REMEDIES = (
    RemedyKind.ANOTHER_BOARD,
    RemedyKind.PACKED_WEIGHTS,
    RemedyKind.PATCH_EXECUTION,
    RemedyKind.EXTERNAL_WEIGHTS,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """One remedy that was offered, and what became of it.

    Attributes:
        is_proven: whether the firmware that came of it ran and gave the reference's outputs.
        failure: why it does not work, or an empty string.
    """

    kind: str
    words: str
    command: str
    verdict: str
    is_proven: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Mended:
    """What is offered for a model on a board, and what became of it.

    Attributes:
        key: of the task.
        board: empty where none was found.
        lack: what keeps the model off the board.
        why: no pair was found; empty where one was.
    """

    key: str
    model: str
    board: str = ""
    lack: str = ""
    why: str = ""
    remedies: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where things are done, and with what."""

    folder: Path
    board: str
    option: str
    reserve: str


def mended(task: Task, store: Path, most_macs: int) -> Mended:
    """Every remedy that ``explain`` offers for a pair, applied.

    Args:
        task: which pair is looked for.
        store: with all boards; a copy of it is used.
        most_macs: multiply-accumulates of a model; larger ones are left out.
    """
    model, found = task.model, Mended(task.key, task.model.name)
    with tempfile.TemporaryDirectory(prefix="fitgraph-remedies-") as name:
        folder = Path(name)
        try:
            macs = model_facts(read_model(model.path)).macs
            if macs is None or macs > most_macs:
                return replace(found, why=f"{macs or 'unknown'} multiply-accumulates")
            shutil.copytree(store, folder / "store")
            _done(folder, "model", "add", str(model.path), "--name", _NAME)
            pair = _pair(folder, task)
        except (FitgraphError, RuntimeError) as error:
            return replace(found, why=str(error))
        if pair is None:
            return replace(found, why=f"no board is short of {task.lack}")
        place = _Place(folder, pair.board, pair.option, pair.reserve)
        found = replace(found, board=pair.board, lack=str(pair.lack))
        try:
            told = _explained(place, model)
        except RuntimeError as error:
            failed = Applied(
                "none", "", f"fitgraph explain {_NAME} {pair.board}", "", failure=str(error)
            )
            return replace(found, remedies=(failed,))
        remedies = tuple(
            _applied(place, remedy, number) for number, remedy in enumerate(told["remedies"])
        )
        return replace(found, remedies=remedies)


def _pair(folder: Path, task: Task) -> Chosen | None:
    """The board of the first class that lacks what the task wants; else one that lacks anything."""
    for isa_class in task.classes[:MOST_CLASSES]:
        _done(folder, "footprint", _NAME, "--isa", isa_class)
    lacks = (task.lack, *(one for one in Lack if one is not task.lack))
    with open_registry(folder / "store", read_only=True) as registry:
        found = (
            chosen(registry.store, _NAME, isa_class, lack)
            for lack in lacks
            for isa_class in task.classes[:MOST_CLASSES]
        )
        return next((one for one in found if one is not None), None)


def _explained(place: _Place, model: ModelFile) -> Mapping[str, Any]:
    graph = read_model(model.path)
    arguments = ["explain", _NAME, place.board, "--json"]
    if place.reserve:
        arguments += [place.option, place.reserve]
    if graph.format == "onnx" and all(
        graph.tensor(index).dtype is DType.FLOAT32 for index in graph.inputs
    ):
        samples = place.folder / "samples.npz"
        np.savez(samples, **random_samples(graph))  # type: ignore[arg-type]
        arguments += ["--calibration", str(samples)]
    ended = _run(place.folder, *arguments)
    if ended.code not in (0, 1):
        raise RuntimeError(f"{model.name} on {place.board}: {ended.err}")
    told: Mapping[str, Any] = json.loads(ended.out)
    return told


def _applied(place: _Place, remedy: Mapping[str, Any], number: int) -> Applied:
    is_proven, failure = _outcome(place, remedy, place.folder / f"out-{number}")
    return Applied(
        remedy["kind"],
        remedy["words"],
        remedy["command"],
        remedy["match"]["verdict"],
        is_proven,
        failure,
    )


def _outcome(place: _Place, remedy: Mapping[str, Any], target: Path) -> tuple[bool, str]:
    """Does what the remedy's command says, and builds what comes of it."""
    try:
        for words in _commands(remedy, place, target):
            ended = _done(place.folder, *words)
        if remedy["kind"] == RemedyKind.SMALLER_RESERVE:
            (found,) = json.loads(ended.out)
            is_same = found["verdict"] == remedy["match"]["verdict"]
            return is_same, "" if is_same else f"the verdict is {found['verdict']}"
    except RuntimeError as error:
        return False, str(error)
    return (target / "proof.json").is_file(), ""


def _commands(remedy: Mapping[str, Any], place: _Place, target: Path) -> Iterator[list[str]]:
    """The remedy's own commands, the last of which builds, behind the reserve that was asked."""
    *before, last = [shlex.split(one)[1:] for one in remedy["command"].split(" && ")]
    yield from before
    match = remedy["match"]
    output = ["--output", str(target), "--json"]
    if place.reserve and match["runtime"] == OWN_RUNTIME and match["board"] == place.board:
        output += ["--reserve", place.reserve]
    if remedy["kind"] in _BOARD_REMEDIES:
        yield [*last, *output]
    elif remedy["kind"] == RemedyKind.SMALLER_RESERVE:
        yield [*last, "--json"]
    elif remedy["kind"] == RemedyKind.ANOTHER_RUNTIME:
        yield last
        yield ["build", _NAME, "--board", place.board, "--runtime", match["runtime"], *output]
    else:
        yield last
        yield ["build", match["model"], "--board", place.board, *output]


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
