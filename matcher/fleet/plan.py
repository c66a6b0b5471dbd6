"""From a fleet to a plan: assignments with their artifacts, waves, and who is left out and why."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

from fitgraph.matcher.accuracy import Comparable
from fitgraph.matcher.decide import OWN_RUNTIME, how_to_measure
from fitgraph.matcher.fleet.images import Image, Proofs, Slot, artifact_for, proofs_of, slots
from fitgraph.matcher.fleet.options import Choices, Option, choices_of
from fitgraph.matcher.fleet.records import (
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
from fitgraph.matcher.fleet.solve import Solution, solve, wanted_devices
from fitgraph.matcher.policies import Policies
from fitgraph.matcher.timing import Timing
from fitgraph.matcher.verdict import Constraint, Match
from fitgraph.registry.board import Board
from fitgraph.registry.iris import board_iri
from fitgraph.registry.store_base import Store


def plan(
    store: Store,
    fleet: Fleet,
    timing: Timing | None = None,
    limit_s: float = 15.0,
    policies: Policies | None = None,
) -> Plan:
    """The plan for a fleet.

    Args:
        timing: tells time and energy, if somebody can.
        limit_s: seconds for the solver.
        policies: rules that no assignment may break.

    Raises:
        NotFoundError: a board, model or runtime is not there.
        NoSolutionError: nothing was found within the limit.
    """
    choices = choices_of(store, fleet, timing, policies)
    solution = solve(fleet, choices.options, choices.boards, limit_s)
    proofs = proofs_of(store, fleet.runtime)
    assignments = tuple(
        one for group in fleet.groups for one in _assignments(choices, solution, group, proofs)
    )
    coverage = tuple(_coverage(demand, fleet, assignments) for demand in fleet.demands)
    return Plan(
        fleet=fleet.name,
        assignments=assignments,
        exclusions=tuple(_exclusions(choices, solution, coverage)),
        coverage=coverage,
        waves=waves(assignments, fleet.waves),
        gap=solution.gap,
        is_best=solution.is_best,
        notes=tuple(note for demand in fleet.demands for note in _notes(choices, demand)),
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
    choices: Choices, solution: Solution, group: DeviceGroup, proofs: Proofs
) -> Iterator[Assignment]:
    """What devices of a group get: images of their own, side by side."""
    board = choices.boards[group.name]
    profile = choices.facts.boards[board_iri(board.board_id)]
    chosen = {
        demand.name: solution.chosen[group.name, demand.name]
        for demand in choices.fleet.demands
        if (group.name, demand.name) in solution.chosen
    }
    placed = _placed(board, group, {name: option for name, (option, _) in chosen.items()})
    for demand, (option, n_devices) in chosen.items():
        slot = placed.get(demand)
        reserves = () if slot is None else slot.reserves(profile)
        proven = proofs.get((option.model.sha256, board.board_id), ())
        yield Assignment(
            group=group.name,
            demand=demand,
            board=board.board_id,
            n_devices=n_devices,
            model=option.model.name,
            model_sha256=option.model.sha256,
            runtime=choices.fleet.runtime,
            verdict=option.verdict,
            accuracy=option.accuracy,
            flash_bytes=option.need.flash_bytes,
            sram_bytes=option.need.together_bytes,
            artifact=None if slot is None else artifact_for(slot, proven),
            build=_build(choices, option, board, reserves),
            metric="" if option.accuracy is None else choices.accuracies[demand].metric,
            reserves=reserves,
        )


def _placed(board: Board, group: DeviceGroup, options: Mapping[str, Option]) -> dict[str, Slot]:
    """Slots by demand; the order of the fleet file decides nothing."""
    names = sorted(options)
    images = [
        Image(options[name].need, options[name].keeps_state or not group.shares_sram)
        for name in names
    ]
    return dict(zip(names, slots(board, images), strict=False))


def _build(
    choices: Choices, option: Option, board: Board, reserves: Sequence[tuple[str, int]]
) -> str:
    """The command that builds an image for its place."""
    runtime = choices.fleet.runtime
    words = ["fitgraph", "build", option.model.name, "--board", board.board_id]
    words += [] if runtime == OWN_RUNTIME else ["--runtime", runtime]
    for name, n_bytes in reserves:
        words += ["--reserve", f"{name}={n_bytes}"]
    return shlex.join(words)


def _notes(choices: Choices, demand: FleetDemand) -> Iterator[str]:
    """That figures of other metrics were not compared."""
    known = choices.accuracies[demand.name]
    if len(known.metrics) > 1:
        yield (
            f"{demand.name}: no accuracies are compared, for they are of {_and(known.metrics)}; "
            "say which `metric` is meant"
        )
    elif known.others:
        yield (
            f"{demand.name}: accuracies of {_and(known.others)} are not compared with "
            f"{known.metric or demand.metric}"
        )


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
    nearest = nearest_match(choices, group, demand)
    if nearest is None:
        return _inaccurate(choices.accuracies[demand.name], demand)
    return _words(nearest), _help(nearest, choices)


def nearest_match(choices: Choices, group: DeviceGroup, demand: FleetDemand) -> Match | None:
    """The match that comes nearest to a fit; None where no model is accurate enough."""
    candidates = choices.candidates[demand.name]
    accurate = [one for one in candidates if choices.is_accurate(demand, one)]
    if not accurate:
        return None
    return choices.explained(group, demand, choices.nearest(group, accurate))


def _inaccurate(known: Comparable, demand: FleetDemand) -> tuple[str, str]:
    """Why no model is accurate enough, as far as is known."""
    wanted = f"no model for {demand.task!r} has an accuracy of {demand.minimum_accuracy or 0:g}"
    if len(known.metrics) > 1:
        return (
            f"{wanted} that compares: they are of {_and(known.metrics)}",
            "say which `metric` is meant in the fleet file",
        )
    best = max(known.by_model.values(), default=None)
    if best is not None:
        words = f"the best has {best:g}"
    elif known.others:
        words = f"what is known is of {_and(known.others)}, not of {demand.metric}"
    else:
        words = "no accuracy is known"
    return f"{wanted}: {words}", "measure the accuracy of more models: fitgraph quantize --test"


def _and(words: Sequence[str]) -> str:
    return " and ".join(word or "an unnamed metric" for word in words)


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
