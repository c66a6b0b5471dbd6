"""Policies in plans: which models may not go on which boards, whatever fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fitgraph.matcher.decide import with_constraint
from fitgraph.matcher.facts import ModelNeeds
from fitgraph.matcher.fleet.records import Fleet
from fitgraph.matcher.policies import Policies, broken, policy
from fitgraph.matcher.policy_graph import Pair
from fitgraph.matcher.verdict import Match
from fitgraph.registry.board import Board
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri
from fitgraph.registry.store_base import Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What pairs break of policies.

    Attributes:
        messages: by the digest of the model and the id of the board.
    """

    policies: Policies | None = None
    messages: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def broken(self, sha256: str, board_id: str) -> tuple[str, ...]:
        """What a pair breaks."""
        return self.messages.get((sha256, board_id), ())

    def under(self, found: Match, sha256: str) -> Match:
        """The match with what it breaks."""
        if self.policies is None:
            return found
        return with_constraint(found, policy(self.policies, self.broken(sha256, found.board)))


NO_RULES: Final = Rules()


def rules_for(
    store: Store,
    policies: Policies | None,
    fleet: Fleet,
    candidates: Mapping[str, Sequence[ModelNeeds]],
    boards: Iterable[Board],
) -> Rules:
    """What a plan for the fleet must keep to.

    Raises:
        InvalidDemandError: a rule cannot be checked.
    """
    if policies is None:
        return NO_RULES
    runtime = runtime_iri(fleet.runtime)
    pairs = {
        Pair(model_iri(model.sha256), board_iri(board), runtime): (model.sha256, board)
        for model in {one.sha256: one for some in candidates.values() for one in some}.values()
        for board in sorted({one.board_id for one in boards})
    }
    found = broken(policies, store, tuple(pairs))
    return Rules(policies, {pairs[pair]: messages for pair, messages in found.items()})
