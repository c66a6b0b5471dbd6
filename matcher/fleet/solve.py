"""Which option goes on how many devices: an exact assignment by OR-tools CP-SAT.

First as many devices as are demanded, then accuracy. Models that share a board are images of their
own: they fit together when they add up within its largest sure flash region, each up to the next
address that a firmware may start at. Memory is that of the image that runs, within the largest sure
RAM region; that in which a model keeps a state between inferences is shared with none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ortools.sat.python import cp_model

from fitgraph.matcher.doubt import sure_part
from fitgraph.matcher.errors import MatchError
from fitgraph.matcher.fleet.options import Option
from fitgraph.matcher.fleet.records import DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.placement import (
    ORIGIN_ALIGNMENT_BYTES,
    capacity_bytes,
    flash_candidates,
    ram_candidates,
    round_up,
)
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.board import Board

#: A device that is not reached costs more than any loss of accuracy on one that is.
_UNREACHED: Final = 1_000_000
_ACCURACY: Final = 10_000

Key = tuple[str, str]
Options = Mapping[Key, Sequence[Option]]


@dataclass(frozen=True, slots=True)
class Solution:
    """How many devices get which option, by the names of group and demand.

    Attributes:
        gap: how far its cost may be from the least one, as a share of it.
    """

    chosen: Mapping[Key, tuple[Option, int]]
    gap: float
    is_best: bool


class NoSolutionError(MatchError):
    """The solver found nothing in the time that it had."""

    code = "no-solution"


@dataclass(frozen=True, slots=True)
class _Choice:
    option: Option
    is_used: cp_model.IntVar
    n_devices: cp_model.IntVar


def wanted_devices(demand: FleetDemand, fleet: Fleet) -> tuple[int, int]:
    """Devices that a demand is about, and how many of them it wants."""
    total = sum(group.count for group in fleet.groups if demand.is_about(group))
    # A share that is written 0.1 is a little more than that in binary.
    return total, math.ceil(round(demand.share * total, 6))


def solve(
    fleet: Fleet, options: Options, boards: Mapping[str, Board], limit_s: float = 15.0
) -> Solution:
    """The assignment that reaches most devices, and of those the most accurate.

    Args:
        options: that each group has for each demand.
        boards: as the groups have them, by the group's name.
        limit_s: seconds after which the best one so far is taken.

    Raises:
        NoSolutionError: none was found within the limit.
    """
    model = cp_model.CpModel()
    choices = {
        (group.name, demand.name): _choices(model, group, options[group.name, demand.name])
        for group in fleet.groups
        for demand in fleet.demands
        if (group.name, demand.name) in options
    }
    for group in fleet.groups:
        _hold(model, group, boards[group.name], choices, fleet)
    costs = [_reach(model, demand, fleet, choices) for demand in fleet.demands]
    costs += [
        choice.n_devices * round(_ACCURACY * (1 - (choice.option.accuracy or 0)))
        for some in choices.values()
        for choice in some
    ]
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NoSolutionError(
            f"no plan was found in {limit_s:g} s", hint="give it more time with --limit-s"
        )
    return Solution(_taken(solver, choices), _gap(solver), status == cp_model.OPTIMAL)


def _choices(
    model: cp_model.CpModel, group: DeviceGroup, options: Sequence[Option]
) -> list[_Choice]:
    """One option at most, on some of the devices."""
    found = [
        _Choice(option, model.new_bool_var(""), model.new_int_var(0, group.count, ""))
        for option in options
    ]
    for one in found:
        model.add(one.n_devices <= group.count * one.is_used)
        model.add(one.n_devices >= one.is_used)
    if found:
        model.add_at_most_one(one.is_used for one in found)
    return found


def _reach(
    model: cp_model.CpModel,
    demand: FleetDemand,
    fleet: Fleet,
    choices: Mapping[Key, Sequence[_Choice]],
) -> cp_model.LinearExprT:
    """What the devices cost that a demand does not reach; none are reached beyond it."""
    _, wanted = wanted_devices(demand, fleet)
    unreached = model.new_int_var(0, wanted, "")
    reached = [
        choice.n_devices for (_, name), some in choices.items() if name == demand.name
        for choice in some
    ]  # fmt: skip
    model.add(sum(reached) + unreached == wanted)
    return unreached * _UNREACHED


def _hold(
    model: cp_model.CpModel,
    group: DeviceGroup,
    board: Board,
    choices: Mapping[Key, Sequence[_Choice]],
    fleet: Fleet,
) -> None:
    """What one board takes: one model as the matcher decided, several if they fit together."""
    here = [some for demand in fleet.demands if (some := choices.get((group.name, demand.name)))]
    if len(here) < 2:
        return
    flash, sram = capacities(board, fleet.accept)
    every = [choice for some in here for choice in some]
    alone = [one for one in every if not _is_within(one.option, flash, sram)]
    for one in alone:
        others = [other.is_used for other in every if other is not one]
        model.add(sum(others) == 0).only_enforce_if(one.is_used)
    kept = [one for one in every if _is_within(one.option, flash, sram)]
    model.add(sum(_step(one.option.need.flash_bytes) * one.is_used for one in kept) <= flash)
    running = model.new_int_var(0, sram, "")
    for one in kept:
        if group.shares_sram and not one.option.keeps_state:
            model.add(running >= one.option.need.together_bytes * one.is_used)
    apart = [one for one in kept if not group.shares_sram or one.option.keeps_state]
    own = sum(_step(one.option.need.together_bytes) * one.is_used for one in apart)
    model.add(running + own <= sram)


def _step(n_bytes: int) -> int:
    """Bytes up to where the next image may start."""
    return round_up(n_bytes, ORIGIN_ALIGNMENT_BYTES)


def capacities(board: Board, accept: Verdict) -> tuple[int, int]:
    """Bytes of the largest flash and RAM regions that a plan may rest on."""
    held = sure_part(board) if accept is Verdict.FITS else board
    flash, sram = (
        max(map(capacity_bytes, regions), default=0)
        for regions in (flash_candidates(held), ram_candidates(held))
    )
    return flash, sram


def _is_within(option: Option, flash: int, sram: int) -> bool:
    return option.need.flash_bytes <= flash and option.need.together_bytes <= sram


def _taken(
    solver: cp_model.CpSolver, choices: Mapping[Key, Sequence[_Choice]]
) -> dict[Key, tuple[Option, int]]:
    return {
        key: (choice.option, n_devices)
        for key, some in choices.items()
        for choice in some
        if (n_devices := solver.value(choice.n_devices))
    }


def _gap(solver: cp_model.CpSolver) -> float:
    """Of the cost, as a share; 0 where nothing costs anything."""
    cost, bound = solver.objective_value, solver.best_objective_bound
    return max(0.0, (cost - bound) / cost) if cost > 0 else 0.0
