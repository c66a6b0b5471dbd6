"""Matches with the figures that they are ranked by; made again is only what rests on a change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fitgraph.api.model_jobs import ModelLook
from fitgraph.api.server.matching import Matching
from fitgraph.matcher.facts import InstructionCount
from fitgraph.matcher.index.index import Index, Pair
from fitgraph.matcher.index.needs import Told
from fitgraph.matcher.ranking import Ranked, ranked
from fitgraph.registry.board import Board
from fitgraph.registry.runtime import Runtime

#: Pairs that are kept, some 3 kB each: those of a few boards and models of a whole catalogue.
_MOST_KEPT: Final = 10_000
_Key = tuple[str, str, str]


class Basis(NamedTuple):
    """All that a match and its figures rest on.

    Attributes:
        told: of the model, what the compiler answered included.
        counts: of its instructions.
        look: at its file, which tells its work; None where nobody looked, or there is none.
        is_known: which of the two.
    """

    told: Told
    board: Board
    runtime: Runtime
    counts: Sequence[InstructionCount]
    look: ModelLook | None
    is_known: bool
    accuracy: float | None
    price: int | None


class RankedPairs:
    """Pairs of a model and a board that somebody asked for last. Any number of threads may ask."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        self._kept: OrderedDict[_Key, tuple[Basis, Ranked]] = OrderedDict()
        self._keeping = threading.Lock()

    def of(
        self,
        index: Index,
        pairs: Sequence[Pair],
        accuracies: Mapping[str, float],
        prices: Mapping[str, int],
    ) -> tuple[Ranked, ...]:
        """Pairs of an index as matches with their figures.

        Args:
            index: with what the compiler said of the models.
            pairs: of it.
            accuracies: by the digest of the model.
            prices: classes by the id of the board.
        """
        runtime = index.facts.runtime.name
        bases = {
            (one.model, one.board, runtime): self._basis(index, one, accuracies, prices)
            for one in pairs
        }
        found = self._known(bases)
        new = [one for one in pairs if (one.model, one.board, runtime) not in found]
        for match in index.decided(new):
            key = match.model, match.board, runtime
            basis = bases[key]
            times = self._matching.intervals(index, basis.told.model, basis.board)
            found[key] = ranked(match, basis.accuracy, *times, basis.price)
        self._keep({key: (basis, found[key]) for key, basis in bases.items()})
        return tuple(found[key] for key in bases)

    def _basis(
        self, index: Index, pair: Pair, accuracies: Mapping[str, float], prices: Mapping[str, int]
    ) -> Basis:
        model, board = index.model_called(pair.model), index.board_called(pair.board)
        assert model is not None
        assert board is not None
        looks = self._matching.looks
        return Basis(
            index.told[model.source],
            board,
            index.facts.runtime,
            index.facts.counts.get(model.sha256, ()),
            looks.found(model.sha256),
            looks.is_known(model.sha256),
            accuracies.get(model.sha256),
            prices.get(board.board_id),
        )

    def _known(self, bases: Mapping[_Key, Basis]) -> dict[_Key, Ranked]:
        """Those that rest on the same as when they were made."""
        with self._keeping:
            kept = {key: one for key in bases if (one := self._kept.get(key)) is not None}
        return {key: one for key, (basis, one) in kept.items() if basis == bases[key]}

    def _keep(self, found: Mapping[_Key, tuple[Basis, Ranked]]) -> None:
        with self._keeping:
            for key, one in found.items():
                self._kept[key] = one
                self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
