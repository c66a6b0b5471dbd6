"""Hypothesis strategies for small graphs in which every kind of verdict comes about.

Sizes are drawn from few values around each other, so that needs and capacities are often equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st
from pyoxigraph import Triple

from fitgraph.registry.board import Board, McuLink, MemoryRegion, RegionKind
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.facts import ModelFacts, OperatorUse, TensorSpec
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import (
    Iri,
    board_iri,
    footprint_iri,
    model_iri,
    operator_iri,
    runtime_iri,
)
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_graph import DType
from fitgraph.registry.model_record import ModelRecord, TensorRecord
from fitgraph.registry.runtime import OperatorSupport, Runtime
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.measurement import iri_of, measurement_to_triples
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.runtime import runtime_to_triples

RUNTIME: Final = "fitgraph-c"
ISA_NAMES: Final = st.sampled_from(["armv6-m", "armv7e-m+fp", "rv32imc"])
OPERATORS: Final = st.sampled_from(["tflite:CONV_2D", "tflite:ADD", "onnx:Conv"])
DTYPES: Final = st.sampled_from([DType.INT8, DType.INT32, DType.INT64, DType.FLOAT32])
STATUSES: Final = st.sampled_from([*[ClaimStatus.SOURCED] * 4, *ClaimStatus])
SIZES: Final = st.sampled_from([0, 16, 1_000, 1_024, 1_030, 2_048, 2_060, 3_072, 4_096, 8_192])
PARTS: Final = st.sampled_from([16, 1_024, 2_048, 3_072, 4_096])

CLAIMS: Final = st.builds(
    Claim,
    property_name=st.sampled_from(["sramBytes", "flashBytes", "clockHz"]),
    value=st.sampled_from([1_024, 2_048, 4_096, 8_192, 16_384]),
    status=STATUSES,
    sources=st.sampled_from([("a",), ("b",)]),
)

Graphs = dict[Iri, tuple[Triple, ...]]


@dataclass(frozen=True)
class World:
    """Models, boards, footprints and refusals under one runtime."""

    runtime: Runtime
    models: tuple[ModelRecord, ...]
    boards: tuple[Board, ...]
    footprints: tuple[Footprint, ...]
    refusals: tuple[Measurement, ...]

    def graphs(self) -> Graphs:
        """All of it as named graphs."""
        used = {use.name for model in self.models for use in model.facts.operators}
        used |= {support.operator for support in self.runtime.operators}
        found: Mapping[Iri, Iterable[Triple]] = {
            runtime_iri(self.runtime.name): runtime_to_triples(self.runtime),
            **{operator_iri(name): operator_to_triples(name) for name in used},
            **{model_iri(one.sha256): model_to_triples(one) for one in self.models},
            **{board_iri(one.board_id): board_to_triples(one) for one in self.boards},
            **{footprint_iri(one): footprint_to_triples(one) for one in self.footprints},
            **{Iri(iri_of(one)): measurement_to_triples(one) for one in self.refusals},
        }
        return {iri: tuple(triples) for iri, triples in found.items()}


@st.composite
def regions(draw: st.DrawFn) -> tuple[MemoryRegion, ...]:
    """Up to five regions, some without an address or not checked."""
    kinds = draw(
        st.lists(
            st.sampled_from([RegionKind.FLASH, *RegionKind]),
            max_size=5,
        )
    )
    found, base = [], 0x1000
    for number, kind in enumerate(kinds):
        size = draw(SIZES) + draw(st.sampled_from([1, 1_024, 4_096]))
        found.append(
            MemoryRegion(
                name=f"R{number}",
                kind=kind,
                base_address=draw(st.sampled_from([None, base, base + 512, base])),
                size_bytes=size,
                reserve_bytes=min(size, draw(st.sampled_from([0, 0, 8, 1_024]))),
                reserve_reason="bootloader",
                status=draw(STATUSES),
            )
        )
        base += 0x10_0000
    return tuple(one if one.reserve_bytes else replace(one, reserve_reason="") for one in found)


@st.composite
def boards(draw: st.DrawFn, number: int) -> Board:
    link = draw(st.sampled_from([None, None, True, False]))
    return Board(
        board_id=f"board-{number}",
        name=f"Board {number}",
        vendor="V",
        mcu="M",
        cpu_core=draw(st.sampled_from(["", "Cortex-M4F"])),
        isa_class=draw(st.none() | ISA_NAMES),
        clock_hz=None,
        regions=draw(regions()),
        mcu_link=None if link is None else McuLink("m", link, "" if link else "a guess"),
        isa_status=draw(STATUSES),
        claims=draw(st.lists(CLAIMS, max_size=2).map(tuple)),
    )


@st.composite
def models(draw: st.DrawFn, number: int) -> ModelRecord:
    uses = draw(
        st.lists(
            st.builds(
                OperatorUse,
                name=OPERATORS,
                version=st.integers(1, 3),
                input_dtypes=st.lists(DTYPES, max_size=2).map(tuple),
                output_dtypes=st.lists(DTYPES, max_size=1).map(tuple),
                count=st.just(1),
            ),
            max_size=2,
            unique_by=lambda use: (use.name, use.version, use.input_dtypes, use.output_dtypes),
        )
    )
    uses.sort(key=lambda u: (u.name, u.version, str(u.input_dtypes), str(u.output_dtypes)))
    size = draw(st.none() | SIZES)
    shape: tuple[int | str, ...] = ("n",) if size is None else (size,)
    return ModelRecord(
        sha256=f"{number:064x}",
        names=(f"model-{number}",),
        model_format="tflite",
        file_bytes=1,
        facts=ModelFacts(
            operators=tuple(uses),
            op_counts={},
            inputs=(TensorSpec("in", shape, DType.INT8),),
            outputs=(),
            params=0,
            const_bytes=0,
            macs=None,
            macs_by_op={},
            macs_unknown_for=(),
            activation_dtypes=(),
            weight_dtypes=(),
            peak_activation_bytes=None,
            peak_op_index=None,
        ),
        tensors=(TensorRecord(0, "in", shape, DType.INT8, size_bytes=size),),
        inputs=(0,),
        outputs=(),
    )


def footprints(model: ModelRecord, number: int) -> st.SearchStrategy[Footprint]:
    return st.builds(
        Footprint,
        model_sha256=st.just(model.sha256),
        runtime=st.just(RUNTIME),
        isa_class=ISA_NAMES,
        toolchain=st.just(f"tool-{number}"),
        arena_bytes=SIZES,
        static_bytes=SIZES,
        stack_bytes=SIZES,
        flash_bytes=SIZES,
        code_bytes=SIZES,
        weights_bytes=SIZES,
        evidence=st.sampled_from([Evidence.MEASURED] * 4 + list(Evidence)),
        source=st.just(""),
        arena_evidence=st.none() | st.sampled_from(Evidence),
        arena_parts=st.just(()) | st.lists(PARTS, min_size=2, max_size=3).map(tuple),
        arena_bound_bytes=st.none() | SIZES,
    )


@st.composite
def runtimes(draw: st.DrawFn) -> Runtime:
    supports = st.builds(
        OperatorSupport,
        operator=OPERATORS,
        dtypes=st.lists(DTYPES, unique=True, max_size=3).map(lambda some: tuple(sorted(some))),
        max_version=st.none() | st.integers(1, 3),
        min_version=st.none() | st.integers(1, 2),
        refuses_hybrid=st.sampled_from([False, False, True]),
    )
    return Runtime(
        name=RUNTIME,
        label="fitgraph C",
        operators=tuple(draw(st.lists(supports, max_size=3, unique_by=lambda one: one.operator))),
        isa_classes=tuple(sorted(draw(st.sets(ISA_NAMES)))),
        footprint_from=Evidence.MEASURED,
        source="made up",
        licence="Apache-2.0",
        fallback=draw(st.sampled_from(["", "", "tflm"])),
        unlisted_sets=draw(st.sampled_from([(), (), ("onnx",)])),
        is_converting=draw(st.sampled_from([False, False, True])),
        npu=draw(st.sampled_from(["", "", "", "Ethos-U55"])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few models and boards, with footprints for some of the classes."""
    some = tuple(draw(models(number)) for number in range(draw(st.integers(0, 3))))
    return World(
        runtime=draw(runtimes()),
        models=some,
        boards=tuple(draw(boards(number)) for number in range(draw(st.integers(0, 3)))),
        footprints=tuple(
            draw(footprints(model, number))
            for model in some
            for number in range(draw(st.integers(0, 3)))
        ),
        refusals=tuple(
            Measurement(model.sha256, RUNTIME, "x86-64", "tool", refusal="no")
            for model in some
            if draw(st.sampled_from([False, False, True]))
        ),
    )


def fill(store: EmbeddedStore, world: World) -> None:
    """Puts the world in place of everything that the store holds."""
    graphs = world.graphs()
    store.write(graphs, [Iri(iri) for iri in store.graphs() if iri not in graphs])
