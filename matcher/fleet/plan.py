"""From a fleet to a plan: assignments with their artifacts, waves, and who is left out and why."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

from fitgraph.matcher import columns
from fitgraph.matcher.decide import how_to_measure
from fitgraph.matcher.fleet.options import Choices, Option, choices_of
from fitgraph.matcher.fleet.records import (
    Artifact,
    Assignment,
    Coverage,
    DeviceGroup,
    Exclusion,
    Fleet,
    FleetDemand,
    Plan,
    Wave,
    WavePart,
)
from fitgraph.matcher.fleet.solve import Key, Solution, solve, wanted_devices
from fitgraph.matcher.timing import Timing
from fitgraph.matcher.verdict import Constraint, Match
from fitgraph.registry.iris import board_iri, key_of, runtime_iri
from fitgraph.registry.store_base import Store


def plan(store: Store, fleet: Fleet, timing: Timing | None = None, limit_s: float = 15.0) -> Plan:
    """The plan for a fleet.

    Args:
        timing: tells time and energy, if somebody can.
        limit_s: seconds for the solver.

    Raises:
        NotFoundError: a board, model or runtime is not there.
        NoSolutionError: nothing was found within the limit.
    """
    choices = choices_of(store, fleet, timing)
    solution = solve(fleet, choices.options, choices.boards, limit_s)
    artifacts = _artifacts(store, fleet.runtime)
    assignments = tuple(_assignments(choices, solution, artifacts))
    coverage = tuple(_coverage(demand, fleet, assignments) for demand in fleet.demands)
    return Plan(
        fleet=fleet.name,
        assignments=assignments,
        exclusions=tuple(_exclusions(choices, solution, coverage)),
        coverage=coverage,
        waves=waves(assignments, fleet.waves),
        gap=solution.gap,
        is_best=solution.is_best,
    )


def waves(assignments: Sequence[Assignment], shares: Sequence[float]) -> tuple[Wave, ...]:
    """Waves that have reached these shares of every assignment's devices; each one at least one.

    Models that share a board come together: a wave has as many devices as its largest part in each
    group.
    """
    reached = dict.fromkeys(((one.group, one.demand) for one in assignments), 0)
    found: list[Wave] = []
    for share in shares:
        parts = []
        for one in assignments:
            target = min(one.n_devices, math.ceil(round(share * one.n_devices, 6)))
            n_new = target - reached[one.group, one.demand]
            if n_new:
                parts.append(WavePart(one.group, one.demand, n_new))
                reached[one.group, one.demand] = target
        if parts:
            found.append(
                Wave(len(found), not found and len(shares) > 1, _devices(parts), (*parts,))
            )
    return tuple(found)


def _devices(parts: Sequence[WavePart]) -> int:
    most: dict[str, int] = {}
    for part in parts:
        most[part.group] = max(part.n_devices, most.get(part.group, 0))
    return sum(most.values())


def _assignments(
    choices: Choices, solution: Solution, artifacts: Mapping[Key, Artifact]
) -> Iterator[Assignment]:
    runtime = choices.fleet.runtime
    for group in choices.fleet.groups:
        for demand in choices.fleet.demands:
            if (group.name, demand.name) not in solution.chosen:
                continue
            option, n_devices = solution.chosen[group.name, demand.name]
            board = choices.boards[group.name]
            board_id, name = board.board_id, shlex.quote(option.model.name)
            # What was linked for the whole board would lie in what something else takes of it.
            is_whole = board == choices.facts.boards[board_iri(board_id)]
            firmware = f"fitgraph build {name} --board {board_id}"
            library = f"fitgraph build {name} --isa {board.isa_class} --package cmake"
            yield Assignment(
                group=group.name,
                demand=demand.name,
                board=board_id,
                n_devices=n_devices,
                model=option.model.name,
                model_sha256=option.model.sha256,
                runtime=runtime,
                verdict=option.verdict,
                accuracy=option.accuracy,
                flash_bytes=option.need.flash_bytes,
                sram_bytes=option.need.together_bytes,
                artifact=artifacts.get((option.model.sha256, board_id)) if is_whole else None,
                build=firmware if is_whole else library,
            )


def _artifacts(store: Store, runtime: str) -> dict[Key, Artifact]:
    """What was proven, by the digest of the model and the id of the board."""
    rows = columns.read(store, "proven_firmware", runtime=runtime_iri(runtime))
    return {
        (key_of(str(row["model"])), key_of(str(row["board"]))): Artifact(
            str(row["firmware_sha256"]), str(row["proof"])
        )
        for row in sorted(rows, key=lambda row: str(row["proof"]))
    }


def _coverage(demand: FleetDemand, fleet: Fleet, assignments: Sequence[Assignment]) -> Coverage:
    total, wanted = wanted_devices(demand, fleet)
    reached = sum(one.n_devices for one in assignments if one.demand == demand.name)
    return Coverage(demand.name, total, wanted, reached)


def _exclusions(
    choices: Choices, solution: Solution, coverage: Sequence[Coverage]
) -> Iterator[Exclusion]:
    """Devices that a demand is short of, and those that could not do it whatever else is there."""
    short = {one.demand for one in coverage if one.reached < one.wanted}
    for group in choices.fleet.groups:
        for demand in choices.fleet.demands:
            options = choices.options.get((group.name, demand.name))
            _, reached = solution.chosen.get((group.name, demand.name), (None, 0))
            n_left = group.count - reached
            if options is None or not n_left or (options and demand.name not in short):
                continue
            reason, would_help = _why(choices, group, demand, options)
            yield Exclusion(group.name, demand.name, n_left, reason, would_help)


def _why(
    choices: Choices, group: DeviceGroup, demand: FleetDemand, options: Sequence[Option]
) -> tuple[str, str]:
    """Why devices of a group do not get a model for a demand, and what would help."""
    candidates = choices.candidates[demand.name]
    if options:
        smallest = min(options, key=lambda one: one.need.flash_bytes)
        room = (
            f"{smallest.need.flash_bytes:,} B of flash and "
            f"{smallest.need.together_bytes:,} B of SRAM that others leave"
        )
        name = smallest.model.name
        return f"{name} fits {group.board} alone, and not beside what else is demanded", room
    if not candidates:
        return f"no model does the task {demand.task!r}", "name models for it in the fleet file"
    accurate = [
        one
        for one in candidates
        if demand.minimum_accuracy is None
        or choices.accuracies.get(one.sha256, -1) >= demand.minimum_accuracy
    ]
    if not accurate:
        best = max((choices.accuracies.get(one.sha256, -1) for one in candidates), default=-1)
        known = f"the best has {best:g}" if best >= 0 else "no accuracy is known"
        return (
            f"no model for {demand.task!r} has an accuracy of {demand.minimum_accuracy:g}: {known}",
            "measure the accuracy of more models: fitgraph quantize --test",
        )
    nearest = choices.explained(group, demand, choices.nearest(group, accurate))
    return _words(nearest), _help(nearest, choices)


def _short(constraint: Constraint) -> float:
    return max(0.0, -(constraint.margin or 0))


def _words(match: Match) -> str:
    said = [one.message for one in match.constraints if not one.is_proven and one.name != "policy"]
    decisive = [one.message for one in match.constraints if one.satisfied is False]
    return f"{match.model} is the nearest: {match.verdict}; {'; '.join(decisive or said)}"


def _help(match: Match, choices: Choices) -> str:
    """More of what is short, or what would tell."""
    short = [
        f"{_short(one):,.0f} {one.unit} more {one.name} {one.region}".rstrip()
        for one in match.constraints
        if one.satisfied is False and _short(one) and one.unit == "B"
    ]
    hints = [one.hint for one in match.constraints if one.hint and not one.is_proven]
    if short or hints:
        return "; ".join(dict.fromkeys([*short, *hints]))
    isa_class = next(iter(choices.facts.runtime.isa_classes), "")
    return how_to_measure(match.model, match.runtime, isa_class)
