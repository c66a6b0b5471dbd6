"""Footprints under TFLM: never below what was measured on a core, and close to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.cmsis_nn.scratch import Extension
from fitgraph.compiler_bridge.reference.tflm_arena import measure_arena
from fitgraph.compiler_bridge.tflm.arena_bound import CMSIS_NN, PORTABLE, arena_bound
from fitgraph.compiler_bridge.tflm.cmsis_nn_scratch import (
    kept_bytes,
    portable_blocks,
    scratch_blocks,
)
from fitgraph.compiler_bridge.tflm.code_size import code_size
from fitgraph.compiler_bridge.tflm.footprints import NoFootprintError, footprint_of
from fitgraph.compiler_bridge.tflm.greedy_plan import Buffer, head_bytes, planned_buffers
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor
from fitgraph.registry.read_model import read_model

CORES = {
    "cortex-m0": "armv6-m",
    "cortex-m4f": "armv7e-m+fp",
    "cortex-m7": "armv7e-m+fp.dp",
    "cortex-m55": "armv8.1-m.main+mve",
}
RUNTIMES = {"tflm reference": PORTABLE, "tflm+cmsis-nn": CMSIS_NN}
# The median of all bounds is at most so much above what is needed.
MEDIAN = 1.15

buffers = st.lists(
    st.builds(
        lambda blocks, first, length: Buffer(16 * blocks, first, first + length),
        st.integers(1, 40),
        st.integers(0, 8),
        st.integers(0, 8),
    ),
    max_size=12,
)


@dataclass(frozen=True, slots=True)
class Need:
    """An arena that a model was measured to need on a core, and its code."""

    sha256: str
    runtime: str
    isa_class: str
    arena_bytes: int
    code_bytes: int


@pytest.fixture(scope="module")
def needs(shared_data: Path) -> tuple[Need, ...]:
    """Everything that was measured of models that are there."""
    there = model_paths(shared_data)
    return tuple(
        one for one in (*_truth(shared_data), *_anchors(shared_data)) if one.sha256 in there
    )


def _truth(shared_data: Path) -> Iterator[Need]:
    text = (shared_data / "reference_kg" / "truth.json").read_text(encoding="utf-8")
    for model in json.loads(text):
        shown = model.get("tflm_cortex_m4") or {}
        for key, runtime in (("ref_kernels", PORTABLE), ("cmsis_nn", CMSIS_NN)):
            arena_bytes = shown.get(key, {}).get("min_arena")
            if arena_bytes is not None:
                yield Need(model["sha256"], runtime, "armv7e-m+fp", arena_bytes, 0)


def _anchors(shared_data: Path) -> Iterator[Need]:
    with (shared_data / "anchors.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["runtime"] in RUNTIMES:
                yield Need(
                    row["sha256"],
                    RUNTIMES[row["runtime"]],
                    CORES[row["core"]],
                    int(row["arena_bytes"]),
                    int(row["code_flash_bytes"]),
                )


@cache
def model_paths(shared_data: Path) -> dict[str, Path]:
    """TFLite files by their digest."""
    folders = (shared_data / "reference_kg" / "models", shared_data / "models")
    return {
        sha256(path.read_bytes()).hexdigest(): path
        for folder in folders
        for path in folder.glob("*.tflite")
    }


@cache
def measured(path: Path) -> tuple[ModelGraph, Measurement]:
    """The graph and what the interpreter of this machine needs."""
    graph = read_model(path)
    return graph, measure_arena(path.read_bytes(), graph.sha256)


def test_no_bound_is_below_a_measured_need_and_the_median_is_close(
    shared_data: Path, needs: tuple[Need, ...]
) -> None:
    """Some 130 measurements: portable kernels and CMSIS-NN's on Cortex-M0, M4F, M7 and M55."""
    paths, ratios = model_paths(shared_data), []
    for need in needs:
        graph, found = measured(paths[need.sha256])
        bound, reason = arena_bound(graph, found, need.runtime, need.isa_class)
        assert bound is not None, reason
        assert bound >= need.arena_bytes, (graph.name, need)
        ratios.append(bound / need.arena_bytes)
    assert len(ratios) > 100
    assert {(one.runtime, one.isa_class) for one in needs} == {
        (runtime, isa) for runtime in RUNTIMES.values() for isa in CORES.values()
    }
    assert median(ratios) <= MEDIAN


