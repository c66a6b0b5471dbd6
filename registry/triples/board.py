"""A board as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.board import Board, McuLink
from fitgraph.registry.iris import board_iri, key_of, mcu_iri
from fitgraph.registry.memory_region import in_order
from fitgraph.registry.triples.claim import canonical_claims
from fitgraph.registry.triples.device import device_facts, device_to_triples
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL, fg
from fitgraph.registry.triples.writing import describe, iri

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
        mcu=board.mcu,
        sensor=board.sensors,
        sensor_part=board.sensor_parts,
        radio=board.radios,
        has_mcu=iri(mcu_iri(link.mcu_id)) if link else None,
        mcu_link_kind=_link_kind(link) if link else None,
        mcu_link_reason=(link.reason or None) if link else None,
    )
    yield from device_to_triples(subject, board)


@refusing_damage
def board_from_triples(triples: Iterable[Triple]) -> Board:
    """The board that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a board has.
    """
    facts = Facts(triples)
    subject = facts.only("Board")
    return Board(
        board_id=facts.text(subject, "name"),
        name=facts.text(subject, RDFS_LABEL.value),
        mcu=facts.text(subject, "mcu"),
        sensors=facts.texts(subject, "sensor"),
        radios=facts.texts(subject, "radio"),
        mcu_link=_link_from(facts, subject),
        sensor_parts=facts.texts(subject, "sensorPart"),
        **device_facts(facts, subject),
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
