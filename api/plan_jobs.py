"""What a server does with policies and fleets in its workers, on a snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fitgraph.registry.endpoint import Place
from fitgraph.registry.work import Desk

if TYPE_CHECKING:
    from fitgraph.matcher.fleet.grounds import Ground
    from fitgraph.matcher.fleet.records import Fleet, Plan
    from fitgraph.matcher.policies import Policies
    from fitgraph.matcher.policy_graph import Pair

#: What messages call the folder of the policies.
SHOWN: Final = Path("/policies")

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
    """Holds pairs against policies."""

    where: Place
    rules: Rules
    pairs: tuple[Pair, ...]

    def run(self, desk: Desk) -> dict[Pair, tuple[str, ...]]:
        """Does it: messages by the pair that breaks a rule.

        Raises:
            InvalidDemandError: a rule cannot be checked.
        """
        from fitgraph.matcher.policies import broken

        return broken(read_rules(self.rules), desk.store(self.where), self.pairs)


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
    from fitgraph.matcher.errors import InvalidDemandError
    from fitgraph.matcher.policies import load_policies

    with tempfile.TemporaryDirectory(prefix="fitgraph-policies-") as folder:
        for name, text in rules.items():
            (Path(folder) / f"{name}.ttl").write_text(text, encoding="utf-8")
        try:
            return replace(load_policies(Path(folder)), folder=SHOWN)
        except InvalidDemandError as error:
            said = error.message.replace(folder, str(SHOWN)).replace(".ttl", "")
            raise InvalidDemandError(said, hint=error.hint) from error
