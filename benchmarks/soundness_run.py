"""Builds models, asks the matcher, and holds what it says against linker and emulator."""

from __future__ import annotations

import csv
import hashlib
import multiprocessing
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.models import (
    REPOSITORY,
    example_models,
    model_file,
    select,
    shared_data,
    wake_word_models,
)
from benchmarks.records import ModelFile
from benchmarks.soundness_ask import Answers, ask
from benchmarks.soundness_check import Checked, Unit, built, linked, ran
from benchmarks.soundness_kept import Done, gathered
from benchmarks.soundness_pairs import Kind, Pair, classes_for
from fitgraph.api.output import Step
from fitgraph.compiler_bridge.generate import generate
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.read_model import read_model

#: Firmwares that are run.
RUNS: Final = 300
SEED: Final = 20260101
#: Pairs that are held against the linker, of some 40,000.
PAIRS: Final = 12_000
# Results are kept for the same code; builds for the same C and what measures and lays it out.
_ROOMS: Final = ("registry", "matcher", "compiler_bridge")
_TOOLS: Final = (
    "matcher/placement.py",
    "compiler_bridge/build.py",
    "compiler_bridge/elf.py",
    "compiler_bridge/stack.py",
    "compiler_bridge/static_stack",
    "compiler_bridge/firmware",
    "compiler_bridge/toolchain",
    "compiler_bridge/emulators",
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is held against what.

    Attributes:
        models: parts of names; all models where empty.
        isa_classes: to build for; those of each model's size where empty.
        pairs: so many of the pairs, always the same ones; None for all.
        runs: of what fits.
    """

    models: tuple[str, ...] = ()
    isa_classes: tuple[str, ...] = ()
    pairs: int | None = PAIRS
    runs: int = RUNS


@dataclass(frozen=True, slots=True)
class Count:
    """Pairs of one kind, ISA class and verdict."""

    kind: str
    isa_class: str
    verdict: str
    pairs: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures.

    Attributes:
        refused: models that the compiler does not take, and why.
        verdicts: of all models on all boards, as the matcher says them.
        boards: of the registry; ``layouts`` of them have memory like no other's, and a class that
            there is a compiler for.
        checked: pairs that were linked.
        links: that were tried.
        runs: firmwares that ran and gave the reference's outputs.
        failures: verdicts that are not sound, in words.
    """

    machine: Mapping[str, str]
    models: int
    refused: Mapping[str, str]
    boards: int
    layouts: int
    verdicts: Mapping[str, int]
    checked: tuple[Count, ...]
    links: int
    runs: int
    failures: tuple[str, ...]
    seconds: float

    def pairs(self, kind: Kind | None = None) -> int:
        """Pairs that were linked, of one kind or of all."""
        return sum(one.pairs for one in self.checked if kind in (None, one.kind))


def soundness(wishes: Wishes, work: Path, step: Step) -> Report:
    """Builds, asks, links and runs; what the folder has of the same code is not done again.

    Raises:
        NoSuchModelError: no model has such a name.
    """
    started = time.perf_counter()
    with workers() as pool:
        told = told_of(wishes, work, pool, step)
        folder, answers = told.folder, told.answers
        pairs = _drawn(answers.pairs, wishes.pairs)
        code = _digest(_ROOMS)
        done = Done(folder / f"links-{code}.jsonl")
        links = _linked(told.units, pairs, done, pool, step)
        sample = _sample(pairs, wishes.runs)
        done = Done(folder / f"runs-{code}.jsonl")
        runs = _ran(told.models, folder, sample, done, pool, step)
    failures = [*answers.failures, *told.unbuilt]
    failures += [f"{one.key}: {one.failure}" for one in (*links, *runs) if one.failure]
    return Report(
        machine=describe_machine(),
        models=len(told.models),
        refused=told.refused,
        boards=answers.boards,
        layouts=answers.layouts,
        verdicts=answers.verdicts,
        checked=_counts(pairs),
        links=sum(one.links for one in links),
        runs=sum(not one.failure for one in runs),
        failures=tuple(failures),
        seconds=round(time.perf_counter() - started, 1),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What was built, and what the matcher said of it.

    Attributes:
        folder: with the builds of this state of the code.
        models: that the compiler takes.
        refused: others, and why.
        footprints: of the builds.
        unbuilt: what the compiler took and yet did not build, in words.
    """

    folder: Path
    models: tuple[ModelFile, ...]
    refused: Mapping[str, str]
    units: tuple[Unit, ...]
    footprints: tuple[Footprint, ...]
    unbuilt: tuple[str, ...]
    answers: Answers


def told_of(wishes: Wishes, work: Path, pool: Executor, step: Step) -> Told:
    """Builds what is wished, unless that was done before, and asks the matcher about it."""
    folder = work / _digest(_TOOLS)
    folder.mkdir(parents=True, exist_ok=True)
    accepted, refused = _accepted(select(every_model(), wishes.models), step)
    units = _units(accepted, wishes, folder)
    footprints, unbuilt = _builds(units, pool, step)
    step("asking the matcher")
    answers = ask(list(accepted), footprints, SEED, step)
    return Told(
        folder, tuple(accepted), refused, tuple(units), tuple(footprints), tuple(unbuilt), answers
    )


def every_model() -> list[ModelFile]:
    """Our examples, an installed package's, all networks of the shared data; each file once."""
    found = [*example_models(), *wake_word_models()]
    data = shared_data()
    if data is not None:
        with (data / "models" / "manifest.csv").open(newline="", encoding="utf-8") as file:
            files = [row["file"] for row in csv.DictReader(file) if row["kind"] == "network"]
        found += [model_file(data / "models" / one, _short(one)) for one in files]
        found += [model_file(one, one.stem) for one in _reference_files(data)]
    by_digest = {one.sha256: one for one in reversed(found)}
    return sorted(by_digest.values(), key=lambda one: (one.name, one.sha256))


def _reference_files(data: Path) -> list[Path]:
    return sorted((data / "reference_kg" / "models").glob("*.tflite"))


def _short(name: str) -> str:
    """``person_detect-808cfdfc`` for a file whose name begins with where it comes from."""
    digest, _, rest = Path(name).stem.partition("__")[2].partition("_")
    return f"{rest}-{digest}"


def _accepted(
    models: Iterable[ModelFile], step: Step
) -> tuple[dict[ModelFile, int | None], dict[str, str]]:
    """What the compiler takes, with its multiply-accumulates; why it takes nothing else."""
    accepted: dict[ModelFile, int | None] = {}
    refused: dict[str, str] = {}
    for model in models:
        step(f"reading {model.name}")
        try:
            graph = read_model(model.path)
            generate(graph)
        except FitgraphError as error:
            refused[model.name] = error.message
        else:
            accepted[model] = model_facts(graph).macs
    return accepted, refused


def _units(accepted: Mapping[ModelFile, int | None], wishes: Wishes, folder: Path) -> list[Unit]:
    """The largest models first: who waits for them at the end waits long."""
    by_size = sorted(accepted, key=lambda one: -(accepted[one] or 0))
    return [
        Unit(model, isa_class, folder)
        for model in by_size
        for isa_class in classes_for(accepted[model])
        if not wishes.isa_classes or isa_class in wishes.isa_classes
    ]


def _builds(units: Sequence[Unit], pool: Executor, step: Step) -> tuple[list[Footprint], list[str]]:
    """Footprints, and what was accepted and yet cannot be built."""
    found = gathered("building", {one: pool.submit(built, one) for one in units}, step)
    names = {one: f"{one.model.name} on {one.isa_class}" for one in units}
    return (
        [one for one in found.values() if isinstance(one, Footprint)],
        [f"{names[unit]}: {one}" for unit, one in found.items() if isinstance(one, str)],
    )


def _drawn(pairs: Sequence[Pair], most: int | None) -> list[Pair]:
    """All, or some in which no kind, class or verdict is left out: half of boards as they are."""
    if most is None or most >= len(pairs):
        return list(pairs)

    def some(n_pairs: int, *, as_it_is: bool) -> list[Pair]:
        these = (one for one in pairs if (one.kind is Kind.AS_IT_IS) is as_it_is)
        return _spread(these, n_pairs, lambda one: (one.kind, one.isa_class, one.verdict))

    return some(most // 2, as_it_is=True) + some(most - most // 2, as_it_is=False)


def _sample(pairs: Iterable[Pair], runs: int) -> list[Pair]:
    """Some of what fits, over as many models and classes as may be."""
    fitting = [one for one in pairs if one.verdict is Verdict.FITS]
    return _spread(fitting, runs, lambda one: (one.sha256, one.isa_class))


def _spread(pairs: Iterable[Pair], most: int, group: Callable[[Pair], object]) -> list[Pair]:
    """One of each group in turn, in an order that only their keys decide."""
    groups: dict[object, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda one: _shuffled(one.key)):
        groups[group(pair)].append(pair)
    ordered = sorted(
        (number, _shuffled(pair.key), index)
        for index, members in enumerate(groups.values())
        for number, pair in enumerate(members)
    )
    members = list(groups.values())
    return [members[index][number] for number, _, index in ordered[:most]]


def _shuffled(key: str) -> str:
    return hashlib.sha256(f"{SEED} {key}".encode()).hexdigest()


def _linked(
    units: Iterable[Unit], pairs: Iterable[Pair], done: Done, pool: Executor, step: Step
) -> list[Checked]:
    wanted = list(pairs)
    by_unit: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in wanted:
        if pair.key not in done.known:
            by_unit[pair.sha256, pair.isa_class].append(pair)
    tasks = {
        unit: pool.submit(linked, unit, by_unit[unit.model.sha256, unit.isa_class])
        for unit in units
        if (unit.model.sha256, unit.isa_class) in by_unit
    }
    gathered("linking", tasks, step, done.add)
    return [done.known[one.key] for one in wanted]


def _ran(
    models: Iterable[ModelFile],
    folder: Path,
    sample: Iterable[Pair],
    done: Done,
    pool: Executor,
    step: Step,
) -> list[Checked]:
    wanted = list(sample)
    by_model: dict[str, list[Pair]] = defaultdict(list)
    for pair in wanted:
        if pair.key not in done.known:
            by_model[pair.sha256].append(pair)
    tasks = {
        model: pool.submit(ran, model, folder, by_model[model.sha256])
        for model in models
        if model.sha256 in by_model
    }
    gathered("running a sample", tasks, step, done.add)
    return [done.known[one.key] for one in wanted]


def _counts(pairs: Iterable[Pair]) -> tuple[Count, ...]:
    counted = Counter((one.kind, one.isa_class, one.verdict) for one in pairs)
    return tuple(Count(*key, n_pairs) for key, n_pairs in sorted(counted.items()))


@contextmanager
def workers() -> Iterator[Executor]:
    """Processes that start from nothing: this one has threads."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        yield pool


def _digest(names: Iterable[str]) -> str:
    """Of files, and of all files in folders."""
    found = hashlib.sha256()
    for name in names:
        top = REPOSITORY / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
