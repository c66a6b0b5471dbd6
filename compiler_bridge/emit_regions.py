"""The loops and branches of a program around its kernel calls, as C."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fitgraph.compiler_bridge.program import Program, Region, RegionKind
from fitgraph.compiler_bridge.regions import spans

_INDENT = "    "


def with_regions(
    program: Program, statements: Sequence[str], place_of: Callable[[int], str]
) -> list[str]:
    """The statements of a program's steps with its regions around them, indented.

    Args:
        statements: one for each step.
        place_of: the expression that gives the place of a value.
    """
    regions = program.regions
    inner = {(regions[one.region].parent, one.first): one for one in spans(program)}

    def lines(first: int, end: int, region: int | None) -> Iterator[str]:
        at = first
        while at < end:
            span = inner.get((region, at))
            if span is None:
                yield statements[at]
                at += 1
                continue
            before, depth, after = _around(regions[span.region], span.region, place_of)
            yield from before
            yield from (depth + line for line in lines(span.first, span.end, span.region))
            yield from after
            at = span.end

    return list(lines(0, len(statements), None))


def _around(
    region: Region, index: int, place_of: Callable[[int], str]
) -> tuple[list[str], str, list[str]]:
    """Lines before the region's steps, what they are indented by, and lines behind them."""
    if region.condition is None:
        if region.trips is None:
            return ["for (;;) {"], _INDENT, ["}"]
        name = f"round{index}"
        return (
            [f"for (int32_t {name} = 0; {name} < {region.trips}; {name}++) {{"],
            _INDENT,
            ["}"],
        )
    truth = f"*(const uint8_t *){place_of(region.condition)}"
    if region.kind is RegionKind.GOING_ON:
        return [f"if ({truth} == 0) {{", f"{_INDENT}break;", "}"], "", []
    comparison = "==" if region.kind is RegionKind.ELSE else "!="
    return [f"if ({truth} {comparison} 0) {{"], _INDENT, ["}"]