def test_the_estimate_of_the_code_is_near_what_was_linked(
    shared_data: Path, needs: tuple[Need, ...]
) -> None:
    paths = model_paths(shared_data)
    linked: dict[tuple[str, str], int] = {}
    for need in needs:
        if need.code_bytes and need.isa_class == "armv7e-m+fp":
            key = (need.sha256, need.runtime)
            linked[key] = max(linked.get(key, 0), need.code_bytes)
    assert len(linked) > 40
    for (digest, runtime), n_bytes in linked.items():
        operators = [op.op_type for op in read_model(paths[digest]).operators]
        told = code_size(operators, runtime, "armv7e-m+fp")
        assert told.unmeasured == ()
        assert 0.98 <= told.n_bytes / n_bytes <= 1.05


def test_what_tflm_refuses_has_no_footprint_and_says_why(shared_data: Path) -> None:
    """A uint8 model, whose operators are all on TFLM's list."""
    path = shared_data / "reference_kg" / "models" / "Person_Detection.tflite"
    graph, found = measured(path)
    with pytest.raises(NoFootprintError, match="has no bound") as caught:
        footprint_of(graph, found, PORTABLE, "armv7e-m+fp")
    assert found.refusal in caught.value.message


def test_a_footprint_says_which_of_its_figures_is_a_bound(shared_data: Path) -> None:
    path = shared_data / "reference_kg" / "models" / "ARM_CNN_Small_keyword_spotting.tflite"
    graph, found = measured(path)
    footprint = footprint_of(graph, found, CMSIS_NN, "armv7e-m+fp")
    assert footprint.evidence is Evidence.ESTIMATE
    assert footprint.arena_evidence is Evidence.BOUND
    assert 16_192 <= footprint.arena_bytes < 1.15 * 16_192
    assert footprint.flash_bytes >= footprint.weights_bytes + footprint.code_bytes
    assert footprint.weights_bytes == len(path.read_bytes())


def test_the_plan_of_the_reference_models_is_the_interpreters(shared_data: Path) -> None:
    """Bytes of the planned part, as the interpreter prints them."""
    text = (shared_data / "reference_kg" / "truth.json").read_text(encoding="utf-8")
    heads = {
        model["sha256"]: model["tflm_x86_64"]["head"]
        for model in json.loads(text)
        if "head" in (model.get("tflm_x86_64") or {})
    }
    assert len(heads) > 20
    for digest, head in heads.items():
        graph = read_model(model_paths(shared_data)[digest])
        assert head_bytes(planned_buffers(graph)) == head, graph.name


@given(buffers)
def test_a_plan_holds_all_that_is_needed_at_once_and_no_more_than_all(found: list[Buffer]) -> None:
    total = head_bytes(found)
    moments = range(20)
    live = [sum(b.n_bytes for b in found if b.first <= now <= b.last) for now in moments]
    assert max(live) <= total <= sum(b.n_bytes for b in found)


def test_an_operator_without_a_formula_leaves_the_bound_open() -> None:
    """Products of matrices with more than four dimensions are not taken by CMSIS-NN's kernel."""
    graph = _one_operator("BATCH_MATMUL", (1, 2, 2, 4, 8), (1, 2, 2, 8, 4), (1, 2, 2, 4, 4))
    assert scratch_blocks(graph, graph.operators[0], Extension.DSP) is None
    run = Measurement("0" * 64, PORTABLE, "x86-64", "test", 4096)
    bound, reason = arena_bound(graph, run, CMSIS_NN, "armv7e-m+fp")
    assert bound is None
    assert "BATCH_MATMUL" in reason
    assert arena_bound(graph, run, PORTABLE, "armv7e-m+fp")[0] is not None


def test_scratch_of_layers_that_turn_a_convolution_round() -> None:
    """Rows of sums, or columns and the turned filter; the portable kernel has a sum an output."""
    for step, blocks in ((2, (4 * 9 * 32, 4 * 9 * 32)), (3, (4 * (7 * 3 + 3) * 12,))):
        graph = _transposed(step)
        (operator,) = graph.operators
        assert scratch_blocks(graph, operator, Extension.DSP) == blocks
        assert portable_blocks(graph, operator) == (4 * (8 * step) ** 2 * 4,)
        helium = scratch_blocks(graph, operator, Extension.MVE)
        assert helium is not None
        assert sum(helium) >= sum(blocks)


def test_scratch_and_sums_of_recurrent_layers_and_products() -> None:
    product = _one_operator("BATCH_MATMUL", (1, 6, 8), (1, 8, 5), (1, 6, 5))
    (one,) = product.operators
    assert scratch_blocks(product, one, Extension.MVE) == (24,)
    assert scratch_blocks(product, one, Extension.DSP) == (0,)
    filters = _one_operator("SVDF", (1, 8), (12, 8), (1, 4))
    (one,) = filters.operators
    assert kept_bytes(filters, one, Extension.MVE) == (16, 48)
    assert kept_bytes(filters, one, Extension.DSP) == (16,)
    gates = _lstm_of(batch=2, states=20)
    (one,) = gates.operators
    assert scratch_blocks(gates, one, Extension.DSP) == (3 * 2 * 2 * 20,)
    assert kept_bytes(gates, one, Extension.DSP) == (256, *[80] * 8)


