"""Taking in the device catalogue, and boards of others: once or twice, whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.registry.board import Board
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.catalogue_imported import Result
from fitgraph.registry.device_catalogue import (
    catalogue_board,
    catalogue_boards,
    catalogue_mcu,
    catalogue_mcus,
)
from fitgraph.registry.errors import ConflictError, NotFoundError, StorageError, StoreBusyError
from fitgraph.registry.iris import BASE, board_iri, key_of, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.store import EmbeddedStore
from tests.support.full_disk import fill_up, small_disk

# Some of the catalogue: one transaction, and more than one holds.
FEW, MANY = 20, 600

CATALOGUE = """
import sys
from itertools import islice
from pathlib import Path
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
n = int(sys.argv[2])
mcus, boards = tuple(islice(catalogue_mcus(), n)), tuple(islice(catalogue_boards(), n))
with open_registry(Path(sys.argv[1])) as registry:
    print("ready", flush=True)
    {call}
    print("done", flush=True)
"""
CALLS = {
    "catalogue": "registry.add_device_catalogue(mcus, boards, lambda _: None)",
    "boards": "registry.import_devices(boards, mcus)",
}


def _take(registry: Registry, count: int) -> None:
    registry.add_device_catalogue(
        tuple(islice(catalogue_mcus(), count)), tuple(islice(catalogue_boards(), count)),
        lambda _: None,
    )  # fmt: skip


def _devices(store: EmbeddedStore) -> dict[str, frozenset[Triple]]:
    kinds = tuple(BASE + kind for kind in ("mcu/", "board/"))
    return {iri: store.graph(iri) for iri in store.graphs() if iri.startswith(kinds)}


def _imported(folder: Path) -> int:
    with EmbeddedStore.open(folder / "graph") as store:
        return len(_devices(store))


def test_importing_the_catalogue_twice_changes_nothing(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        assert isinstance(registry.store, EmbeddedStore)
        _take(registry, FEW)
        once = _devices(registry.store)
        _take(registry, FEW)
        assert _devices(registry.store) == once
        assert len(once) == 2 * FEW


def _import(registry: Registry, mcus: tuple[Mcu, ...], boards: tuple[Board, ...]) -> set[str]:
    """Ids of what is new or changed."""
    added = registry.import_device_catalogue(mcus, boards, lambda _: None)
    assert len(added) == len(mcus) + len(boards)
    return {key_of(one.iri) for one in added if one.is_new}


def test_the_whole_catalogue_is_compared_by_its_digest(tmp_path: Path) -> None:
    """An unchanged one writes nothing; what is gone, grown or newer is written again."""
    mcus, boards = tuple(islice(catalogue_mcus(), FEW)), tuple(islice(catalogue_boards(), FEW))
    gone, grown = mcu_iri(mcus[3].mcu_id), board_iri(boards[5].board_id)
    with open_registry(tmp_path) as registry:
        assert isinstance(registry.store, EmbeddedStore)
        assert len(_import(registry, mcus, boards)) == 2 * FEW
        once = _devices(registry.store)
        assert _import(registry, mcus, boards) == set()
        more = Triple(NamedNode(grown), NamedNode("urn:example:note"), Literal("mine"))
        registry.store.write({grown: {*once[grown], more}}, (gone,))
        assert _import(registry, mcus, boards) == {mcus[3].mcu_id, boards[5].board_id}
        assert _devices(registry.store) == once
        newer = (*mcus[:-1], replace(mcus[-1], clock_hz=1))
        assert _import(registry, newer, boards) == {mcus[-1].mcu_id}
        assert _import(registry, newer, boards) == set()
        assert registry.get_mcu(mcus[-1].mcu_id).clock_hz == 1


def test_a_board_of_ones_own_stays_when_the_whole_catalogue_comes_again(tmp_path: Path) -> None:
    boards = tuple(islice(catalogue_boards(), FEW))
    own = replace(boards[0], name="Mine", sources=("my desk",), claims=())
    with open_registry(tmp_path) as registry:
        assert len(_import(registry, (), boards)) == FEW
        registry.add_board(own, replace=True)
        for _ in range(2):
            added = registry.import_device_catalogue((), boards, lambda _: None)
            assert [one for one in added if one.is_new] == []
            assert len(added) == FEW - 1
        assert registry.get_board(own.board_id).name == "Mine"


def test_importing_boards_twice_changes_nothing(tmp_path: Path) -> None:
    boards = tuple(islice(catalogue_boards(), FEW))
    mcus = tuple(islice(catalogue_mcus(), FEW))
    with open_registry(tmp_path) as registry:
        assert isinstance(registry.store, EmbeddedStore)
        first = registry.import_devices(boards, mcus)
        once = _devices(registry.store)
        second = registry.import_devices(boards, mcus)
        assert {one.result for one in first} == {Result.ADDED}
        assert {one.result for one in second} == {Result.UNCHANGED}
        assert _devices(registry.store) == once


@pytest.mark.parametrize(("what", "count"), [("catalogue", MANY), ("boards", MANY)])
def test_a_killed_import_leaves_the_store_before_or_after(
    tmp_path: Path, what: str, count: int
) -> None:
    """SIGKILL at moments all over the import: never a part of it. Each takes a process's start."""
    seen = set()
    for attempt, delay in enumerate((0.1, 1.0, None)):
        store = tmp_path / f"store-{attempt}"
        code = CATALOGUE.format(call=CALLS[what])
        with subprocess.Popen(
            [sys.executable, "-c", code, str(store), str(count)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if delay is not None:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
            process.wait()
        seen.add(_imported(store))
    assert seen <= {0, 2 * count}
    assert 2 * count in seen


def test_an_import_on_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """And goes through when it is repeated where there is room."""
    with small_disk(tmp_path / "disk", 192 << 20) as disk:
        with open_registry(disk / "store") as registry:
            _take(registry, FEW)
            filler = fill_up(disk)
            with pytest.raises(StorageError, match="stays as it was"):
                _take(registry, MANY)
        filler.unlink()
        assert _imported(disk / "store") == 2 * FEW
        with open_registry(disk / "store") as registry:
            _take(registry, MANY)
        assert _imported(disk / "store") == 2 * MANY


def test_a_second_opener_is_told_to_wait_while_the_catalogue_comes_in(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        with pytest.raises(StoreBusyError), open_registry(tmp_path):
            pass
        _take(registry, FEW)
    with open_registry(tmp_path, read_only=True) as one, open_registry(
        tmp_path, read_only=True
    ) as other:  # fmt: skip
        assert len(one.list_mcus()) == len(other.list_mcus()) == FEW


def test_a_newer_catalogue_replaces_what_came_out_of_an_older_one(tmp_path: Path) -> None:
    newer = catalogue_mcu("stm32f405rg")
    assert newer is not None
    older = replace(newer, clock_hz=1)
    with open_registry(tmp_path) as registry:
        registry.add_device_catalogue((older,), (), lambda _: None)
        registry.add_device_catalogue((newer,), (), lambda _: None)
        assert registry.get_mcu("stm32f405rg").clock_hz == newer.clock_hz


def test_what_is_not_of_the_catalogue_keeps_its_place(tmp_path: Path) -> None:
    theirs = catalogue_board("feather-m4-can")
    assert theirs is not None
    own = replace(builtin_board("adafruit-pybadge"), board_id="feather-m4-can", mcu_link=None)
    with open_registry(tmp_path) as registry:
        registry.add_board(own)
        assert registry.add_device_catalogue((), (theirs,), lambda _: None) == ()
        with pytest.raises(ConflictError, match="another board 'feather-m4-can'"):
            registry.add_from_catalogue("board", "feather-m4-can")
        assert registry.get_board("feather-m4-can").name == own.name


def test_one_board_comes_with_its_part(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        added = registry.add_from_catalogue("board", "feather-m4-can")
        assert added.is_new
        assert added.iri == board_iri("feather-m4-can")
        assert registry.store.has_graph(mcu_iri("atsame51j19"))
        assert not registry.add_from_catalogue("board", "feather-m4-can").is_new
        with pytest.raises(NotFoundError, match="has no mcu"):
            registry.add_from_catalogue("mcu", "no-such-part")


@pytest.mark.slow
def test_the_whole_catalogue_twice_is_the_catalogue_once(tmp_path: Path) -> None:
    """It takes the better part of a minute: a million triples are compared."""
    mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
    with open_registry(tmp_path) as registry:
        first = registry.import_device_catalogue(mcus, boards, lambda _: None)
        second = registry.import_device_catalogue(mcus, boards, lambda _: None)
    assert all(one.is_new for one in first)
    assert not any(one.is_new for one in second)
    assert len(first) == len(second) == len(mcus) + len(boards)
