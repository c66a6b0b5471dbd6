"""A board as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import Triple

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.iris import board_iri, isa_iri, key_of, part_iri
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL
from fitgraph.registry.triples.writing import describe, individual, iri


def canonical_board(board: Board) -> Board:
    """The board as the graph gives it back: what has no order of its own is sorted."""
    return replace(
        board,
        regions=tuple(sorted(board.regions, key=_address)),
        sensors=tuple(sorted(set(board.sensors))),
        radios=tuple(sorted(set(board.radios))),
        sources=tuple(sorted(set(board.sources))),
    )


def board_to_triples(board: Board) -> Iterator[Triple]:
    """All triples of a board."""
    subject = board_iri(board.board_id)
    yield from describe(
        subject,
        "Board",
        name=board.board_id,
        label=board.name,
        vendor=board.vendor,
        mcu=board.mcu,
        cpu_core=board.cpu_core,
        isa_class=iri(isa_iri(board.isa_class)),
        clock_hz=board.clock_hz,
        sensor=board.sensors,
        radio=board.radios,
        source=board.sources,
        has_memory_region=tuple(iri(region_iri(subject, r.name)) for r in board.regions),
    )
    for region in board.regions:
        yield from _region_to_triples(region_iri(subject, region.name), region)


@refusing_damage
def board_from_triples(triples: Iterable[Triple]) -> Board:
    """The board that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a board has.
    """
    facts = Facts(triples)
    subject = facts.only("Board")
    regions = [_region_from(facts, part) for part in facts.texts(subject, "hasMemoryRegion")]
    return Board(
        board_id=facts.text(subject, "name"),
        name=facts.text(subject, RDFS_LABEL.value),
        vendor=facts.text(subject, "vendor"),
        mcu=facts.text(subject, "mcu"),
        cpu_core=facts.text(subject, "cpuCore"),
        isa_class=key_of(facts.text(subject, "isaClass")),
        clock_hz=facts.integer(subject, "clockHz"),
        regions=tuple(sorted(regions, key=_address)),
        sensors=facts.texts(subject, "sensor"),
        radios=facts.texts(subject, "radio"),
        sources=facts.texts(subject, "source"),
    )


def region_iri(board: str, name: str) -> str:
    """IRI of a board's memory region."""
    return part_iri(board, "region", name)


def _region_to_triples(subject: str, region: MemoryRegion) -> Iterator[Triple]:
    yield from describe(
        subject,
        "MemoryRegion",
        region_name=region.name,
        region_kind=individual(region.kind),
        base_address=region.base_address,
        size_bytes=region.size_bytes,
        reserve_bytes=region.reserve_bytes,
        reserve_reason=region.reserve_reason or None,
    )


def _region_from(facts: Facts, subject: str) -> MemoryRegion:
    return MemoryRegion(
        name=facts.text(subject, "regionName"),
        kind=RegionKind(local_name(facts.text(subject, "regionKind"))),
        base_address=facts.integer(subject, "baseAddress"),
        size_bytes=facts.integer(subject, "sizeBytes"),
        reserve_bytes=facts.integer(subject, "reserveBytes"),
        reserve_reason=str(facts.value(subject, "reserveReason") or ""),
    )


def _address(region: MemoryRegion) -> tuple[int, str]:
    return region.base_address, region.name
