"""Asks the matcher about models on all boards, and about boards at the limit of a model."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.records import ModelFile
from benchmarks.soundness_pairs import (
    Asked,
    Kind,
    Pair,
    at_the_limit,
    distinct,
    is_no_for_memory,
)
from fitgraph.api.output import Step
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME, FitgraphCompiler, fitgraph_c_runtime
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher import columns
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.index.index import index_of
from fitgraph.matcher.match import Known, known_of, on_boards
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.read_model import read_model
from fitgraph.registry.runtime import Runtime

_NOTHING: Final = Known({})


@dataclass(frozen=True, slots=True)
class Answers:
    """What the matcher said.

    Attributes:
        pairs: to be held against the linker.
        verdicts: of all models on all boards.
        failures: what is unsound already, in words.
    """

    pairs: tuple[Pair, ...]
    verdicts: Mapping[str, int]
    boards: int
    layouts: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is asked about: read out of the registry, as ``match`` reads it."""

    models: tuple[ModelNeeds, ...]
    boards: tuple[Board, ...]
    layouts: tuple[Board, ...]
    runtime: Runtime
    known: Known
    compiler: FitgraphCompiler


def ask(
    models: Sequence[ModelFile], footprints: Iterable[Footprint], seed: int, step: Step
) -> Answers:
    """Fills a registry with models, footprints and all boards, and asks.

    Args:
        models: that have footprints.
        seed: which boards are taken to the limit.
    """
    with tempfile.TemporaryDirectory(prefix="fitgraph-sound-") as folder:
        with open_registry(Path(folder)) as registry:
            step("filling a registry")
            _fill(registry, models, footprints)
            facts = _facts(registry, models)
            step("counting all pairs")
            counted = index_of(registry.store).count()
        pairs: list[Pair] = []
        failures: list[str] = []
        for number, model in enumerate(facts.models):
            step("asking the matcher", done=number, total=len(facts.models))
            found = list(_asked(facts, model, facts.layouts))
            failures += _unsound(facts, model, found)
            pairs += _pairs(facts, model, found)
            pairs += _limited(facts, model, random.Random(f"{seed} {model.sha256}"))
    verdicts = {str(verdict): n_pairs for verdict, n_pairs in counted.items()}
    n_boards, n_layouts = len(facts.boards), len(facts.layouts)
    return Answers(tuple(pairs), verdicts, n_boards, n_layouts, tuple(failures))


def _fill(registry: Registry, models: Iterable[ModelFile], footprints: Iterable[Footprint]) -> None:
    registry.add_runtime(fitgraph_c_runtime(TARGETS))
    registry.add_boards(builtin_boards())
    mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
    registry.add_device_catalogue(mcus, boards, lambda _done: None)
    for model in models:
        graph = read_model(model.path)
        registry.add_model(graph, model_facts(graph), model.path, model.name)
    for footprint in footprints:
        registry.add_footprint(footprint)


def _facts(registry: Registry, models: Iterable[ModelFile]) -> _Facts:
    paths = {one.sha256: one.path for one in models}
    boards = columns.boards(registry.store)
    layouts = distinct(one for one in boards if one.isa_class in TARGETS)
    return _Facts(
        models=columns.models(registry.store),
        boards=boards,
        layouts=layouts,
        runtime=columns.runtime(registry.store, RUNTIME_NAME),
        known=known_of(registry.store, RUNTIME_NAME),
        compiler=FitgraphCompiler(lambda sha256: read_model(paths[sha256])),
    )


def _asked(
    facts: _Facts, model: ModelNeeds, boards: Sequence[Board]
) -> Iterator[tuple[Board, Match]]:
    matches = on_boards(model, boards, facts.runtime, facts.known, facts.compiler)
    return zip(boards, matches, strict=True)


def _unsound(
    facts: _Facts, model: ModelNeeds, found: Sequence[tuple[Board, Match]]
) -> Iterator[str]:
    """What fits without a build for the class, and what no longer is a `no` after a build."""
    built = {one.isa_class for one in facts.known.footprints.get(model.sha256, ())}
    before = on_boards(model, facts.layouts, facts.runtime, _NOTHING, facts.compiler)
    for (board, after), early in zip(found, before, strict=True):
        where = f"{model.name} on {board.board_id}"
        if after.verdict is Verdict.FITS and board.isa_class not in built:
            yield f"{where}: fits, but nothing was built for {board.isa_class}"
        if early.verdict is Verdict.FITS:
            yield f"{where}: fits, but nothing was built"
        if is_no_for_memory(early) and after.verdict is not Verdict.NO:
            yield f"{where}: no before any build, {after.verdict} after it"


def _pairs(
    facts: _Facts, model: ModelNeeds, found: Iterable[tuple[Board, Match]]
) -> Iterator[Pair]:
    """What fits, and what does not for memory."""
    for board, match in found:
        yield from _pair(facts, model, Asked(board, Kind.AS_IT_IS), match)


def _limited(facts: _Facts, model: ModelNeeds, draw: random.Random) -> Iterator[Pair]:
    for footprint in facts.known.footprints.get(model.sha256, ()):
        boards = [one for one in facts.layouts if one.isa_class == footprint.isa_class]
        asked = list(at_the_limit(boards, footprint, draw))
        for one, (_, match) in zip(
            asked, _asked(facts, model, [one.board for one in asked]), strict=True
        ):
            yield from _pair(facts, model, one, match)


def _pair(facts: _Facts, model: ModelNeeds, asked: Asked, match: Match) -> Iterator[Pair]:
    board = asked.board
    is_built = any(
        one.isa_class == board.isa_class for one in facts.known.footprints.get(model.sha256, ())
    )
    if is_built and (match.verdict is Verdict.FITS or is_no_for_memory(match)):
        yield Pair(model.sha256, board, asked.kind, match.verdict)
