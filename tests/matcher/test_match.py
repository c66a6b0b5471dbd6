"""Matching over a real store: what is read is what was written, in a stable order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.matcher import columns
from fitgraph.matcher.demand import Demand, Reserves
from fitgraph.matcher.errors import InvalidDemandError
from fitgraph.matcher.facts import CompilerAnswer
from fitgraph.matcher.match import Question, match
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.facts import ModelFacts, OperatorUse, TensorSpec
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import (
    board_iri,
    footprint_iri,
    model_iri,
    operator_iri,
    runtime_iri,
)
from fitgraph.registry.model_graph import DType
from fitgraph.registry.model_record import ModelRecord, TensorRecord
from fitgraph.registry.runtime import OperatorSupport, Runtime
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.runtime import runtime_to_triples

KIB = 1024
CONV = "tflite:CONV_2D"

FLASH = MemoryRegion("FLASH", RegionKind.FLASH, 0, 512 * KIB, 100 * KIB, "SoftDevice")
SMALL = Board(
    "small", "Small", "V", "M", "Cortex-M0", "armv6-m", 16_000_000,
    (FLASH, MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 16 * KIB)),
)  # fmt: skip
LARGE = Board(
    "large", "Large", "V", "M", "Cortex-M4F", "armv7e-m+fp", 64_000_000,
    (FLASH, MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 256 * KIB, 8 * KIB)),
)  # fmt: skip
RUNTIME = Runtime(
    "fitgraph-c", "fitgraph C",
    (OperatorSupport(CONV, (DType.INT32, DType.INT8), max_version=5, min_version=1),),
    ("armv6-m", "armv7e-m+fp"), Evidence.MEASURED, "the compiler", "Apache-2.0",
)  # fmt: skip


def model(name: str, input_bytes: int) -> ModelRecord:
    digest = name[0] * 64
    return ModelRecord(
        sha256=digest,
        names=(name, f"z-{name}"),
        model_format="tflite",
        file_bytes=30_000,
        facts=ModelFacts(
            operators=(
                OperatorUse(CONV, 3, (DType.INT8, DType.INT8, DType.INT32), (DType.INT8,), 2),
            ),
            op_counts={"CONV_2D": 2},
            inputs=(TensorSpec("in", (1, input_bytes), DType.INT8),),
            outputs=(TensorSpec("out", (1, 4), DType.INT8),),
            params=20_000,
            const_bytes=21_000,
            macs=1,
            macs_by_op={"CONV_2D": 1},
            macs_unknown_for=(),
            activation_dtypes=(DType.INT8,),
            weight_dtypes=(DType.INT8,),
            peak_activation_bytes=input_bytes,
            peak_op_index=0,
        ),
        tensors=(
            TensorRecord(0, "in", (1, input_bytes), DType.INT8, size_bytes=input_bytes),
            TensorRecord(1, "out", (1, 4), DType.INT8, size_bytes=4),
        ),
        inputs=(0,),
        outputs=(1,),
    )


WAKE, VISION = model("aaa", 1_960), model("bbb", 30_000)
FOOTPRINT = Footprint(
    WAKE.sha256, "fitgraph-c", "armv7e-m+fp", "zig", 22_912, 1_024, 2_048, 60_000, 40_000, 20_000,
    Evidence.MEASURED,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "graph") as opened:
        opened.write(
            {
                runtime_iri(RUNTIME.name): runtime_to_triples(RUNTIME),
                operator_iri(CONV): operator_to_triples(CONV),
                footprint_iri(FOOTPRINT): footprint_to_triples(FOOTPRINT),
                **{board_iri(b.board_id): board_to_triples(b) for b in (SMALL, LARGE)},
                **{model_iri(m.sha256): model_to_triples(m) for m in (WAKE, VISION)},
            }
        )
        yield opened


def test_what_is_read_is_what_was_written(store: EmbeddedStore) -> None:
    assert columns.runtime(store, "fitgraph-c").operators == RUNTIME.operators
    assert columns.runtime(store, "fitgraph-c").isa_classes == RUNTIME.isa_classes
    boards = {board.board_id: board for board in columns.boards(store)}
    assert set(boards) == {"small", "large"}
    for written in (SMALL, LARGE):
        found = boards[written.board_id].regions
        assert found == tuple(replace(region, reserve_reason="") for region in written.regions)
    (footprint,) = columns.footprints(store, "fitgraph-c")[WAKE.sha256]
    assert replace(footprint, source="") == FOOTPRINT
    wake, vision = columns.models(store)
    assert (wake.name, wake.sha256, wake.largest_io_bytes) == ("aaa", WAKE.sha256, 1_960)
    assert [(use.operator, use.version, use.dtypes) for use in vision.operators] == [
        (CONV, 3, frozenset({"int8", "int32"}))
    ]


def test_one_model_and_one_board_give_one_match(store: EmbeddedStore) -> None:
    (found,) = match(store, "aaa", "large")
    assert (found.model, found.board, found.verdict) == ("aaa", "large", Verdict.FITS)
    assert found.constraint("sram").sources == (footprint_iri(FOOTPRINT),)


def test_what_fits_comes_first_and_the_order_is_stable(store: EmbeddedStore) -> None:
    found = match(store)
    assert [(one.model, one.board, one.verdict) for one in found] == [
        ("aaa", "large", Verdict.FITS),
        ("aaa", "small", Verdict.UNKNOWN),
        ("bbb", "large", Verdict.UNKNOWN),
        ("bbb", "small", Verdict.NO),
    ]
    assert match(store) == found


def test_inputs_larger_than_sram_are_no_without_a_build(store: EmbeddedStore) -> None:
    (found,) = match(store, "bbb", "small")
    assert found.verdict is Verdict.NO
    assert "30,000 B" in found.constraint("sram").message


def test_a_model_answers_to_each_of_its_names_and_to_its_digest(store: EmbeddedStore) -> None:
    for reference, name in (("aaa", "aaa"), ("z-aaa", "z-aaa"), ("aaaaaaaa", "aaa")):
        (found,) = match(store, reference, "large")
        assert (found.model, found.verdict) == (name, Verdict.FITS)


class Asked:
    """A compiler that takes note of what it is asked, and says the same each time."""

    def __init__(self, answer: CompilerAnswer) -> None:
        self.models: list[str] = []
        self._answer = answer

    def answer(self, model_sha256: str) -> CompilerAnswer:
        self.models.append(model_sha256)
        return self._answer


def test_the_compiler_is_asked_once_about_what_was_not_built_for_every_class(
    store: EmbeddedStore,
) -> None:
    compiler = Asked(CompilerAnswer("the compiler refuses", "quantize it"))
    verdicts = {(one.model, one.board): one.verdict for one in match(store, compiler=compiler)}
    assert compiler.models == [WAKE.sha256, VISION.sha256]
    assert verdicts["bbb", "large"] is Verdict.NO
    assert verdicts["aaa", "large"] is Verdict.FITS


def test_the_compiler_is_not_asked_about_what_was_measured(store: EmbeddedStore) -> None:
    compiler = Asked(CompilerAnswer())
    match(store, "aaa", "large", compiler=compiler)
    assert compiler.models == []


def test_the_planned_arena_can_be_too_large_without_a_build(store: EmbeddedStore) -> None:
    compiler = Asked(CompilerAnswer(arena_bytes=200 * KIB))
    small, large = sorted(match(store, "bbb", compiler=compiler), key=lambda one: one.board)[::-1]
    assert (small.verdict, large.verdict) == (Verdict.NO, Verdict.UNKNOWN)
    assert "the arena alone takes 204,800 B" in small.constraint("sram").message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": "aab"}, "there is no model 'aab'"),
        ({"board": "larg"}, "there is no board 'larg'"),
        ({"runtime": "fitgraph"}, "there is no runtime 'fitgraph'"),
    ],
)
def test_an_unknown_name_is_named_with_what_was_meant(
    store: EmbeddedStore, arguments: dict[str, str], words: str
) -> None:
    with pytest.raises(NotFoundError, match=words) as caught:
        match(store, **arguments)  # type: ignore[arg-type]
    assert "did you mean" in caught.value.hint


def test_a_reserve_of_a_region_that_boards_lack_is_said(store: EmbeddedStore) -> None:
    ram2 = replace(LARGE.regions[1], name="RAM2", base_address=0x3000_0000)
    wide = replace(LARGE, board_id="wide", regions=(*LARGE.regions, ram2))
    store.write({board_iri("wide"): board_to_triples(wide)})
    question = Question(Demand(reserves=Reserves(by_region={"RAM2": 1024})))
    found = {one.board: one.notes for one in match(store, "aaa", question=question)}
    assert found["wide"] == ()
    assert found["large"] == ("large has no memory region 'RAM2': nothing of it is reserved",)
    nowhere = Question(Demand(reserves=Reserves(by_region={"RAM22": 1024})))
    with pytest.raises(InvalidDemandError, match="none of 3 boards has") as caught:
        match(store, "aaa", question=nowhere)
    assert "did you mean RAM2" in caught.value.hint
    store.write({}, [board_iri("wide")])
