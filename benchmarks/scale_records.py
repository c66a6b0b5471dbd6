"""What is said of a model in the graph that questions are timed on: made of its own figures."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.matcher.placement import RAM_KINDS
from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.proof import Proof, RegionUse
from fitgraph.registry.variant import Variant

TOOLCHAINS: Final = ("zig 0.15.1 -Os", "gcc 13.2.1 -Os")
#: For so many ISA classes each model is built.
CLASSES_A_MODEL: Final = 2
#: One model in so many has a description by others, and was measured by TFLM.
DESCRIBED_EVERY: Final = 10
_CODE_BYTES: Final = 6000
_SENSORS: Final = ("microphone", "accelerometer", "camera")
_DATA_SETS: Final = ("https://example.org/speech", "https://example.org/gestures")


@cache
def boards_by_class() -> dict[str, tuple[str, ...]]:
    """Ids of the built-in boards of each ISA class that there is a compiler for."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for board in builtin_boards():
        if board.isa_class is not None and board.isa_class in TARGETS:
            found[board.isa_class].append(board.board_id)
    return {isa_class: tuple(sorted(ids)) for isa_class, ids in sorted(found.items())}


def proofs_of(record: ModelRecord) -> tuple[Proof, ...]:
    """A proof on one board of each class that the model is built for."""
    return tuple(
        _proof(record, footprint, _pick(record, boards_by_class()[footprint.isa_class]))
        for footprint in footprints_of(record)
    )


def footprints_of(record: ModelRecord) -> tuple[Footprint, ...]:
    """A measured footprint for each class that the model is built for."""
    arena = record.facts.peak_activation_bytes or 4096
    return tuple(
        Footprint(
            model_sha256=record.sha256,
            runtime="fitgraph-c",
            isa_class=isa_class,
            toolchain=TOOLCHAINS[int(record.sha256[0], 16) % 2],
            arena_bytes=arena,
            static_bytes=64,
            stack_bytes=512,
            flash_bytes=record.facts.const_bytes + _CODE_BYTES,
            code_bytes=_CODE_BYTES,
            weights_bytes=record.facts.const_bytes,
            evidence=Evidence.MEASURED,
            source=f"build of {record.names[0]}",
        )
        for isa_class in _classes(record)
    )


def _classes(record: ModelRecord) -> tuple[str, ...]:
    classes = tuple(boards_by_class())
    first = int(record.sha256[:8], 16)
    return tuple(classes[(first + step) % len(classes)] for step in range(CLASSES_A_MODEL))


def _pick(record: ModelRecord, some: Sequence[str]) -> str:
    return some[int(record.sha256[8:16], 16) % len(some)]


def _proof(record: ModelRecord, footprint: Footprint, board_id: str) -> Proof:
    sram = footprint.arena_bytes + footprint.static_bytes + footprint.stack_bytes
    return Proof(
        model_sha256=record.sha256,
        board_id=board_id,
        runtime="fitgraph-c",
        isa_class=footprint.isa_class,
        toolchain=footprint.toolchain,
        firmware_sha256=hashlib.sha256(f"{record.sha256} {board_id}".encode()).hexdigest(),
        emulator="unicorn 2.1.4",
        reference="tflite-micro",
        n_inputs=10,
        n_outputs_compared=100,
        worst_difference=1e-6 if record.sha256[3] == "0" else 0.0,
        instructions_per_inference=10 * (record.facts.macs or 1000),
        stack_high_water_bytes=400,
        regions=tuple(
            RegionUse(region.name, used, region.size_bytes)
            for region, used in zip(_regions(board_id), (footprint.flash_bytes, sram), strict=True)
        ),
        created_at=f"2026-{1 + int(record.sha256[1], 16) % 12:02}-21T09:30:00Z",
    )


@cache
def _regions(board_id: str) -> tuple[MemoryRegion, MemoryRegion]:
    """The largest flash and the largest RAM of a board that is built in."""
    board = next(one for one in builtin_boards() if one.board_id == board_id)
    return _largest(board, (RegionKind.FLASH,)), _largest(board, RAM_KINDS)


def _largest(board: Board, kinds: Collection[RegionKind]) -> MemoryRegion:
    return max((one for one in board.regions if one.kind in kinds), key=lambda one: one.size_bytes)


def descriptions_of(record: ModelRecord, number: int) -> Iterator[ModelDescription]:
    """By one describer, and for one model in five by another one, too."""
    described = _description(record, number)
    yield described
    if number % (5 * DESCRIBED_EVERY) == 0:
        again = f"{described.description_id}-again"
        yield replace(described, description_id=again, name=f"{described.name} again")


def _description(record: ModelRecord, number: int) -> ModelDescription:
    """One describer in four is wrong about the work."""
    macs = (record.facts.macs or 0) + (number % 40 == 0)
    figures = {
        "macs": macs,
        "flashBytes": record.file_bytes,
        "sramBytes": (record.facts.peak_activation_bytes or 0) + 1000,
        "accuracy": 0.5 + number / 4000,
        "trainingDataset": _DATA_SETS[number // DESCRIBED_EVERY % len(_DATA_SETS)],
    }
    return ModelDescription(
        description_id=f"scale-{number}",
        name=f"{record.names[0]}, described",
        model_sha256=record.sha256,
        input_sensors=(_SENSORS[number // DESCRIBED_EVERY % len(_SENSORS)],),
        summary="Tells words apart.",
        claims=tuple(
            Claim(name, value, ClaimStatus.UNCHECKED, ("somebody",))
            for name, value in figures.items()
        ),
        sources=("somebody",),
    )


def measurement_of(record: ModelRecord, number: int) -> Measurement:
    """What TFLM showed of a model; it refuses one of twenty."""
    arena = (record.facts.peak_activation_bytes or 0) + 1000 - number % 3
    refused = number % 200 == 0
    return Measurement(
        model_sha256=record.sha256,
        runtime="tflm",
        machine="x86-64",
        toolchain="tflite-micro 0.1",
        arena_bytes=None if refused else arena,
        refusal="an operator is not registered" if refused else "",
    )


def variant_of(record: ModelRecord, source: ModelRecord) -> Variant:
    """How a model came from another."""
    return Variant(
        model_sha256=record.sha256,
        source_sha256=source.sha256,
        recipe="int8 post-training, per channel",
        metric="top-1 accuracy",
        accuracy_before=0.95,
        accuracy_after=0.95 - int(record.sha256[2], 16) / 200,
    )
