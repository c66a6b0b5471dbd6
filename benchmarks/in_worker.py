"""What is done in processes of its own, without that the one that asks imports what they need."""

from __future__ import annotations

from pathlib import Path

from benchmarks.jobs import Job
from benchmarks.records import Build, ModelFile, Refusal, Validation


def quantize(model: ModelFile, folder: Path) -> ModelFile:
    """See ``measure.quantized``."""
    from benchmarks.measure import quantized  # noqa: PLC0415

    return quantized(model, folder)


def build(job: Job) -> list[Build | Refusal]:
    """See ``measure.measure_builds``."""
    from benchmarks.measure import measure_builds  # noqa: PLC0415

    return measure_builds(job.model, job.isa_classes, job.optimisation)


def validate(data: Path | None) -> list[Validation]:
    """See ``validation.measure_validations``."""
    from benchmarks.validation import measure_validations  # noqa: PLC0415

    return measure_validations(data)
