"""Where the loops and branches of a program begin and end, and what lives through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.program import Program, RegionKind, Step


@dataclass(frozen=True, slots=True)
class Span:
    """The steps of a region, those of regions in it included.

    Attributes:
        first: position of the first step.
        end: position behind the last one.
    """

    region: int
    first: int
    end: int


def regions_around(program: Program, region: int | None) -> Iterator[int]:
    """A region and all around it, the innermost first."""
    while region is not None:
        yield region
        region = program.regions[region].parent


def spans(program: Program) -> list[Span]:
    """Of each region that has steps, the outermost first.

    Raises:
        BridgeError: steps of another region stand between them (a defect of a pass).
    """
    if not program.regions:
        return []
    positions: dict[int, list[int]] = {}
    for position, step in enumerate(program.steps):
        for region in regions_around(program, step.region):
            positions.setdefault(region, []).append(position)
    found = [Span(region, min(at), max(at) + 1) for region, at in positions.items()]
    for span in found:
        if len(positions[span.region]) != span.end - span.first:
            raise BridgeError(f"region {span.region} of {program.name} is torn by other steps")
    return sorted(found, key=lambda span: (span.first, -span.end, span.region))


def loops(program: Program) -> list[Span]:
    """Of what is repeated, inner loops first."""
    repeated = (
        span for span in spans(program) if program.regions[span.region].kind is RegionKind.REPEATED
    )
    return sorted(repeated, key=lambda span: span.end - span.first)


def times(program: Program, step: Step) -> int | None:
    """How often a step runs in an inference; None if data tell."""
    product: int | None = 1
    for index in regions_around(program, step.region):
        region = program.regions[index]
        if region.kind is RegionKind.GOING_ON:
            continue
        product = None if product is None or region.trips is None else product * region.trips
    return product


def conditions(program: Program) -> dict[int, tuple[int, ...]]:
    """Position of the step before which conditions are looked at, to the conditions' values."""
    found: dict[int, tuple[int, ...]] = {}
    for span in spans(program):
        condition = program.regions[span.region].condition
        if condition is not None:
            found[span.first] = (*found.get(span.first, ()), condition)
    return found


def uses(program: Program) -> dict[int, list[int]]:
    """Positions of the steps that touch a value or stand behind a look at it, in order."""
    found: dict[int, list[int]] = {}
    looked_at = conditions(program) if program.regions else {}
    for position, step in enumerate(program.steps):
        looked = looked_at.get(position, ())
        for value in (*looked, *step.value_inputs, *step.outputs, *step.scratch):
            found.setdefault(value, []).append(position)
    return found


def carried(program: Program, span: Span, used: Mapping[int, Sequence[int]]) -> frozenset[int]:
    """Values that a loop keeps from round to round: used outside it, or read before written in it.

    Args:
        used: of the program; what lives before its steps or behind them has such positions, too.
    """
    found = set()
    for value, positions in used.items():
        inside = [at for at in positions if span.first <= at < span.end]
        if inside and (len(inside) < len(positions) or not _begins(program, inside[0], value)):
            found.add(value)
    return frozenset(found)


def _begins(program: Program, position: int, value: int) -> bool:
    """Whether the step writes the value without a need of what it was."""
    step = program.steps[position]
    return value in (*step.outputs, *step.scratch) and value not in step.value_inputs
