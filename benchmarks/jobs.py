"""Which model is built for which ISA classes, within minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from benchmarks.records import Build, Ingest, ModelFile
from fitgraph.compiler_bridge.toolchain.protocol import DEFAULT_OPTIMISATION

ISA_CLASSES = ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc")
QUICK_CLASSES = ("armv6-m", "armv7e-m+fp")

# A model with more work takes seconds a class to compile and to run, so it gets one.
LARGE_MACS = 5_000_000
LARGE_CLASSES = ("armv7e-m+fp",)

# Mostly depthwise, mostly convolution, mostly one large layer; ours where there is no shared data.
OPTIMISATION_MODELS = (
    "ARM_DS_CNN_Small",
    "ARM_CNN_Small_keyword_spotting",
    "Micro_Speech_Yes_No_1",
)
OPTIMISATION_EXAMPLES = ("digits_int8", "activity_int8", "anomaly_int8")
OPTIMISATION_CLASSES = ("armv6-m", "armv7e-m+fp")
OTHER_OPTIMISATION = "-O2"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for.

    Attributes:
        models: parts of names; all models where empty.
        isa_classes: for every model; a choice by the model's work where empty.
        quick: our own models on two classes, with one optimisation.
        full: all classes for large models, too.
    """

    models: tuple[str, ...] = ()
    isa_classes: tuple[str, ...] = ()
    quick: bool = False
    full: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A model to build for ISA classes."""

    model: ModelFile
    isa_classes: tuple[str, ...]
    macs: int
    optimisation: str = DEFAULT_OPTIMISATION


def main_jobs(models: Sequence[ModelFile], ingested: Iterable[Ingest], wishes: Wishes) -> list[Job]:
    """One job a model that was taken in."""
    known = {one.model: one for one in ingested}
    return [
        Job(model, _classes(known[model.name], wishes), macs=known[model.name].macs or 0)
        for model in models
        if model.name in known
    ]


def optimisation_jobs(jobs: Sequence[Job], wishes: Wishes) -> list[Job]:
    """A few of the jobs once more, with the other optimisation."""
    if wishes.quick:
        return []
    names = {job.model.name for job in jobs}
    wanted = OPTIMISATION_MODELS if names & set(OPTIMISATION_MODELS) else OPTIMISATION_EXAMPLES
    return [
        replace(
            job,
            isa_classes=tuple(c for c in job.isa_classes if c in OPTIMISATION_CLASSES),
            optimisation=OTHER_OPTIMISATION,
        )
        for job in jobs
        if job.model.name in wanted
    ]


def pairs(default: Sequence[Build], other: Sequence[Build]) -> tuple[Build, ...]:
    """Each build with the other optimisation, behind its counterpart with the default one."""
    by_key = {(one.model, one.isa_class): one for one in default}
    return tuple(
        build
        for one in other
        if (one.model, one.isa_class) in by_key
        for build in (by_key[one.model, one.isa_class], one)
    )


def left_out(jobs: Sequence[Job], builds: Iterable[Build], wishes: Wishes) -> tuple[str, ...]:
    """Sentences about models that could be built for more classes than they were."""
    if wishes.isa_classes:
        return ()
    built = {one.model for one in builds}
    fewer: dict[tuple[str, ...], list[str]] = {}
    for job in jobs:
        missing = tuple(name for name in _usual_classes(wishes) if name not in job.isa_classes)
        if missing and job.model.name in built:
            fewer.setdefault(missing, []).append(job.model.name)
    return tuple(
        f"Left out on {', '.join(missing)} for the time it takes (`--full` does it): "
        f"{', '.join(names)}."
        for missing, names in fewer.items()
    )


def _usual_classes(wishes: Wishes) -> tuple[str, ...]:
    return QUICK_CLASSES if wishes.quick else ISA_CLASSES


def _classes(ingested: Ingest, wishes: Wishes) -> tuple[str, ...]:
    if wishes.isa_classes:
        return wishes.isa_classes
    classes = _usual_classes(wishes)
    macs = ingested.macs or 0
    if not wishes.full and macs > LARGE_MACS:
        return LARGE_CLASSES
    return classes
