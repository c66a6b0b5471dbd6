"""The benchmarks read others' figures right, compare them right, and run."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import catalogue, every_anchor
from benchmarks.anchors import (
    FIGURES,
    AnchorsError,
    geometric_mean,
    ratios,
    read_anchors,
    read_rows,
    summarise,
)
from benchmarks.jobs import ISA_CLASSES, LARGE_MACS, QUICK_CLASSES, Wishes, main_jobs
from benchmarks.models import NoSuchModelError, select
from benchmarks.records import Build, Ingest, ModelFile, Report
from benchmarks.report import MARKER, NoMarkerError, write_csv, write_document

HEADER = (
    "model,sha256,macs,runtime,core,flags,insns_per_inference,insns_per_mac,arena_bytes,"
    "code_flash_bytes,model_bytes,bss_bytes,stack_bytes"
)
BUILDS = (
    'net,aa,100,tflm+cmsis-nn,cortex-m4f,"-O2, fast",1000,10,640,9000,400,5,6',
    'net,aa,100,tflm+cmsis-nn,cortex-m4f,"-Ofast",900,9,640,9100,400,5,6',
    "net,aa,100,tflm+cmsis-nn (INT8-only registrations),cortex-m4f,-O2,1001,10,640,5000,400,5,6",
    "net,aa,100,tflm reference,cortex-m4f,-O2,10,1,10,10,400,5,6",
    "net,aa,100,tflm+cmsis-nn,cortex-m0,-O2,4000,40,600,9500,400,5,6",
    "other,bb,100,TinyEngine,cortex-m4f,-O2,10,1,10,10,400,5,6",
)


def anchors_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "anchors.csv"
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


def build(model: str = "net", sha256: str = "aa", **given_figures: Any) -> Build:
    """A build with 1 everywhere but where something else is given."""
    figures: dict[str, Any] = {field.name: 1 for field in fields(Build)}
    figures |= {"isa_class": "armv7e-m+fp", "optimisation": "-Os"}
    return Build(**{**figures, "model": model, "sha256": sha256, **given_figures})


def ingest(macs: int) -> Ingest:
    return Ingest("net", "tflite", 10, macs, 1.0, 1.0, 1.0, 3.0, 1.0, 80.0)


def report(*builds: Build) -> Report:
    return Report({"processor": "one"}, ("A note.",), (), builds, (), (), (), ())


def classes(one: Ingest, wishes: Wishes) -> tuple[str, ...]:
    (job,) = main_jobs([ModelFile("net", Path("net.tflite"), "aa")], [one], wishes)
    return job.isa_classes


def test_an_anchor_is_the_best_of_its_runtimes_builds_figure_by_figure(tmp_path: Path) -> None:
    on_m4, on_m0 = read_anchors(anchors_file(tmp_path, *BUILDS))
    assert (on_m4.core, on_m4.instructions, on_m4.arena_bytes) == ("cortex-m4f", 900, 640)
    assert (on_m4.code_bytes, on_m4.flash_bytes, on_m4.int8_only) == (5000, 5400, True)
    assert (on_m0.core, on_m0.instructions, on_m0.int8_only) == ("cortex-m0", 4000, False)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (BUILDS[0].replace(",1000,", ",many,"), "line 2: insns_per_inference is 'many'"),
        (BUILDS[0].replace(",640,", ",0,"), "line 2: arena_bytes is '0'"),
        (BUILDS[0].replace(",1000,", ",,"), "line 2 has no insns_per_inference"),
        ("net,aa,100,tflm+cmsis-nn,cortex-m4f", "line 2 has no insns_per_inference"),
    ],
)
def test_a_figure_that_is_none_is_refused_with_its_line(
    tmp_path: Path, line: str, complaint: str
) -> None:
    with pytest.raises(AnchorsError, match=complaint):
        read_anchors(anchors_file(tmp_path, line))


def test_a_file_without_a_column_or_that_is_absent_is_refused(tmp_path: Path) -> None:
    path = anchors_file(tmp_path, *BUILDS, header=HEADER.replace("core", "kernel"))
    with pytest.raises(AnchorsError, match="has no core"):
        read_anchors(path)
    with pytest.raises(AnchorsError, match="cannot be read"):
        read_anchors(tmp_path / "absent.csv")


def test_the_shared_anchors_are_read_as_their_description_says(shared_data: Path) -> None:
    anchors = read_anchors(shared_data / "anchors.csv")
    by_key = {(one.model, one.core): one for one in anchors}
    keywords = by_key["kws_ref_model", "cortex-m4f"]
    assert keywords.instructions == pytest.approx(7_696_960, abs=200)
    assert keywords.arena_bytes == 22_832
    assert keywords.code_bytes == pytest.approx(52_640, abs=16)
    assert by_key["kws_ref_model", "cortex-m0"].instructions == pytest.approx(29.0e6, rel=0.01)


def test_only_the_same_file_on_the_same_class_is_compared(tmp_path: Path) -> None:
    anchors = read_anchors(anchors_file(tmp_path, *BUILDS))
    builds = [
        build(instructions=1800, arena_bytes=320, code_bytes=500, flash_bytes=540),
        build(isa_class="rv32imc"),
        build(sha256="bb"),
    ]
    found = ratios(builds, anchors)
    assert [one.figure for one in found] == list(FIGURES)
    assert [one.ratio for one in found] == [2.0, 0.5, 0.1, 0.1]
    assert {one.core for one in found} == {"cortex-m4f"}


def test_a_summary_has_the_mean_and_the_worst_of_a_figure_on_a_core(tmp_path: Path) -> None:
    lines = [line.replace(",aa,", f",{name},") for line in BUILDS for name in ("aa", "cc")]
    anchors = read_anchors(anchors_file(tmp_path, *lines))
    builds = [build(instructions=1800), build("slow", "cc", instructions=7200)]
    first, *others = summarise(ratios(builds, anchors))
    assert (first.figure, first.n_models, first.worst_model) == ("instructions", 2, "slow")
    assert (first.best, first.worst) == (2.0, 8.0)
    assert first.geometric_mean == pytest.approx(4.0)
    assert [one.figure for one in others] == list(FIGURES[1:])


RATIOS = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40)


@given(RATIOS)
def test_the_geometric_mean_lies_among_its_values_and_turns_over_with_them(
    values: list[float],
) -> None:
    mean = geometric_mean(values)
    assert min(values) <= mean * (1 + 1e-9)
    assert mean <= max(values) * (1 + 1e-9)
    assert geometric_mean([1 / value for value in values]) == pytest.approx(1 / mean)


@pytest.mark.parametrize("values", [[], [1.0, 0.0], [-1.0]])
def test_the_geometric_mean_of_nothing_or_of_what_is_not_positive_is_refused(
    values: list[float],
) -> None:
    with pytest.raises(ValueError, match="positive"):
        geometric_mean(values)


def test_large_models_get_one_class_unless_everything_is_asked_for() -> None:
    assert classes(ingest(1000), Wishes()) == ISA_CLASSES
    assert classes(ingest(1000), Wishes(quick=True)) == QUICK_CLASSES
    assert classes(ingest(LARGE_MACS + 1), Wishes()) == ("armv7e-m+fp",)
    assert classes(ingest(LARGE_MACS + 1), Wishes(full=True)) == ISA_CLASSES


def test_classes_that_the_user_names_hold_for_every_model() -> None:
    wishes = Wishes(isa_classes=("rv32imc",))
    assert classes(ingest(LARGE_MACS + 1), wishes) == ("rv32imc",)


def test_models_are_chosen_by_parts_of_their_names() -> None:
    models = [ModelFile(name, Path(name), name) for name in ("digits", "digits_int8", "Move")]
    assert [one.name for one in select(models, ["DIGITS"])] == ["digits", "digits_int8"]
    assert select(models, []) == models
    with pytest.raises(NoSuchModelError, match="'speech'"):
        select(models, ["move", "speech"])


def test_a_document_keeps_what_stands_above_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.md"
    path.write_text(f"# Ours\n\n{MARKER}\n\nold\n")
    write_document(report(build()), path)
    first = path.read_text()
    assert first.startswith(f"# Ours\n\n{MARKER}\n\nMeasured on: processor one.\n\nA note.\n")
    assert "### One inference on armv7e-m+fp\n\n| model | MACs |" in first
    assert "old" not in first
    write_document(report(build()), path)
    assert path.read_text() == first


def test_a_document_without_a_place_for_figures_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "prose.md"
    path.write_text("# Prose\n")
    with pytest.raises(NoMarkerError):
        write_document(report(), path)
    assert path.read_text() == "# Prose\n"


def test_a_csv_file_has_the_records_fields_as_header(tmp_path: Path) -> None:
    files = {path.stem: path for path in write_csv(report(build()), tmp_path / "new")}
    with files["builds"].open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == [field.name for field in fields(Build)]
    assert (row["model"], row["instructions"]) == ("net", "1")
    assert files["ingest"].read_text().startswith("model,model_format,file_bytes,macs")


def test_a_quick_run_measures_one_of_our_examples(repository: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.run", "--quick", "--json", "--model"]
    done = subprocess.run(
        [*command, "anomaly_int8"], capture_output=True, text=True, check=False, cwd=repository
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == [field.name for field in fields(Report)]
    (taken_in,) = found["ingest"]
    assert (taken_in["model"], taken_in["macs"]) == ("anomaly_int8", 17_920)
    assert 10 < taken_in["peak_mb"] < 1000
    assert [one["isa_class"] for one in found["builds"]] == list(QUICK_CLASSES)
    for one in found["builds"]:
        assert list(one) == [field.name for field in fields(Build)]
        assert one["instructions"] > one["macs"]
        assert one["worst_difference"] == 0
        assert one["flash_bytes"] == one["code_bytes"] + one["weights_bytes"]
        assert one["gap_bytes"] == one["arena_bytes"] - one["lower_bound_bytes"]


def test_an_unknown_model_ends_with_one_sentence(repository: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.run", "--quick", "--model", "speech_of_geese"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=repository)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("there is no model 'speech_of_geese' to measure")
    assert done.stderr.count("\n") == 1


def test_the_documentation_explains_every_column_that_it_shows(repository: Path) -> None:
    text = (repository / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    prose, _, figures = text.partition(MARKER)
    headers = re.findall(r"^\| (.+) \|\n\| -", figures, re.MULTILINE)
    shown = {cell for header in headers for cell in header.split(" | ")}
    assert shown
    assert not [heading for heading in shown if f"`{heading}`" not in prose]


def test_loading_the_catalogue_is_measured_in_a_process_of_its_own() -> None:
    found = catalogue.measure(few=3)
    assert found.n_resources == 6
    assert found.n_triples > 60
    assert 0 < found.read_s + found.write_s <= found.wall_s
    assert found.peak_mb > 20


def test_every_row_of_the_anchors_stands_beside_our_figure(tmp_path: Path) -> None:
    """Rows of all runtimes as they are, with the line that they come from."""
    rows = read_rows(anchors_file(tmp_path, *BUILDS))
    found = every_anchor.pairs(rows, [build(instructions=450, arena_bytes=320, code_bytes=500)])
    first = [one for one in found if one.line == 2]
    assert [(one.figure, one.ours, one.theirs, one.ratio) for one in first] == [
        ("instructions", 450, 1000, 0.45),
        ("arena_bytes", 320, 640, 0.5),
        ("code_bytes", 500, 9000, 500 / 9000),
    ]
    assert {one.runtime for one in found} >= {"tflm reference", "TinyEngine"}
    assert all(one.ours is None for one in found if one.model == "other")


def test_the_rows_of_a_runtime_are_summed_up_by_core(tmp_path: Path) -> None:
    rows = read_rows(anchors_file(tmp_path, *BUILDS))
    found = every_anchor.summarise(every_anchor.pairs(rows, [build(instructions=450)]))
    (mine,) = (
        one
        for one in found
        if (one.runtime, one.core, one.figure) == ("tflm+cmsis-nn", "cortex-m4f", "instructions")
    )
    assert (mine.n_rows, mine.worst, mine.worst_model) == (2, 0.5, "net")
    assert mine.geometric_mean == pytest.approx((0.45 * 0.5) ** 0.5)
    assert mine.median == pytest.approx(0.475)
    assert not any(one.runtime == "TinyEngine" for one in found)


def test_the_summary_goes_between_the_two_marks_of_a_document(tmp_path: Path) -> None:
    rows = read_rows(anchors_file(tmp_path, *BUILDS))
    found = every_anchor.pairs(rows, [build()])
    made = every_anchor.AnchorReport(found, every_anchor.summarise(found), ())
    path = tmp_path / "doc.md"
    path.write_text(f"before\n{every_anchor.MARKER}\nold\n{every_anchor.MARKER}\nafter\n")
    every_anchor.write_document(made, path)
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| tflm+cmsis-nn | cortex-m4f | instructions |" in text
    path.write_text("no marks")
    with pytest.raises(AnchorsError, match="no two lines"):
        every_anchor.write_document(made, path)
