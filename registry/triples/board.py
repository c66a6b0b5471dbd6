"""A board as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.board import Board, McuLink
from fitgraph.registry.iris import board_iri, isa_iri, key_of, mcu_iri
from fitgraph.registry.memory_region import in_order
from fitgraph.registry.triples.claim import (
    canonical_claims,
    claim_nodes,
    claims_from,
    claims_to_triples,
)
from fitgraph.registry.triples.memory_region import (
    region_nodes,
    regions_from,
    regions_to_triples,
    status_from,
)
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL, fg
from fitgraph.registry.triples.writing import describe, individual, iri

EXACT_PART, GUESSED_PART = "exactPart", "guessedPart"


def canonical_board(board: Board) -> Board:
    """The board as the graph gives it back: what has no order of its own is sorted."""
    return replace(
        board,
        regions=in_order(board.regions),
        sensors=tuple(sorted(set(board.sensors))),
        radios=tuple(sorted(set(board.radios))),
        sources=tuple(sorted(set(board.sources))),
        claims=canonical_claims(board.claims),
        sensor_parts=tuple(sorted(set(board.sensor_parts))),
        other_names=tuple(sorted(set(board.other_names))),
    )


def board_to_triples(board: Board) -> Iterator[Triple]:
    """All triples of a board."""
    subject = board_iri(board.board_id)
    link = board.mcu_link
    yield from describe(
        subject,
        "Board",
        name=board.board_id,
        other_name=board.other_names,
        label=board.name,
        vendor=board.vendor or None,
        mcu=board.mcu,
        cpu_core=board.cpu_core or None,
        isa_class=iri(isa_iri(board.isa_class)) if board.isa_class else None,
        isa_class_status=individual(board.isa_status) if board.isa_class else None,
        clock_hz=board.clock_hz,
        sensor=board.sensors,
        sensor_part=board.sensor_parts,
        radio=board.radios,
        source=board.sources,
        has_mcu=iri(mcu_iri(link.mcu_id)) if link else None,
        mcu_link_kind=_link_kind(link) if link else None,
        mcu_link_reason=(link.reason or None) if link else None,
        has_memory_region=region_nodes(subject, board.regions),
        has_claim=claim_nodes(subject, board.claims),
    )
    yield from regions_to_triples(subject, board.regions)
    yield from claims_to_triples(subject, board.claims)


@refusing_damage
def board_from_triples(triples: Iterable[Triple]) -> Board:
    """The board that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a board has.
    """
    facts = Facts(triples)
    subject = facts.only("Board")
    isa_class = facts.value(subject, "isaClass")
    return Board(
        board_id=facts.text(subject, "name"),
        name=facts.text(subject, RDFS_LABEL.value),
        vendor=str(facts.value(subject, "vendor") or ""),
        mcu=facts.text(subject, "mcu"),
        cpu_core=str(facts.value(subject, "cpuCore") or ""),
        isa_class=None if isa_class is None else key_of(str(isa_class)),
        clock_hz=facts.optional_integer(subject, "clockHz"),
        regions=regions_from(facts, subject),
        sensors=facts.texts(subject, "sensor"),
        radios=facts.texts(subject, "radio"),
        sources=facts.texts(subject, "source"),
        mcu_link=_link_from(facts, subject),
        claims=claims_from(facts, subject),
        sensor_parts=facts.texts(subject, "sensorPart"),
        isa_status=status_from(facts, subject, "isaClassStatus"),
        other_names=facts.texts(subject, "otherName"),
    )


def _link_kind(link: McuLink) -> NamedNode:
    return fg(EXACT_PART if link.is_exact else GUESSED_PART)


def _link_from(facts: Facts, subject: str) -> McuLink | None:
    mcu = facts.value(subject, "hasMcu")
    if mcu is None:
        return None
    return McuLink(
        mcu_id=key_of(str(mcu)),
        is_exact=local_name(facts.text(subject, "mcuLinkKind")) == EXACT_PART,
        reason=str(facts.value(subject, "mcuLinkReason") or ""),
    )
