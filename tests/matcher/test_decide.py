"""Verdicts: sound, monotone, indifferent to order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.matcher.decide import best_footprint, decide
from fitgraph.matcher.facts import CompilerAnswer, ModelNeeds, OperatorUse
from fitgraph.matcher.placement import place
from fitgraph.matcher.verdict import PROVEN, Verdict
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.model_graph import DType
from fitgraph.registry.runtime import OperatorSupport, Runtime

KIB = 1024
ISA_NAMES = ["armv6-m", "armv7e-m+fp", "rv32imc"]
OPERATOR_NAMES = ["tflite:CONV_2D", "tflite:ADD", "onnx:Conv", "tflite:CUSTOM:Foo"]
DTYPES = ["int8", "int32", "float32"]

regions = st.builds(
    MemoryRegion,
    name=st.text("ABCDEFGH", min_size=8, max_size=8),
    kind=st.sampled_from(list(RegionKind)),
    base_address=st.integers(0, 2**20).map(lambda kib: kib * KIB),
    size_bytes=st.integers(1, 64 * KIB),
    reserve_bytes=st.integers(0, 16 * KIB),
)
boards = st.builds(
    Board,
    board_id=st.just("board"),
    name=st.just("Board"),
    vendor=st.just("V"),
    mcu=st.just("M"),
    cpu_core=st.just("core"),
    isa_class=st.sampled_from(ISA_NAMES),
    clock_hz=st.just(1),
    regions=st.lists(regions, max_size=5, unique_by=lambda region: region.name).map(tuple),
)
dtypes = st.frozensets(st.sampled_from(DTYPES))
operators = st.sampled_from(OPERATOR_NAMES)
uses = st.builds(OperatorUse, operators, st.integers(1, 4), dtypes)
floors = st.none() | st.integers(0, 64 * KIB)
models = st.builds(
    ModelNeeds,
    name=st.just("model"),
    sha256=st.just("0" * 64),
    operators=st.lists(uses, max_size=4).map(tuple),
    largest_io_bytes=floors,
)
supports = st.builds(
    OperatorSupport,
    operators,
    st.frozensets(st.sampled_from([DType(name) for name in DTYPES])).map(tuple),
    st.none() | st.integers(2, 4),
    st.none() | st.integers(1, 2),
    st.booleans(),
)
runtimes = st.builds(
    Runtime,
    name=st.just("fitgraph-c"),
    label=st.just("fitgraph C"),
    isa_classes=st.frozensets(st.sampled_from(ISA_NAMES)).map(tuple),
    operators=st.lists(supports, unique_by=lambda one: one.operator).map(tuple),
    footprint_from=st.just(Evidence.MEASURED),
    source=st.just(""),
    licence=st.just("Apache-2.0"),
)
sizes = st.integers(0, 48 * KIB)
footprints = st.builds(
    Footprint,
    model_sha256=st.just("0" * 64),
    runtime=st.just("fitgraph-c"),
    isa_class=st.sampled_from(ISA_NAMES),
    toolchain=st.sampled_from(["zig", "gcc"]),
    arena_bytes=sizes,
    static_bytes=sizes,
    stack_bytes=sizes,
    flash_bytes=sizes,
    code_bytes=sizes,
    weights_bytes=sizes,
    evidence=st.sampled_from([e for e in Evidence if e is not Evidence.MISSING]),
    source=st.sampled_from(["a", "b"]),
    arena_evidence=st.none() | st.sampled_from(list(Evidence)),
)
known = st.lists(footprints, max_size=4)
answers = st.none() | st.builds(
    CompilerAnswer, st.sampled_from(["", "refused"]), st.just(""), floors, floors
)

CONV = OperatorUse("tflite:CONV_2D", 3, frozenset({"int8", "int32"}))
MODEL = ModelNeeds("wake", "0" * 64, (CONV,), largest_io_bytes=1960)
RUNTIME = Runtime(
    "fitgraph-c",
    "fitgraph C",
    (OperatorSupport("tflite:CONV_2D", (DType.INT8, DType.INT32), max_version=5, min_version=1),),
    tuple(ISA_NAMES),
    Evidence.MEASURED,
    "",
    "Apache-2.0",
)
BOARD = Board(
    "nano", "Nano", "V", "nRF52840", "Cortex-M4F", "armv7e-m+fp", 64_000_000,
    (
        MemoryRegion("FLASH", RegionKind.FLASH, 0, 1024 * KIB),
        MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 256 * KIB),
    ),
)  # fmt: skip
MEASURED = Footprint(
    "0" * 64, "fitgraph-c", "armv7e-m+fp", "zig", 22_912, 1_024, 2_048, 60_000, 40_000, 20_000,
    Evidence.MEASURED, "build 1",
)  # fmt: skip


@given(models, boards, runtimes, known, answers)
def test_fits_never_without_measured_or_bound_evidence(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
) -> None:
    match = decide(model, board, runtime, found, answer)
    if match.verdict is Verdict.FITS:
        assert all(c.satisfied and c.evidence in PROVEN for c in match.constraints)
        assert match.evidence in PROVEN
        own = [
            f for f in found if f.isa_class == board.isa_class and f.evidence is Evidence.MEASURED
        ]
        assert any(place(footprint, board) for footprint in own)


@given(models, boards, runtimes, known, answers)
def test_no_is_said_only_on_facts(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
) -> None:
    match = decide(model, board, runtime, found, answer)
    violated = [c for c in match.constraints if c.satisfied is False]
    assert bool(violated) == (match.verdict is Verdict.NO)
    for constraint in violated:
        if constraint.unit == "B":
            assert constraint.evidence in PROVEN
            assert constraint.margin is not None
            assert constraint.margin < 0


@given(models, boards, runtimes, known, answers, st.integers(0, 64 * KIB), st.integers(0, 4))
def test_adding_sram_or_flash_never_removes_a_match(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
    more: int,
    which: int,
) -> None:
    if not board.regions:
        return
    order = [Verdict.NO, Verdict.UNKNOWN, Verdict.LIKELY, Verdict.FITS]
    grown = list(board.regions)
    which %= len(grown)
    grown[which] = replace(grown[which], size_bytes=grown[which].size_bytes + more)
    before = decide(model, board, runtime, found, answer).verdict
    after = decide(model, replace(board, regions=tuple(grown)), runtime, found, answer).verdict
    assert order.index(after) >= order.index(before)


@given(models, boards, runtimes, known, answers, supports)
def test_adding_an_operator_to_a_runtime_never_removes_a_match(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
    more: OperatorSupport,
) -> None:
    """A runtime without any operator is one whose list is not known: there a first one tells."""
    if more.operator in {support.operator for support in runtime.operators}:
        return
    order = [Verdict.NO, Verdict.UNKNOWN, Verdict.LIKELY, Verdict.FITS]
    richer = replace(runtime, operators=(*runtime.operators, more))
    before = decide(model, board, runtime, found, answer).verdict
    after = decide(model, board, richer, found, answer).verdict
    assert after is Verdict.FITS or before is not Verdict.FITS
    assert order.index(after) >= order.index(before) or not runtime.operators


@given(models, boards, runtimes, known, answers, st.integers())
def test_the_order_of_what_goes_in_never_changes_what_comes_out(
    model: ModelNeeds,
    board: Board,
    runtime: Runtime,
    found: list[Footprint],
    answer: CompilerAnswer | None,
    seed: int,
) -> None:
    shuffle = random.Random(seed).sample
    again = decide(
        replace(model, operators=tuple(shuffle(model.operators, len(model.operators)))),
        replace(board, regions=tuple(shuffle(board.regions, len(board.regions)))),
        replace(runtime, operators=tuple(shuffle(runtime.operators, len(runtime.operators)))),
        shuffle(found, len(found)),
        answer,
    )
    assert again == decide(model, board, runtime, found, answer)


@given(boards, known)
def test_the_chosen_footprint_can_be_placed_if_any_of_equal_standing_can(
    board: Board, found: list[Footprint]
) -> None:
    chosen = best_footprint(found, board)
    if chosen is None or place(chosen, board) is not None:
        return
    for footprint in found:
        if (footprint.isa_class, footprint.evidence) == (chosen.isa_class, chosen.evidence):
            assert place(footprint, board) is None


def test_a_measured_footprint_that_is_placed_fits() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [MEASURED])
    assert match.verdict is Verdict.FITS
    assert match.evidence is Evidence.MEASURED
    assert match.constraint("sram").margin == 256 * KIB - 22_912 - 1_024 - 2_048


def test_without_a_footprint_the_verdict_is_unknown_and_says_what_to_run() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [])
    assert match.verdict is Verdict.UNKNOWN
    assert match.constraint("sram").satisfied is None
    assert "fitgraph footprint wake --isa armv7e-m+fp" in match.constraint("sram").hint


def test_a_footprint_of_another_isa_class_is_an_estimate_and_gives_likely() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [replace(MEASURED, isa_class="armv6-m")])
    assert match.verdict is Verdict.LIKELY
    assert match.evidence is Evidence.ESTIMATE
    assert "armv6-m" in match.constraint("flash").message


@pytest.mark.parametrize("evidence", [Evidence.ESTIMATE, Evidence.DECLARED, Evidence.BOUND])
def test_exceeding_a_figure_that_is_not_measured_is_unknown_and_not_no(evidence: Evidence) -> None:
    too_large = replace(MEASURED, arena_bytes=300 * KIB, evidence=evidence)
    assert decide(MODEL, BOARD, RUNTIME, [too_large]).verdict is Verdict.UNKNOWN


def test_a_measured_footprint_that_exceeds_sram_is_no_with_the_shortage_in_bytes() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [replace(MEASURED, arena_bytes=300 * KIB)])
    assert match.verdict is Verdict.NO
    sram = match.constraint("sram")
    assert sram.margin == 256 * KIB - (300 * KIB + 1_024 + 2_048)
    assert "48,128 B short" in sram.message


def test_weights_alone_can_exceed_flash_before_anything_is_built() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [], CompilerAnswer(weights_bytes=2048 * KIB))
    assert match.verdict is Verdict.NO
    assert match.constraint("flash").evidence is Evidence.BOUND
    assert match.constraint("flash").margin == -1024 * KIB


def test_the_arena_alone_can_exceed_sram_before_anything_is_built() -> None:
    match = decide(MODEL, BOARD, RUNTIME, [], CompilerAnswer(arena_bytes=257 * KIB))
    assert match.verdict is Verdict.NO
    assert match.constraint("sram").evidence is Evidence.BOUND
    assert match.constraint("sram").margin == -1 * KIB


def test_an_input_alone_can_exceed_sram_before_anything_is_built() -> None:
    match = decide(replace(MODEL, largest_io_bytes=2048 * KIB), BOARD, RUNTIME, [])
    assert match.verdict is Verdict.NO
    assert match.constraint("sram").satisfied is False


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (OperatorUse("tflite:CUSTOM:Foo", 1), "tflite:CUSTOM:Foo"),
        (OperatorUse("tflite:CONV_2D", 9), "tflite:CONV_2D version 9 (up to 5)"),
        (OperatorUse("tflite:CONV_2D", 1, frozenset({"float32"})), "tflite:CONV_2D on float32"),
    ],
)
def test_what_the_runtime_lacks_is_named(use: OperatorUse, words: str) -> None:
    match = decide(replace(MODEL, operators=(CONV, use)), BOARD, RUNTIME, [])
    assert match.verdict is Verdict.NO
    assert words in match.constraint("operators").message


def test_a_core_without_a_compiler_is_no() -> None:
    match = decide(MODEL, replace(BOARD, isa_class="avr"), RUNTIME, [])
    assert match.verdict is Verdict.NO
    assert match.constraint("isa_class").satisfied is False


def test_a_board_without_regions_is_unknown_and_says_what_is_missing() -> None:
    match = decide(MODEL, replace(BOARD, regions=()), RUNTIME, [MEASURED])
    assert match.verdict is Verdict.UNKNOWN
    assert "no SRAM region of nano is known" in match.constraint("sram").message


def test_what_the_compiler_refuses_is_no_whatever_the_runtime_declares() -> None:
    answer = CompilerAnswer("tflite:CONV_2D has no int8 kernel for dilation 3")
    match = decide(MODEL, BOARD, RUNTIME, [], answer)
    assert match.verdict is Verdict.NO
    assert match.constraint("operators").message == answer.refusal


def test_what_the_compiler_takes_is_not_doubted_for_what_the_runtime_declares() -> None:
    unknown = replace(MODEL, operators=(OperatorUse("tflite:NEW", 1),))
    match = decide(unknown, BOARD, RUNTIME, [], CompilerAnswer())
    assert match.verdict is Verdict.UNKNOWN
    assert match.constraint("operators").satisfied is True


def test_an_operator_may_refuse_float_data_with_integer_weights() -> None:
    """Each of its types is supported; together they are not."""
    hybrid = replace(MODEL, operators=(replace(CONV, dtypes=frozenset({"float32", "int8"})),))
    dtypes = (DType.FLOAT32, DType.INT8)
    support = OperatorSupport("tflite:CONV_2D", dtypes, refuses_hybrid=True)
    match = decide(hybrid, BOARD, replace(RUNTIME, operators=(support,)), [])
    assert match.constraint("operators").satisfied is False
    assert "float data and weights of int8" in match.constraint("operators").message
    taking = replace(RUNTIME, operators=(replace(support, refuses_hybrid=False),))
    assert decide(hybrid, BOARD, taking, []).constraint("operators").satisfied
