"""What is measured: one record a line of a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model to measure.

    Attributes:
        name: in tables; unique.
    """

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Ingest:
    """A model file on its way into a fresh registry.

    Attributes:
        macs: of one inference; None where the model does not say.
        read_ms: reading it in a process of its own, within limits.
        facts_ms: operators, MACs, parameters, peak.
        store_ms: validating, and writing triples and the file.
        total_ms: of these three; opening the registry is apart.
        open_ms: making the registry, once for all models of it.
        peak_mb: largest resident set of any of the processes, in 10^6 bytes.
    """

    model: str
    model_format: str
    file_bytes: int
    macs: int | None
    read_ms: float
    facts_ms: float
    store_ms: float
    total_ms: float
    open_ms: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Build:
    """A model compiled for an ISA class, run once and compared with its reference.

    Attributes:
        macs: None where the model does not say.
        instructions: of one inference, counted by the emulator.
        code_bytes: flash without weights: vectors, start-up, kernels, constants.
        weights_bytes: weights, biases and requantization tables.
        lower_bound_bytes: no arena with this operator order can be smaller, unless values share
            their place.
        gap_bytes: arena less lower bound; negative where values share their place.
        stack_bytes: deepest use seen and one exception frame.
        worst_difference: from the reference, over the outputs; LSB for integers.
        read_s: reading the file, here in the same process.
        reference_s: what the reference takes, for the same input.
        total_s: of all stages.
    """

    model: str
    sha256: str
    isa_class: str
    optimisation: str
    macs: int | None
    instructions: int
    instructions_per_mac: float | None
    code_bytes: int
    weights_bytes: int
    flash_bytes: int
    arena_bytes: int
    lower_bound_bytes: int
    gap_bytes: int
    stack_bytes: int
    worst_difference: float
    read_s: float
    generate_s: float
    compile_s: float
    link_s: float
    reference_s: float
    emulate_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model that cannot be measured on an ISA class, or on none (``isa_class`` is ``all``)."""

    model: str
    isa_class: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of ours beside the best of the anchors'.

    Attributes:
        figure: ``instructions``, ``arena_bytes``, ``code_bytes`` or ``flash_bytes``.
        ratio: ours through theirs: below 1 is better.
    """

    model: str
    core: str
    isa_class: str
    figure: str
    ours: int
    theirs: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All ratios of one figure on one core."""

    core: str
    figure: str
    n_models: int
    geometric_mean: float
    best: float
    worst: float
    worst_model: str


@dataclass(frozen=True, slots=True)
class Validation:
    """One resource on its way to the store's door; nothing is written.

    Attributes:
        resource: what it is.
        file_bytes: of its document; 0 where it is a record.
        triples: that it gives, with what the registry says of it.
        read_ms: bytes to JSON, within limits.
        rules_ms: the JSON Schema of TD 1.1 and the Recommendation's rules.
        triples_ms: to RDF, in the form in which it is kept.
        shapes_ms: the SHACL shapes of its kind.
        total_ms: of these.
    """

    resource: str
    file_bytes: int
    triples: int
    read_ms: float
    rules_ms: float
    triples_ms: float
    shapes_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run measured.

    Attributes:
        machine: what it ran on, name to value.
        notes: sentences about what was left out and why.
        optimisations: builds of a few models with each optimisation.
    """

    machine: dict[str, str]
    notes: tuple[str, ...]
    ingest: tuple[Ingest, ...]
    builds: tuple[Build, ...]
    refusals: tuple[Refusal, ...]
    ratios: tuple[Ratio, ...]
    summaries: tuple[Summary, ...]
    optimisations: tuple[Build, ...]
    validations: tuple[Validation, ...] = ()
