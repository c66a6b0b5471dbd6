"""Adds, gets, lists and removes microcontrollers, boards and runtimes."""

from __future__ import annotations

from collections.abc import Iterable

from fitgraph.registry.board import Board
from fitgraph.registry.board_checks import check_board, check_mcu
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import ConflictError, InvalidRecordError
from fitgraph.registry.iris import Iri, board_iri, isa_iri, key_of, mcu_iri, runtime_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.resources import Added
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.triples.board import board_from_triples, board_to_triples
from fitgraph.registry.triples.mcu import mcu_from_triples, mcu_to_triples
from fitgraph.registry.triples.runtime import runtime_from_triples, runtime_to_triples


class McuOperations(CatalogueBase):
    """Operations on microcontrollers."""

    def add_mcus(self, mcus: Iterable[Mcu], *, replace: bool = False) -> tuple[Added, ...]:
        """Adds microcontrollers, all of them or none.

        Args:
            mcus: with ids of their own.
            replace: whether one with other facts gives way.

        Raises:
            ConflictError: an id is taken by one with other facts.
            InvalidMcuError: one contradicts itself.
            InvalidRecordError: one violates a shape.
        """
        checked = [check_mcu(mcu) for mcu in mcus]
        graphs = {mcu_iri(mcu.mcu_id): mcu_to_triples(mcu) for mcu in checked}
        if len(graphs) < len(checked):
            raise ConflictError("two MCUs have the same id", hint="give each its own mcu_id")
        return self._resources.put("mcu", graphs, replace=replace)

    def get_mcu(self, reference: str) -> Mcu:
        """The microcontroller with this id or IRI."""
        return mcu_from_triples(self.store.graph(self.resolve("mcu", reference)))

    def list_mcus(self) -> tuple[Mcu, ...]:
        """All microcontrollers by id."""
        iris = self._resources.names("mcu").values()
        return tuple(map(mcu_from_triples, self._resources.triples(iris)))

    def remove_mcu(self, reference: str) -> tuple[Iri, ...]:
        """Removes a microcontroller.

        Raises:
            ConflictError: a board links to it.
        """
        iri = self.resolve("mcu", reference)
        boards = self._resources.referring(iri)
        if boards:
            raise ConflictError(
                f"{key_of(iri)!r} cannot be removed: the board {key_of(boards[0])!r} links to it",
                hint="remove the board first",
            )
        return self._remove(iri)


class BoardOperations(CatalogueBase):
    """Operations on boards."""

    def add_board(self, board: Board, *, replace: bool = False) -> Added:
        """Adds a board; see ``add_boards``."""
        (added,) = self.add_boards((board,), replace=replace)
        return added

    def add_boards(self, boards: Iterable[Board], *, replace: bool = False) -> tuple[Added, ...]:
        """Adds boards, all of them or none.

        Args:
            boards: with ids of their own.
            replace: whether a board with other facts gives way.

        Raises:
            ConflictError: an id is taken by a board with other facts.
            InvalidBoardError: a board contradicts itself.
            InvalidRecordError: a board violates a shape.
        """
        checked = [check_board(board) for board in boards]
        graphs = {board_iri(board.board_id): board_to_triples(board) for board in checked}
        if len(graphs) < len(checked):
            raise ConflictError("two boards have the same id", hint="give each its own board_id")
        return self._resources.put("board", graphs, replace=replace)

    def get_board(self, reference: str) -> Board:
        """The board with this id or IRI."""
        return board_from_triples(self.store.graph(self.resolve("board", reference)))

    def list_boards(self) -> tuple[Board, ...]:
        """All boards by id."""
        iris = self._resources.names("board").values()
        return tuple(map(board_from_triples, self._resources.triples(iris)))

    def remove_board(self, reference: str) -> tuple[Iri, ...]:
        """Removes a board with the proofs on it, and returns the IRIs of what was removed."""
        return self._remove(self.resolve("board", reference))


class RuntimeOperations(CatalogueBase):
    """Operations on runtimes."""

    def add_runtime(self, runtime: Runtime, *, replace: bool = False) -> Added:
        """Adds a runtime.

        Raises:
            ConflictError: the name is taken by other facts and ``replace`` is not set.
            InvalidRecordError: it lists an operator twice, or violates a shape.
        """
        operators = [support.operator for support in runtime.operators]
        twice = sorted({name for name in operators if operators.count(name) > 1})
        if twice:
            raise InvalidRecordError(
                f"runtime {runtime.name!r} lists {twice[0]} twice",
                hint="one entry an operator, with all its element types",
            )
        for isa_class in runtime.isa_classes:
            self._resources.require("ISA class", isa_iri(isa_class))
        (added,) = self._resources.put(
            "runtime",
            {runtime_iri(runtime.name): runtime_to_triples(runtime)},
            replace=replace,
            operators=operators,
        )
        return added

    def get_runtime(self, reference: str) -> Runtime:
        """The runtime with this name or IRI."""
        return runtime_from_triples(self.store.graph(self.resolve("runtime", reference)))

    def list_runtimes(self) -> tuple[Runtime, ...]:
        """All runtimes by name."""
        iris = self._resources.names("runtime").values()
        return tuple(map(runtime_from_triples, self._resources.triples(iris)))

    def remove_runtime(self, reference: str) -> tuple[Iri, ...]:
        """Removes a runtime with its footprints and proofs; returns what was removed."""
        return self._remove(self.resolve("runtime", reference))
