"""What was measured, as tables in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.anchors import CLASS_OF_CORE, FIGURES
from benchmarks.records import Build, Ratio, Report
from benchmarks.table import Cell, Column, Table
from fitgraph.registry.isa import ISA_CLASSES

_MODEL = Column("model")
_SECONDS = "{:.2f}"
_RATIO = "{:.2f}"
# How a figure is called in headings.
_WORDS = {
    "instructions": "instructions",
    "arena_bytes": "arena B",
    "code_bytes": "code B",
    "flash_bytes": "code and model B",
}


def tables(report: Report) -> list[Table]:
    """All that have a row."""
    isa_classes = [name for name in ISA_CLASSES if any(b.isa_class == name for b in report.builds)]
    cores = [core for core in CLASS_OF_CORE if any(one.core == core for one in report.ratios)]
    made = [
        *(_code(isa_class, report.builds) for isa_class in isa_classes),
        *(_against(core, report.ratios) for core in cores),
        _summary(report),
        _optimisations(report.optimisations),
        _build_time(report.builds),
        _ingest(report),
        _validations(report),
        _refusals(report),
    ]
    return [table for table in made if table.rows]


def _code(isa_class: str, builds: Iterable[Build]) -> Table:
    columns = (
        *(_MODEL, Column("MACs"), Column("instructions"), Column("per MAC", "{:.2f}")),
        *(Column("code B"), Column("weights B"), Column("arena B"), Column("lower bound B")),
        *(Column("gap B"), Column("stack B")),
    )
    rows = [
        (
            *(one.model, one.macs, one.instructions, one.instructions_per_mac),
            *(one.code_bytes, one.weights_bytes, one.arena_bytes, one.lower_bound_bytes),
            *(one.gap_bytes, one.stack_bytes),
        )
        for one in builds
        if one.isa_class == isa_class
    ]
    return Table(f"One inference on {isa_class}", columns, rows)


def _against(core: str, ratios: Sequence[Ratio]) -> Table:
    columns = [_MODEL]
    for figure in FIGURES:
        columns += [Column(_WORDS[figure]), Column("theirs"), Column("ratio", _RATIO)]
    by_model: dict[str, list[Cell]] = {}
    for one in ratios:
        if one.core == core:
            row = by_model.setdefault(one.model, [one.model])
            row += [one.ours, one.theirs, one.ratio]
    title = f"Beside TFLM with CMSIS-NN on {core} ({CLASS_OF_CORE[core]})"
    return Table(
        title,
        columns,
        list(by_model.values()),
        "Ratios are ours through theirs: above 1, ours is larger or slower.",
    )


def _summary(report: Report) -> Table:
    columns = (
        *(Column("core"), Column("figure"), Column("models"), Column("geometric mean", _RATIO)),
        *(Column("best", _RATIO), Column("worst", _RATIO), Column("worst model")),
    )
    rows = [
        (
            *(one.core, _WORDS[one.figure].removesuffix(" B"), one.n_models),
            *(one.geometric_mean, one.best, one.worst, one.worst_model),
        )
        for one in report.summaries
    ]
    return Table("Ratios to TFLM with CMSIS-NN, ours through theirs", columns, rows)


def _optimisations(builds: Sequence[Build]) -> Table:
    """Each pair of builds that differ in the compiler's flag only."""
    flags = list(dict.fromkeys(one.optimisation for one in builds))
    columns = [_MODEL, Column("ISA class")]
    for word in ("instructions", "code B"):
        columns += [*(Column(f"{word} {flag}") for flag in flags), Column("ratio", _RATIO)]
    pairs: dict[tuple[str, str], list[Build]] = {}
    for one in builds:
        pairs.setdefault((one.model, one.isa_class), []).append(one)
    rows = [
        (
            *(model, isa_class),
            *(first.instructions, second.instructions, second.instructions / first.instructions),
            *(first.code_bytes, second.code_bytes, second.code_bytes / first.code_bytes),
        )
        for (model, isa_class), (first, second) in pairs.items()
    ]
    return Table(f"Optimisation: {' against '.join(flags)}", columns, rows)


def _build_time(builds: Sequence[Build]) -> Table:
    """Of one ISA class: what differs between classes is the emulator's time."""
    stages = ("read", "generate", "compile", "link", "reference", "emulate", "total")
    columns = (_MODEL, *(Column(f"{stage} s", _SECONDS) for stage in stages))
    isa_class = _shown_class(builds)
    rows = [
        (one.model, *(getattr(one, f"{stage}_s") for stage in stages))
        for one in builds
        if one.isa_class == isa_class
    ]
    return Table(f"From model file to proven firmware on {isa_class}", columns, rows)


def _shown_class(builds: Sequence[Build]) -> str:
    """The class with most models."""
    classes = [one.isa_class for one in builds]
    return max(dict.fromkeys(classes), key=classes.count, default="")


def _ingest(report: Report) -> Table:
    columns = (
        *(_MODEL, Column("format"), Column("file B")),
        *(Column(f"{stage} ms", "{:.0f}") for stage in ("read", "facts", "store", "total")),
        *(Column("open ms", "{:.0f}"), Column("peak MB", "{:.0f}")),
    )
    rows = [
        (
            *(one.model, one.model_format, one.file_bytes),
            *(one.read_ms, one.facts_ms, one.store_ms, one.total_ms),
            *(one.open_ms, one.peak_mb),
        )
        for one in report.ingest
    ]
    return Table("Ingest into a fresh registry", columns, rows)


def _validations(report: Report) -> Table:
    stages = ("read", "rules", "triples", "shapes", "total")
    columns = (
        *(Column("resource"), Column("document B"), Column("triples")),
        *(Column(f"{stage} ms", "{:.1f}") for stage in stages),
    )
    rows = [
        (
            *(one.resource, one.file_bytes or None, one.triples),
            *(getattr(one, f"{stage}_ms") for stage in stages),
        )
        for one in report.validations
    ]
    return Table("Validation of one resource", columns, rows)


def _refusals(report: Report) -> Table:
    rows = [(one.model, one.isa_class, one.reason) for one in report.refusals]
    return Table("Not measured", (_MODEL, Column("ISA class"), Column("reason")), rows)
