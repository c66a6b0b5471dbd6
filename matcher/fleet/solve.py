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
from fitgraph.matcher.fleet.relaxed import Candidate, relaxed
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
    running = {
        group.name: _hold(model, group, boards[group.name], choices, fleet)
        for group in fleet.groups
    }
    costs = [_reach(model, demand, fleet, choices) for demand in fleet.demands]
    costs += [
        choice.n_devices * _cost(choice.option) for some in choices.values() for choice in some
    ]
    model.minimize(sum(costs))
    bound = _begun(model, fleet, boards, choices, running)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NoSolutionError(
            f"no plan was found in {limit_s:g} s", hint="give it more time with --limit-s"
        )
    return Solution(_taken(solver, choices), _gap(solver, bound), status == cp_model.OPTIMAL)


def _cost(option: Option) -> int:
    return round(_ACCURACY * (1 - (option.accuracy or 0)))


def _begun(
    model: cp_model.CpModel,
    fleet: Fleet,
    boards: Mapping[str, Board],
    choices: Mapping[Key, Sequence[_Choice]],
    running: Mapping[str, cp_model.IntVar | None],
) -> float:
    """Hint at a plan that is near the best plan of shares; what no plan costs less than."""
    room = {group.name: capacities(boards[group.name], fleet.accept) for group in fleet.groups}
    counts = {group.name: group.count for group in fleet.groups}
    shared = {group.name: group.shares_sram for group in fleet.groups}
    wanted = {demand.name: wanted_devices(demand, fleet)[1] for demand in fleet.demands}
    all_of = {
        (group, demand, number): choice
        for (group, demand), some in choices.items()
        for number, choice in enumerate(some)
    }
    candidates = {
        (group, demand, number): Candidate(
            group, demand, counts[group], _cost(choice.option),
            _step(choice.option.need.flash_bytes)
            if _is_within(choice.option, *room[group])
            else 0,
        )
        for (group, demand, number), choice in all_of.items()
    }  # fmt: skip
    found = relaxed(candidates, {name: flash for name, (flash, _) in room.items()}, wanted,
                    _UNREACHED)  # fmt: skip
    hinted = _rounded(fleet, all_of, found.shares, room, wanted)
    for key, choice in all_of.items():
        n_devices = hinted.get(key, 0)
        model.add_hint(choice.is_used, n_devices > 0)
        model.add_hint(choice.n_devices, n_devices)
    for name, memory in running.items():
        if memory is not None:
            used = [
                all_of[key].option.need.together_bytes
                for key in hinted
                if key[0] == name and not all_of[key].option.keeps_state and shared[name]
            ]
            model.add_hint(memory, max(used, default=0))
    return found.bound


def _rounded(
    fleet: Fleet,
    all_of: Mapping[tuple[str, str, int], _Choice],
    shares: Mapping[tuple[str, str, int], float],
    room: Mapping[str, tuple[int, int]],
    wanted: Mapping[str, int],
) -> dict[tuple[str, str, int], int]:
    """Devices by choice: those of the largest shares first, as long as they fit together."""
    left = dict(wanted)
    rooms = {group.name: _Room(group, *room[group.name]) for group in fleet.groups}
    taken: set[Key] = set()
    found = {}
    for key in sorted(all_of, key=lambda one: (-shares[one], one)):
        group, demand, _ = key
        n_devices = min(rooms[group].group.count, left[demand])
        if n_devices and (group, demand) not in taken and rooms[group].take(all_of[key].option):
            taken.add((group, demand))
            left[demand] -= n_devices
            found[key] = n_devices
    return found


class _Room:
    """What is left of the memory of a group's board."""

    def __init__(self, group: DeviceGroup, flash: int, sram: int) -> None:
        self.group = group
        self._flash, self._sram, self._running = flash, sram, 0

    def take(self, option: Option) -> bool:
        """Whether there is room for one more image, which is taken then."""
        flash = self._flash - _step(option.need.flash_bytes)
        sram, running, needed = self._sram, self._running, option.need.together_bytes
        if option.keeps_state or not self.group.shares_sram:
            sram -= _step(needed)
        else:
            running = max(running, needed)
        if flash < 0 or sram < running:
            return False
        self._flash, self._sram, self._running = flash, sram, running
        return True


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
    reached = sum(
        choice.n_devices for (_, name), some in choices.items() if name == demand.name
        for choice in some
    )  # fmt: skip
    model.add(reached <= wanted)
    return (wanted - reached) * _UNREACHED


def _hold(
    model: cp_model.CpModel,
    group: DeviceGroup,
    board: Board,
    choices: Mapping[Key, Sequence[_Choice]],
    fleet: Fleet,
) -> cp_model.IntVar | None:
    """What one board takes: one model as the matcher decided, several if they fit together.

    Returns:
        Memory of the image that runs, where it is not the only one that has some.
    """
    here = [some for demand in fleet.demands if (some := choices.get((group.name, demand.name)))]
    if len(here) < 2:
        return None
    flash, sram = capacities(board, fleet.accept)
    every = [choice for some in here for choice in some]
    alone = [one for one in every if not _is_within(one.option, flash, sram)]
    for one in alone:
        others = [other.is_used for other in every if other is not one]
        model.add(sum(others) == 0).only_enforce_if(one.is_used)
    kept = [one for one in every if _is_within(one.option, flash, sram)]
    model.add(sum(_step(one.option.need.flash_bytes) * one.is_used for one in kept) <= flash)
    apart = [one for one in kept if not group.shares_sram or one.option.keeps_state]
    if not apart:
        return None
    running = model.new_int_var(0, sram, "")
    for one in kept:
        if group.shares_sram and not one.option.keeps_state:
            model.add(running >= one.option.need.together_bytes * one.is_used)
    own = sum(_step(one.option.need.together_bytes) * one.is_used for one in apart)
    model.add(running + own <= sram)
    return running


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


def _gap(solver: cp_model.CpSolver, least: float) -> float:
    """Of the cost, as a share; 0 where nothing costs anything."""
    cost, bound = solver.objective_value, max(least, solver.best_objective_bound)
    return max(0.0, (cost - bound) / cost) if cost > 0 else 0.0
