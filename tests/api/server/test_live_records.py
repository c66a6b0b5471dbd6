"""Lists that follow what is written: always as if read anew, and read only where it changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from pyoxigraph import Triple

from fitgraph.api.server.collections import BOARDS
from fitgraph.api.server.graph import Graph
from fitgraph.api.server.live_records import LiveRecords
from fitgraph.api.web.catalogues import CATALOGUES
from fitgraph.api.web.list_page import in_default_order
from fitgraph.api.web.readiness import make_lists_ready
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.errors import InvalidRecordError
from tests.support.made_up_boards import board, flash, sram

T = TypeVar("T")


def _board(number: int, clock_hz: int = 64_000_000) -> Board:
    made = board("armv6-m", flash(1 << 20), sram(1 << 16))
    return dataclasses.replace(made, board_id=f"made-{number}", clock_hz=clock_hz)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry of three boards."""
    with open_registry(tmp_path / "store") as registry:
        registry.add_boards([_board(number) for number in range(3)])
        yield registry


@pytest.fixture
def parsed() -> list[str]:
    """Ids of the boards that were read from their graphs."""
    return []


@pytest.fixture
def live(registry: Registry, parsed: list[str]) -> LiveRecords[Board]:
    assert BOARDS.live is not None
    parse = BOARDS.live.parse

    def noting(graph: frozenset[Triple]) -> Board:
        found = parse(graph)
        parsed.append(found.board_id)
        return found

    return LiveRecords(registry, dataclasses.replace(BOARDS.live, parse=noting))


def test_only_what_was_written_is_read_again(
    registry: Registry, live: LiveRecords[Board], parsed: list[str]
) -> None:
    assert live.now() == registry.list_boards()
    registry.add_board(_board(1, clock_hz=48_000_000), replace=True)
    registry.add_board(_board(7))
    registry.remove_board("made-0")
    assert live.now() == registry.list_boards()
    assert [one.clock_hz for one in live.now()] == [48_000_000, 64_000_000, 64_000_000]
    assert sorted(parsed) == ["made-1", "made-7"]


def test_after_an_update_of_anything_all_is_read_again(
    registry: Registry, live: LiveRecords[Board], parsed: list[str]
) -> None:
    live.now()
    (gone,) = [one for one in registry.store.graphs() if one.endswith("/board/made-2")]
    registry.store.update(f"DROP GRAPH <{gone}>")
    assert [one.board_id for one in live.now()] == ["made-0", "made-1"]
    assert parsed == []


def test_a_failure_loses_nothing(registry: Registry) -> None:
    """Who looks after somebody whose look failed sees all of it."""
    assert BOARDS.live is not None
    parse, failures = BOARDS.live.parse, [InvalidRecordError("once", hint="again")]

    def failing(graph: frozenset[Triple]) -> Board:
        if failures:
            raise failures.pop()
        return parse(graph)

    live = LiveRecords(registry, dataclasses.replace(BOARDS.live, parse=failing))
    live.now()
    registry.add_board(_board(9))
    with pytest.raises(InvalidRecordError):
        live.now()
    assert live.now() == registry.list_boards()


class CountingGraph(Graph):
    """Counts how often somebody had to look into the store."""

    n_looks = 0

    async def read(self, look: Callable[[Registry], T]) -> T:
        self.n_looks += 1
        return await super().read(look)


def test_lists_are_ready_before_anybody_asks(registry: Registry, tmp_path: Path) -> None:
    """After a start, and after a change."""

    async def ask(graph: CountingGraph) -> int:
        looks = graph.n_looks
        found = await in_default_order(graph, CATALOGUES["/boards"])
        assert graph.n_looks == looks
        return len(found.records)

    async def story() -> None:
        graph = CountingGraph(registry, tmp_path / "store")
        await make_lists_ready(graph)
        assert await ask(graph) == 3
        await graph.write(lambda registry: registry.add_board(_board(5)), "board")
        await make_lists_ready(graph)
        assert await ask(graph) == 4

    anyio.run(story)
