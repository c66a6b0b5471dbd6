"""A plan whose choices may be shares: no plan costs less, and rounded it is one to begin with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.linear_solver.python import model_builder

#: Names of group and demand, and the number of the option.
Key = tuple[str, str, int]

# What a sum of rounded products may be off, as a share.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """An option of a group for a demand.

    Attributes:
        cost: of a device that it is on.
        flash_bytes: that it takes of what its group has; 0 where that is not to count.
    """

    group: str
    demand: str
    n_devices: int
    cost: int
    flash_bytes: int


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best plan of shares.

    Attributes:
        bound: what no plan costs less than; 0 where that could not be told.
        shares: of each candidate, 0 to 1.
    """

    bound: float
    shares: Mapping[Key, float]


def relaxed(
    candidates: Mapping[Key, Candidate],
    flash: Mapping[str, int],
    wanted: Mapping[str, int],
    unreached: int,
) -> Relaxed:
    """The plan of shares of candidates that costs least.

    Args:
        flash: bytes that each group has.
        wanted: devices of each demand.
        unreached: what a device costs that is wanted and not reached.
    """
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    shares = {key: model.new_num_var(0, 1, None) for key in candidates}
    reached: defaultdict[str, list[object]] = defaultdict(list)
    taken: defaultdict[str, list[object]] = defaultdict(list)
    of_pair: defaultdict[tuple[str, str], list[object]] = defaultdict(list)
    saved = []
    for key, one in candidates.items():
        devices = shares[key] * one.n_devices
        reached[one.demand].append(devices)
        taken[one.group].append(shares[key] * one.flash_bytes)
        of_pair[one.group, one.demand].append(shares[key])
        saved.append(devices * (unreached - one.cost))
    for demand, some in reached.items():
        model.add(_sum(some) <= wanted[demand])
    for group, some in taken.items():
        model.add(_sum(some) <= flash[group])
    for some in of_pair.values():
        model.add(_sum(some) <= 1)
    model.maximize(_sum(saved))
    solver = model_builder.Solver("glop")
    if solver.solve(model) != model_builder.SolveStatus.OPTIMAL:
        return Relaxed(0.0, dict.fromkeys(candidates, 0.0))
    most = sum(wanted.values()) * unreached
    bound = most - solver.objective_value * (1 + _TOLERANCE)
    return Relaxed(max(0.0, bound), {key: solver.value(one) for key, one in shares.items()})


def _sum(terms: Sequence[object]) -> model_builder.LinearExprT:
    total: model_builder.LinearExprT = model_builder.LinearExpr.sum(terms)
    return total
