"""A program with loops and branches as one row of steps that uses memory in the same way.

Two rounds of a loop show all that may meet in memory: what is kept from round to round has one
life in both, what begins anew has one in each. Branches stand one behind the other, which keeps
alive in the first what only the second needs, and never less than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from fitgraph.compiler_bridge.program import Program, Region, RegionKind, Step, Value
from fitgraph.compiler_bridge.regions import Span, carried, spans, uses


def straightened(program: Program) -> tuple[Program, tuple[int, ...]]:
    """The program in a row.

    Returns:
        it, and for each of its values the index of the value that it was. A look at a condition
        has become a step that reads it.
    """
    row = _Row(program)
    steps = tuple(row.of(0, len(program.steps), None))
    flat = replace(program, steps=steps, values=tuple(row.values), regions=())
    return flat, tuple(row.origins)


@dataclass(slots=True)
class _Row:
    """The values of a row of steps in the making."""

    program: Program
    values: list[Value] = field(init=False)
    origins: list[int] = field(init=False)
    inner: dict[tuple[int | None, int], Span] = field(init=False)
    anew: dict[int, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = list(self.program.values)
        self.origins = list(range(len(self.values)))
        found = spans(self.program)
        regions = self.program.regions
        self.inner = {(regions[one.region].parent, one.first): one for one in found}
        ends = {io.value for io in (*self.program.inputs, *self.program.outputs)}
        ends |= {index for index, value in enumerate(self.values) if value.is_state}
        used = uses(self.program)
        for one in found:
            inside = {v for v, at in used.items() if any(one.first <= p < one.end for p in at)}
            self.anew[one.region] = frozenset(inside - carried(self.program, one, used) - ends)

    def of(self, first: int, end: int, region: int | None) -> Iterator[Step]:
        """The steps from one position to another, all of them in a region."""
        at = first
        while at < end:
            span = self.inner.get((region, at))
            if span is None:
                yield replace(self.program.steps[at], region=None)
                at += 1
            else:
                yield from self._region(span, self.program.regions[span.region])
                at = span.end

    def _region(self, span: Span, region: Region) -> Iterator[Step]:
        if region.condition is not None:
            yield Step("look", {}, (region.condition,), (), "a condition")
        steps = list(self.of(span.first, span.end, span.region))
        yield from steps
        if region.kind is RegionKind.REPEATED:
            yield from self._again(steps, self.anew[span.region])

    def _again(self, steps: Sequence[Step], anew: frozenset[int]) -> Iterator[Step]:
        """The same steps on other values where those begin anew."""
        other: dict[int, int] = {}
        for step in steps:
            for value in (*step.value_inputs, *step.outputs, *step.scratch):
                if self.origins[value] in anew and value not in other:
                    self.values.append(self.values[value])
                    self.origins.append(self.origins[value])
                    other[value] = len(self.values) - 1
        for step in steps:
            yield replace(
                step,
                inputs=tuple(
                    other.get(one, one) if isinstance(one, int) else one for one in step.inputs
                ),
                outputs=tuple(other.get(one, one) for one in step.outputs),
                scratch=tuple(other.get(one, one) for one in step.scratch),
            )
