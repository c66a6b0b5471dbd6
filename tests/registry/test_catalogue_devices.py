"""Boards and runtimes in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.registry.board import MemoryRegion, RegionKind
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.errors import (
    ConflictError,
    InvalidBoardError,
    InvalidRecordError,
    NotFoundError,
)
from fitgraph.registry.iris import board_iri, proof_iri
from fitgraph.registry.runtime import OperatorSupport
from fitgraph.registry.triples.board import canonical_board
from fitgraph.registry.triples.runtime import canonical_runtime
from tests.support.small_registry import BOARDS, LARGE, PROOF, RUNTIME, SMALL, fill


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    with open_registry(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry with everything of ``small_registry``."""
    fill(registry)
    return registry


def test_boards_come_back_and_are_listed_by_id(full: Registry) -> None:
    assert full.get_board("large") == canonical_board(LARGE)
    expected = sorted(BOARDS, key=lambda board: board.board_id)
    assert full.list_boards() == tuple(map(canonical_board, expected))


def test_adding_boards_again_changes_nothing(full: Registry) -> None:
    assert not any(added.is_new for added in full.add_boards(BOARDS))


def test_a_board_id_that_is_taken_by_other_facts_is_refused(full: Registry) -> None:
    other = replace(LARGE, clock_hz=1)
    with pytest.raises(ConflictError, match="another board 'large'"):
        full.add_board(other)
    assert full.get_board("large") == canonical_board(LARGE)
    assert full.add_board(other, replace=True).is_new
    assert full.get_board("large").clock_hz == 1


def test_boards_are_added_together_or_not_at_all(registry: Registry) -> None:
    bad = replace(SMALL, clock_hz=0)
    with pytest.raises(InvalidBoardError, match="clock_hz"):
        registry.add_boards([LARGE, bad])
    with pytest.raises(InvalidRecordError, match="mcu"):
        registry.add_boards([LARGE, replace(SMALL, mcu="")])
    assert registry.list_boards() == ()


def test_overlapping_regions_are_refused(registry: Registry) -> None:
    regions = (*LARGE.regions, MemoryRegion("RAM2", RegionKind.SRAM, 0x2000FFF0, 64))
    with pytest.raises(InvalidBoardError, match="overlap"):
        registry.add_board(replace(LARGE, regions=regions))


def test_two_boards_of_one_id_are_refused(registry: Registry) -> None:
    with pytest.raises(ConflictError, match="same id"):
        registry.add_boards([LARGE, replace(SMALL, board_id="large")])


def test_a_removed_board_takes_its_proofs_along(full: Registry) -> None:
    assert full.remove_board("large") == (board_iri("large"), proof_iri(PROOF))
    assert full.list_proofs() == ()
    assert len(full.list_footprints()) == 1


def test_a_runtime_comes_back(full: Registry) -> None:
    assert full.get_runtime("fitgraph-c") == canonical_runtime(RUNTIME)
    assert full.list_runtimes() == (canonical_runtime(RUNTIME),)


def test_a_runtime_with_more_operators_takes_the_place_of_the_old(full: Registry) -> None:
    more = replace(RUNTIME, operators=(*RUNTIME.operators, OperatorSupport("tflite:ADD")))
    with pytest.raises(ConflictError):
        full.add_runtime(more)
    assert full.add_runtime(more, replace=True).is_new
    assert len(full.get_runtime("fitgraph-c").operators) == 3


def test_a_runtime_lists_an_operator_once(registry: Registry) -> None:
    twice = replace(RUNTIME, operators=RUNTIME.operators * 2)
    with pytest.raises(InvalidRecordError, match="tflite:FULLY_CONNECTED twice"):
        registry.add_runtime(twice)


def test_a_runtime_on_an_unknown_isa_class_is_refused(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="armv7e-m\\+fpu") as caught:
        registry.add_runtime(replace(RUNTIME, isa_classes=("armv7e-m+fpu",)))
    assert "armv7e-m+fp" in caught.value.hint


def test_a_removed_runtime_takes_its_evidence_along(full: Registry) -> None:
    full.remove_runtime("fitgraph-c")
    assert not full.list_runtimes()
    assert not full.list_footprints()
    assert not full.list_proofs()
