"""A small graph of made-up models and boards, with footprints for some of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
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

KIB: Final = 1024
CONV: Final = "tflite:CONV_2D"
ISA: Final = "armv7e-m+fp"
RUNTIME: Final = Runtime(
    "fitgraph-c", "fitgraph C",
    (OperatorSupport(CONV, (DType.INT32, DType.INT8), max_version=5, min_version=1),),
    ("armv6-m", ISA), Evidence.MEASURED, "the compiler", "Apache-2.0",
)  # fmt: skip


def board(board_id: str, isa_class: str, flash_kib: int, sram_kib: int) -> Board:
    return Board(
        board_id, board_id.title(), "V", "M", "core", isa_class, 64_000_000,
        (
            MemoryRegion("FLASH", RegionKind.FLASH, 0, flash_kib * KIB),
            MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, sram_kib * KIB),
        ),
    )  # fmt: skip


def model(name: str, digit: str) -> ModelRecord:
    return ModelRecord(
        sha256=digit * 64,
        names=(name,),
        model_format="tflite",
        file_bytes=30_000,
        facts=ModelFacts(
            operators=(OperatorUse(CONV, 3, (DType.INT8,), (DType.INT8,), 2),),
            op_counts={"CONV_2D": 2},
            inputs=(TensorSpec("in", (1, 960), DType.INT8),),
            outputs=(),
            params=20_000,
            const_bytes=21_000,
            macs=1,
            macs_by_op={"CONV_2D": 1},
            macs_unknown_for=(),
            activation_dtypes=(DType.INT8,),
            weight_dtypes=(DType.INT8,),
            peak_activation_bytes=960,
            peak_op_index=0,
        ),
        tensors=(TensorRecord(0, "in", (1, 960), DType.INT8, size_bytes=960),),
        inputs=(0,),
        outputs=(),
    )


def footprint(of: ModelRecord, flash_kib: int, sram_kib: int, isa: str = ISA) -> Footprint:
    return Footprint(
        of.sha256, "fitgraph-c", isa, "zig", sram_kib * KIB - 512, 256, 256, flash_kib * KIB,
        flash_kib * KIB - 4096, 4096, Evidence.MEASURED,
    )  # fmt: skip


WAKE, WAKE_LARGE, VISION = model("wake", "a"), model("wake-large", "b"), model("vision", "c")
BOARDS: Final = (board("small", "armv6-m", 64, 16), board("large", ISA, 512, 128))
FOOTPRINTS: Final = (
    footprint(WAKE, 60, 12),
    footprint(WAKE, 62, 12, "armv6-m"),
    footprint(WAKE_LARGE, 200, 40),
    footprint(WAKE_LARGE, 210, 40, "armv6-m"),
    footprint(VISION, 400, 100),
)


def fill(
    store: EmbeddedStore,
    boards: Iterable[Board] = BOARDS,
    footprints: Iterable[Footprint] = FOOTPRINTS,
) -> None:
    """Writes all of it, without looking at the shapes."""
    store.write(
        {
            runtime_iri(RUNTIME.name): runtime_to_triples(RUNTIME),
            operator_iri(CONV): operator_to_triples(CONV),
            **{board_iri(one.board_id): board_to_triples(one) for one in boards},
            **{model_iri(m.sha256): model_to_triples(m) for m in (WAKE, WAKE_LARGE, VISION)},
            **{footprint_iri(one): footprint_to_triples(one) for one in footprints},
        }
    )
