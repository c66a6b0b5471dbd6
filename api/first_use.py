"""Puts what fitgraph brings into a store: the built-in boards with their parts, and the runtimes.

This takes over a second, so a note beside the graph says what was put there. While the note
tells of this version's boards, a command spends milliseconds here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files

from fitgraph.api.first_use_note import Note, read_note, write_note
from fitgraph.api.output import progress
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.endpoint import Place

# Two first commands at once: the second waits until the first has filled the store.
_PATIENCE_S = 10.0


def fill(where: Place) -> None:
    """Bring a store up to what this version of fitgraph brings, unless it is there already.

    A board of the user's under the id of a built-in one stays; a built-in board that the user
    removed stays away until the built-in boards change.

    Raises:
        StoreBusyError: somebody else has the store open.
        StorageError: the disk is full or the folder not to be written.
    """
    wanted = _content()
    if read_note(where).content == wanted:
        return
    with (
        progress("setting up the store") as step,
        open_registry(where, patience_s=_PATIENCE_S) as registry,
    ):
        note = read_note(where)
        if note.content == wanted:
            return
        step("adding the built-in boards")
        boards = _add_boards(registry, note)
        step("adding the runtimes")
        _add_runtime(registry)
        write_note(where, Note(wanted, boards))


def forget(where: Place, board_id: str) -> None:
    """Note that a board is the user's from now on, so that no update replaces it."""
    note = read_note(where)
    if board_id in note.boards:
        kept = tuple(other for other in note.boards if other != board_id)
        write_note(where, Note(note.content, kept))


def _add_boards(registry: Registry, note: Note) -> tuple[str, ...]:
    from fitgraph.registry.board_file import builtin_boards

    taken = {board.board_id for board in registry.list_boards()} - set(note.boards)
    ours = tuple(board for board in builtin_boards() if board.board_id not in taken)
    registry.add_boards(ours, replace=True)
    _add_parts(registry, ours)
    return _ids(ours)


def _add_parts(registry: Registry, boards: Iterable[Board]) -> None:
    """The microcontrollers that the boards link to, so that no link leads nowhere."""
    from fitgraph.registry.device_catalogue import catalogue_mcu

    ids = sorted({board.mcu_link.mcu_id for board in boards if board.mcu_link})
    parts = [mcu for mcu in map(catalogue_mcu, ids) if mcu is not None]
    registry.add_device_catalogue(parts, (), lambda _: None)


def _add_runtime(registry: Registry) -> None:
    from fitgraph.compiler_bridge.runtime import fitgraph_c_runtime
    from fitgraph.compiler_bridge.toolchain.targets import TARGETS
    from fitgraph.registry.runtime_profiles import runtime_profiles

    registry.add_runtime(fitgraph_c_runtime(TARGETS), replace=True)
    for runtime in runtime_profiles():
        registry.add_runtime(runtime, replace=True)


def _ids(boards: Iterable[Board]) -> tuple[str, ...]:
    return tuple(board.board_id for board in boards)


def _content() -> str:
    """Digest of this version and its board files."""
    digest = hashlib.sha256(version("fitgraph").encode())
    for name in ("boards", "runtimes"):
        folder = files("fitgraph.registry").joinpath(name)
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith(".yaml"):
                digest.update(entry.read_bytes())
    return digest.hexdigest()
