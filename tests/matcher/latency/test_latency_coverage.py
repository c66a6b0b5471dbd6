"""Estimates against what was published and counted: intervals hold boards that were left out."""

from __future__ import annotations

import csv
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.latency import coverage, left_out, main
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.latency.published import BENCHMARKS, published
from fitgraph.matcher.latency.timing import CalibratedTiming
from fitgraph.matcher.latency.work import work_of
from fitgraph.registry.board import Board
from fitgraph.registry.read_model import read_model

MHZ = 1_000_000
CORES = {
    "cortex-m0": ("armv6-m", "Cortex-M0", 1),
    "cortex-m4f": ("armv7e-m+fp", "Cortex-M4F", 1),
    "cortex-m7": ("armv7e-m+fp.dp", "Cortex-M7", 2),
    "cortex-m55": ("armv8.1-m.main+mve", "Cortex-M55", 2),
}
BOARD = Board("b", "B", "", "x", "", None, MHZ, ())


def test_nine_tenths_of_the_results_of_boards_left_out_are_within() -> None:
    """Fitted anew without each board, widths included."""
    latency, energy = left_out(published())
    assert len(latency) > 200
    assert len(energy) > 90
    assert coverage(latency) >= 0.9
    assert coverage(energy) >= 0.9


def test_intervals_are_narrow_enough_to_say_something() -> None:
    """Half of the middles are within 1.5 of what was published; intervals reach less than 3."""
    latency, _ = left_out(published())
    errors = sorted(max(one.ratio, 1 / one.ratio) for one in latency)
    assert errors[len(errors) // 2] < 1.5
    assert max(one.reach for one in latency) < 3


def test_the_document_has_the_figures_of_today(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written again, nothing changes."""
    document = repository / "docs" / "latency.md"
    copy = tmp_path / "latency.md"
    copy.write_bytes(document.read_bytes())
    monkeypatch.setattr("sys.argv", ["latency", "--document", str(copy)])
    assert main() == 0
    assert copy.read_text(encoding="utf-8") == document.read_text(encoding="utf-8")


def test_kept_results_are_those_that_were_published(shared_data: Path) -> None:
    """To four digits, every latency and energy, and no result of a microcontroller is lost."""
    with (shared_data / "mlperf_tiny.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["latency_ms"]]
    theirs = {
        (row["benchmark"], f"{float(row['latency_ms']):.4g}", _energy(row["energy_uJ"]))
        for row in rows
    }
    ours = {(one.benchmark, f"{one.latency_ms:.4g}", _energy(one.energy_uj)) for one in published()}
    assert ours <= theirs
    alone = [row for row in rows if "-M" in row["core"] and not row["accelerator"]]
    assert sum("-M" in one.core for one in published()) == len(alone)


def _energy(told: str | float | None) -> str:
    return f"{float(told):.4g}" if told else ""


def test_work_of_keyword_spotting_is_that_of_its_file(shared_data: Path) -> None:
    """Multiply-accumulates by kind, and values written."""
    (path,) = (shared_data / "models").glob("*kws_ref_model.tflite")
    assert work_of(read_model(path)) == BENCHMARKS["kws"]


def test_no_upper_end_is_below_what_counted_instructions_take(shared_data: Path) -> None:
    """A core ends one instruction in a cycle, or two; of TFLM with both kernel libraries."""
    files = [*shared_data.glob("reference_kg/models/*.tflite"), *shared_data.glob("models/*")]
    by_digest = {sha256(file.read_bytes()).hexdigest(): file for file in files}
    n_held = 0
    with (shared_data / "anchors.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = by_digest.get(row["sha256"])
            if path is None or row["core"] not in CORES or not row["runtime"].startswith("tflm"):
                continue
            _hold(row, path)
            n_held += 1
    assert n_held > 100


def _hold(row: dict[str, str], path: Path) -> None:
    isa_class, core, per_cycle = CORES[row["core"]]
    work = work_of(read_model(path))
    assert work is not None
    runtime = "tflm" if "reference" in row["runtime"] else "tflm+cmsis-nn"
    board = replace(BOARD, isa_class=isa_class, cpu_core=core)
    told = CalibratedTiming(lambda *_: work).latency_ms(
        ModelNeeds("m", row["sha256"]), board, runtime
    )
    assert told is not None
    assert told.high is not None
    least_ms = float(row["insns_per_inference"]) / per_cycle / MHZ * 1e3
    assert told.high >= least_ms, row["model"]
    assert told.low <= 4 * least_ms, row["model"]
