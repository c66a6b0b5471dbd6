"""The matches that the decisions of a plan rest on."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.matcher.fleet.options import choices_of
from fitgraph.matcher.fleet.plan import nearest_match
from fitgraph.matcher.fleet.records import Fleet, Plan
from fitgraph.matcher.policies import Policies
from fitgraph.matcher.timing import Timing
from fitgraph.matcher.verdict import Match
from fitgraph.registry.store_base import Store


@dataclass(frozen=True, slots=True)
class Ground:
    """A match, and the digest of its model."""

    match: Match
    model_sha256: str


def grounds_of(
    store: Store,
    fleet: Fleet,
    plan: Plan,
    timing: Timing | None = None,
    policies: Policies | None = None,
) -> dict[tuple[str, str], Ground]:
    """The match of each assignment, and the nearest one of who is left out, by group and demand.

    Args:
        timing: that the plan was made with.
        policies: likewise.
    """
    choices = choices_of(store, fleet, timing, policies)
    groups = {one.name: one for one in fleet.groups}
    demands = {one.name: one for one in fleet.demands}
    models = {one.sha256: one for some in choices.candidates.values() for one in some}
    digests = {one.name: one.sha256 for one in models.values()}
    found: dict[tuple[str, str], Ground] = {}
    for left in plan.exclusions:
        nearest = nearest_match(choices, groups[left.group], demands[left.demand])
        if nearest is not None:
            found[left.group, left.demand] = Ground(nearest, digests[nearest.model])
    for one in plan.assignments:
        model = models[one.model_sha256]
        explained = choices.explained(groups[one.group], demands[one.demand], model)
        found[one.group, one.demand] = Ground(explained, one.model_sha256)
    return found
