"""What a server does with policies and fleets in its workers, on a snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fitgraph.registry.endpoint import Place
from fitgraph.registry.work import Desk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fitgraph.matcher.fleet.grounds import Ground
    from fitgraph.matcher.fleet.records import Fleet, Plan
    from fitgraph.matcher.policies import Policies
    from fitgraph.matcher.policy_graph import Pair

#: What messages call the folder of the policies.
SHOWN: Final = Path("/policies")

#: Pairs that rules tell apart, which a worker holds against them in a few seconds.
ONE_BY_ONE: Final = 400

#: Turtle by the name of the policy.
Rules = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckPolicies:
    """Reads policies as they would be read when something is matched."""

    rules: Rules

    def run(self, _desk: Desk) -> None:
        """Does it.

        Raises:
            InvalidDemandError: one is no Turtle, or says what would not be checked.
        """
        read_rules(self.rules)


@dataclass(frozen=True, slots=True)
class FindBroken:
    """Holds pairs against policies: all of them, or as many as take some seconds."""

    where: Place
    rules: Rules
    pairs: tuple[Pair, ...]

    def run(self, desk: Desk) -> dict[Pair, tuple[str, ...]]:
        """Does it: messages by the pair, none for a pair that breaks no rule.

        Raises:
            InvalidDemandError: a rule cannot be checked.
        """
        from fitgraph.matcher.policies import broken
        from fitgraph.matcher.policy_reach import reach_of

        policies = read_rules(self.rules)
        some = self.pairs if reach_of(policies.rules).is_blind else self.pairs[:ONE_BY_ONE]
        found = broken(policies, desk.store(self.where), some)
        return {pair: found.get(pair, ()) for pair in some}


@dataclass(frozen=True, slots=True)
class FindForbidden:
    """Holds all pairs of some models and boards against policies.

    Attributes:
        models: IRIs, likewise ``boards`` and ``runtime``.
        most: pairs that the rules may tell apart.
    """

    where: Place
    rules: Rules
    models: tuple[str, ...]
    boards: tuple[str, ...]
    runtime: str
    most: int

    def run(self, desk: Desk) -> NDArray[np.bool_] | None:
        """Does it: whether a pair breaks a rule, a row a model.

        None where the rules tell so many pairs apart that it would take long.

        Raises:
            InvalidDemandError: a rule cannot be checked.
        """
        from fitgraph.matcher.policies import forbidden

        policies, store = read_rules(self.rules), desk.store(self.where)
        return forbidden(policies, store, self.models, self.boards, self.runtime, self.most)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the matches that its decisions rest on, by the names of group and demand."""

    plan: Plan
    grounds: Mapping[tuple[str, str], Ground]


@dataclass(frozen=True, slots=True)
class PlanFleet:
    """Plans a fleet.

    Attributes:
        blobs: where the model files are.
        limit_s: seconds for the solver.
    """

    where: Place
    blobs: str
    fleet: Fleet
    rules: Rules
    limit_s: float

    def run(self, desk: Desk) -> Planned:
        """Does it.

        Raises:
            FitgraphError: a board or a model is not there, or nothing was found in time.
        """
        from fitgraph.api.timing import timing_for
        from fitgraph.matcher.fleet.grounds import grounds_of
        from fitgraph.matcher.fleet.plan import plan
        from fitgraph.registry.blobs import Blobs
        from fitgraph.registry.catalogue import Registry

        store = desk.store(self.where)
        timing = timing_for(Registry(store, Blobs(self.blobs)))
        rules = read_rules(self.rules) if self.rules else None
        found = plan(store, self.fleet, timing, self.limit_s, rules)
        return Planned(found, grounds_of(store, self.fleet, found, timing, rules))


def read_rules(rules: Rules) -> Policies:
    """The policies of some texts.

    Raises:
        InvalidDemandError: one is no Turtle, or says what would not be checked.
    """
    return _read(tuple(sorted(rules.items())))


@lru_cache(maxsize=4)
def _read(rules: tuple[tuple[str, str], ...]) -> Policies:
    """Kept in a worker from job to job: holding shapes against SHACL takes half a second."""
    from fitgraph.matcher.errors import InvalidDemandError
    from fitgraph.matcher.policies import load_policies

    with tempfile.TemporaryDirectory(prefix="fitgraph-policies-") as folder:
        for name, text in rules:
            (Path(folder) / f"{name}.ttl").write_text(text, encoding="utf-8")
        try:
            return replace(load_policies(Path(folder)), folder=SHOWN)
        except InvalidDemandError as error:
            said = error.message.replace(folder, str(SHOWN)).replace(".ttl", "")
            raise InvalidDemandError(said, hint=error.hint) from error