@pytest.mark.parametrize("name", ["transpose_conv1", "trained_lstm_int8"])
def test_a_bound_with_cmsis_nn_is_told_of_such_models_and_no_smaller_than_the_portable_one(
    shared_data: Path, name: str
) -> None:
    (path,) = (shared_data / "models").glob(f"*_{name}.tflite")
    graph, found = measured(path)
    portable, _ = arena_bound(graph, found, PORTABLE, "armv7e-m+fp")
    for isa_class in ("armv6-m", "armv7e-m+fp", "armv8.1-m.main+mve"):
        bound, reason = arena_bound(graph, found, CMSIS_NN, isa_class)
        assert bound is not None, reason
        assert portable is not None
        assert portable < bound


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(1, 64), st.integers(1, 64),
    st.sampled_from(sorted(Extension, key=str)),
)  # fmt: skip
def test_more_channels_never_ask_for_less_scratch(
    height: int, width: int, channels: int, outputs: int, extension: Extension
) -> None:
    def asked(n_channels: int) -> int:
        graph = _one_operator(
            "CONV_2D", (1, 16, 16, n_channels), (outputs, height, width, n_channels),
            (1, 8, 8, outputs),
        )  # fmt: skip
        found = scratch_blocks(graph, graph.operators[0], extension)
        assert found is not None
        return sum(found)

    for fewer, more in pairwise(sorted({1, channels, 2 * channels})):
        assert asked(fewer) <= asked(more)


def test_pointers_save_nothing_on_a_machine_whose_width_is_not_known() -> None:
    graph = _one_operator("ADD", (1, 8), (1, 8), (1, 8))
    wide = Measurement("0" * 64, PORTABLE, "x86-64", "test", 4096)
    bound, _ = arena_bound(graph, replace(wide, machine="unknown"), PORTABLE, "armv7-m")
    assert bound == 4096
    narrower, _ = arena_bound(graph, wide, PORTABLE, "armv7-m")
    assert narrower is not None
    assert narrower < 4096


@pytest.mark.parametrize("isa_class", [name for name in ISA_CLASSES if name.startswith("arm")])
def test_code_for_other_cores_is_never_taken_as_smaller(isa_class: str) -> None:
    here = code_size(["CONV_2D"], PORTABLE, isa_class).n_bytes
    assert here >= code_size(["CONV_2D"], PORTABLE, "armv7e-m+fp").n_bytes


def _one_operator(
    op_type: str, taken: tuple[int, ...], weights: tuple[int, ...], given: tuple[int, ...]
) -> ModelGraph:
    tensors = tuple(Tensor(str(n), s, DType.INT8) for n, s in enumerate((taken, weights, given)))
    operator = Operator(op_type, "tflite", 1, (0, 1), (2,))
    return ModelGraph("one", "tflite", "0" * 64, 100, tensors, (operator,), (0,), (2,))


def _transposed(step: int) -> ModelGraph:
    """8x8x32 to 4 channels by a filter of 3x3."""
    shapes = ((4,), (4, 3, 3, 32), (1, 8, 8, 32), (1, 8 * step, 8 * step, 4))
    dtypes = (DType.INT32, *[DType.INT8] * 3)
    tensors = tuple(
        Tensor(str(n), s, d) for n, (s, d) in enumerate(zip(shapes, dtypes, strict=True))
    )
    steps = {"stride_h": step, "stride_w": step}
    operator = Operator("TRANSPOSE_CONV", "tflite", 1, (0, 1, 2), (3,), steps)
    return ModelGraph("one", "tflite", "0" * 64, 100, tensors, (operator,), (2,), (3,))


def _lstm_of(batch: int, states: int) -> ModelGraph:
    """Its input, its state and its output alone."""
    shapes = ((batch, 5, 8), (batch, states), (batch, 5, states))
    tensors = tuple(Tensor(str(n), s, DType.INT8) for n, s in enumerate(shapes))
    inputs = (0, *[None] * 17, 1)
    operator = Operator("UNIDIRECTIONAL_SEQUENCE_LSTM", "tflite", 1, inputs, (2,))
    return ModelGraph("one", "tflite", "0" * 64, 100, tensors, (operator,), (0,), (2,))
