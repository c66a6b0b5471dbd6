"""Measures everything, on all cores, and says how far it is."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
)
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.anchors import Anchor, ratios, read_anchors, summarise
from benchmarks.in_worker import build, quantize, validate
from benchmarks.ingest import IngestFailedError, measure_ingest
from benchmarks.jobs import Job, Wishes, left_out, main_jobs, optimisation_jobs, pairs
from benchmarks.machine import describe_machine
from benchmarks.models import (
    collected_models,
    example_models,
    reference_models,
    select,
    shared_data,
    wake_word_models,
)
from benchmarks.records import Build, Ingest, ModelFile, Refusal, Report
from fitgraph.api.output import Step


@dataclass(frozen=True, slots=True)
class Found:
    """All models that could be measured.

    Attributes:
        notes: what is absent.
    """

    models: tuple[ModelFile, ...]
    anchors: tuple[Anchor, ...]
    notes: tuple[str, ...]


def collect(wishes: Wishes, step: Step) -> Report:
    """Measures what is wished.

    Raises:
        NoSuchModelError: no model has such a name.
        AnchorsError: the shared data's anchors are damaged.
        FitgraphError: one of our examples cannot be quantized.
    """
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="fitgraph-bench-") as folder, _workers() as pool:
        found = _find(shared_data(), wishes, pool, Path(folder), step)
        models = select(found.models, wishes.models)
        step("validating")
        validated = pool.submit(validate, None if wishes.quick else shared_data()).result()
        ingested, refused = _ingest(models, Path(folder) / "bytecode", step)
        jobs = main_jobs(models, ingested, wishes)
        builds, more_refused = _build(jobs, pool, step)
        others, _ = _build(optimisation_jobs(jobs, wishes), pool, step)
    found_ratios = ratios(builds, found.anchors)
    return Report(
        machine=machine,
        notes=(*found.notes, *left_out(jobs, builds, wishes)),
        ingest=tuple(ingested),
        builds=tuple(builds),
        refusals=(*refused, *more_refused),
        ratios=found_ratios,
        summaries=summarise(found_ratios),
        optimisations=pairs(builds, others),
        validations=tuple(validated),
    )


@contextmanager
def _workers() -> Iterator[Executor]:
    """Processes that start from nothing: this one has threads, and must stay small (ingest.py)."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        yield pool


def _find(data: Path | None, wishes: Wishes, pool: Executor, folder: Path, step: Step) -> Found:
    """Ours in float and int8, the installed package's, and those of the shared data."""
    floats = example_models()
    tasks = [pool.submit(quantize, one, folder) for one in floats]
    ours = [*floats, *_all(tasks, "quantizing our examples", step), *wake_word_models()]
    if wishes.quick:
        return Found(tuple(ours), (), ("Quick: only our models and the wake words.",))
    if data is None:
        note = (
            "There is no shared data, so only our models and the wake words are measured, and "
            "compared with nothing; FITGRAPH_SHARED_DATA names its folder."
        )
        return Found(tuple(ours), (), (note,))
    anchors = read_anchors(data / "anchors.csv")
    reference = reference_models(data)
    known = {one.sha256 for one in reference}
    names = {one.sha256: one.model for one in anchors if one.sha256 not in known}
    others = collected_models(data, names)
    absent = sorted(set(names.values()) - {one.name for one in others})
    notes = (f"The anchors have {', '.join(absent)}, whose file is absent.",) if absent else ()
    return Found((*ours, *reference, *others), anchors, notes)


def _ingest(
    models: Sequence[ModelFile], bytecode: Path, step: Step
) -> tuple[list[Ingest], list[Refusal]]:
    def attempt(model: ModelFile) -> Ingest | Refusal:
        try:
            return measure_ingest(model, bytecode)
        except IngestFailedError as error:
            return Refusal(model.name, "all", error.message)

    step("compiling Python")
    attempt(models[0])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        tasks = [threads.submit(attempt, model) for model in models]
        done = _all(tasks, "taking models into fresh registries", step)
    return (
        [one for one in done if isinstance(one, Ingest)],
        [one for one in done if isinstance(one, Refusal)],
    )


def _build(jobs: Sequence[Job], pool: Executor, step: Step) -> tuple[list[Build], list[Refusal]]:
    """Results in the order of the jobs; the work is begun with the largest models."""
    largest_first = sorted(jobs, key=lambda job: -job.macs)
    tasks = {job: pool.submit(build, job) for job in largest_first}
    _all(list(tasks.values()), "building, running and comparing", step)
    done = [one for job in jobs for one in tasks[job].result()]
    return (
        [one for one in done if isinstance(one, Build)],
        [one for one in done if isinstance(one, Refusal)],
    )


Result = TypeVar("Result")


def _all(tasks: Sequence[Future[Result]], what: str, step: Step) -> list[Result]:
    """Results in the order of the tasks; the first error ends the waiting."""
    step(what, done=0, total=len(tasks))
    for done, task in enumerate(as_completed(tasks), start=1):
        task.result()
        step(what, done=done, total=len(tasks))
    return [task.result() for task in tasks]
