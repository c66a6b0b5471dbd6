"""Pairs of a model and a board that are kept apart: by flash, RAM, a reserve, or the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks.models import REPOSITORY
from benchmarks.records import ModelFile
from benchmarks.soundness_pairs import linkable
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher import columns
from fitgraph.matcher.match import match
from fitgraph.matcher.placement import addressed, flash_candidates, weights_candidates
from fitgraph.matcher.verdict import Constraint, Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.store_base import Store

#: What a reserve leaves too little by.
_SHORT_BYTES: Final = 2048


class Lack(StrEnum):
    """What a pair is to lack."""

    FLASH = "flash"
    SRAM = "sram"
    EXTERNAL = "flash beside external flash"
    RESERVE = "a smaller reserve"
    CORE = "a compiler for the core"


@dataclass(frozen=True, slots=True)
class Task:
    """A model, and what its board is to lack.

    Attributes:
        classes: that a board is looked for in, in turn.
    """

    model: ModelFile
    classes: tuple[str, ...]
    lack: Lack

    @property
    def key(self) -> str:
        """Names it."""
        return f"{self.model.sha256[:16]} {self.classes[0]} {self.lack}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A board, and an option of the command that makes it too small.

    Attributes:
        option: ``--reserve-sram`` or ``--reserve-flash``; empty where the board is too small.
        reserve: what follows it.
    """

    board: str
    lack: Lack
    option: str = ""
    reserve: str = ""


def tasks_of(models: Iterable[ModelFile], classes: tuple[str, ...]) -> Iterator[Task]:
    """Two of ONNX, of which more can be made, and one of TFLite, in turn.

    Ours come first. An ONNX model comes once for each lack. Each task begins at another class than
    the last.
    """
    ours = REPOSITORY / "examples"
    ordered = sorted(models, key=lambda one: (not one.path.is_relative_to(ours), one.sha256))
    onnx = [one for one in ordered if one.path.suffix == ".onnx"]
    lacks = tuple(Lack)
    # TFLM takes TFLite files alone.
    mine = tuple(one for one in lacks if one is not Lack.CORE)
    tflite = [one for one in ordered if one not in onnx]
    others = [(one, lacks[n % len(lacks)]) for n, one in enumerate(tflite)]
    # Each round gives a model its next lack.
    several = [
        (one, mine[(n + r) % len(mine)]) for r in range(len(mine)) for n, one in enumerate(onnx)
    ]
    mixed = [
        one
        for place in range(max(len(several), len(others)))
        for one in (*several[2 * place : 2 * place + 2], *others[place : place + 1])
    ]
    for number, (model, lack) in enumerate(mixed):
        first = number % len(classes)
        yield Task(model, (*classes[first:], *classes[:first]), lack)


def chosen(store: Store, name: str, isa_class: str, lack: Lack) -> Chosen | None:
    """The board of a class that lacks least of what is asked for.

    None where the model fits all boards of the class, or no build tells. What lacks a
    compiler is of a class that TFLM alone is built for.
    """
    others = {*columns.runtime(store, "tflm").isa_classes} - {*TARGETS}
    boards = {
        one.board_id: one
        for one in columns.boards(store)
        if (
            one.isa_class in others
            if lack is Lack.CORE
            else one.isa_class == isa_class and one == linkable(one)
        )
    }
    return _CHOICES[lack]([one for one in match(store, name) if one.board in boards], boards)


def _short_of(name: str, found: Iterable[Match]) -> list[tuple[float, str]]:
    """Boards that lack this alone, the least first."""
    others = {"flash", "sram"} - {name}
    lacking = []
    for one in found:
        is_alone = all(one.constraint(other).satisfied is not False for other in others)
        constraint = one.constraint(name)
        if one.verdict is Verdict.NO and is_alone and constraint.satisfied is False:
            lacking.append((_excess(constraint), one.board))
    return sorted(lacking)


def _excess(one: Constraint) -> float:
    return (one.required or 0) / max(1, one.available or 0)


def _flash(found: list[Match], _boards: Mapping[str, Board]) -> Chosen | None:
    return next((Chosen(board, Lack.FLASH) for _, board in _short_of("flash", found)), None)


def _sram(found: list[Match], _boards: Mapping[str, Board]) -> Chosen | None:
    return next((Chosen(board, Lack.SRAM) for _, board in _short_of("sram", found)), None)


def _external(found: list[Match], boards: Mapping[str, Board]) -> Chosen | None:
    """A board with external flash, with so much of its own taken that the image no longer fits."""
    with_two = {
        one.board_id
        for one in boards.values()
        if len(weights_candidates(addressed(one))) > len(flash_candidates(addressed(one))) == 1
    }
    return _taken([one for one in found if one.board in with_two], boards, Lack.EXTERNAL, "flash")


def _reserve(found: list[Match], boards: Mapping[str, Board]) -> Chosen | None:
    """A board that fits, with so much of its RAM taken that it no longer does."""
    return _taken(found, boards, Lack.RESERVE, "sram")


def _taken(
    found: Iterable[Match], boards: Mapping[str, Board], lack: Lack, name: str
) -> Chosen | None:
    """The board that fits with the least to spare of one memory, and a reserve that is too much."""
    fits = sorted(
        (one.constraint(name).margin or 0, one.board, one.constraint(name).region)
        for one in found
        if one.verdict is Verdict.FITS
    )
    for margin, board, where in fits:
        region = next(one for one in boards[board].regions if one.name == where)
        taken = region.reserve_bytes + int(margin) + _SHORT_BYTES
        if taken < region.size_bytes:
            return Chosen(board, lack, f"--reserve-{name}", f"{where}={taken}")
    return None


def _core(found: list[Match], boards: Mapping[str, Board]) -> Chosen | None:
    """A board that this runtime has no compiler for."""
    return next(
        (
            Chosen(one.board, Lack.CORE)
            for one in found
            if one.constraint("isa_class").satisfied is False and boards[one.board].isa_class
        ),
        None,
    )


_CHOICES: Final[Mapping[Lack, Callable[[list[Match], Mapping[str, Board]], Chosen | None]]] = {
    Lack.FLASH: _flash,
    Lack.SRAM: _sram,
    Lack.EXTERNAL: _external,
    Lack.RESERVE: _reserve,
    Lack.CORE: _core,
}
