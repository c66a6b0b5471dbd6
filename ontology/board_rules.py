"""Rules about a board's memory regions that compare two of them or compute an address.

SHACL core cannot say these. SHACL-SPARQL can, but pySHACL parses such a query anew for every
board, which takes longer than all other rules together.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from rdflib import Graph, Literal, Namespace
from rdflib.term import Node

from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.violation import Violation

_FG: Final = Namespace(FG)

#: All cores that are known have 32-bit addresses.
ADDRESS_SPACE_BYTES: Final = 1 << 32


class _Region(NamedTuple):
    base: int
    end: int
    name: str
    iri: str


def board_violations(graph: Graph) -> Iterator[Violation]:
    """Regions of a board that overlap, share a name or end beyond 32 bits."""
    for board in set(graph.subjects(_FG.hasMemoryRegion)):
        regions = sorted(_regions(graph, board))
        yield from _beyond_address_space(regions)
        yield from _overlapping(regions)
        yield from _of_one_name(regions)


def _beyond_address_space(regions: list[_Region]) -> Iterator[Violation]:
    for region in regions:
        if region.end > ADDRESS_SPACE_BYTES:
            message = f"A region ends within 32 bits; this one ends at {region.end:#x}."
            yield Violation(region.iri, _FG.sizeBytes, str(region.end - region.base), message)


def _overlapping(regions: list[_Region]) -> Iterator[Violation]:
    # In order of base address, a region that overlaps a later one overlaps the next one too.
    for lower, upper in pairwise(regions):
        if upper.base < lower.end:
            end = min(lower.end, upper.end)
            message = (
                f"Regions do not overlap; {lower.name} and {upper.name} share "
                f"{upper.base:#x} to {end:#x}. List memory with two addresses once."
            )
            yield Violation(upper.iri, _FG.baseAddress, hex(upper.base), message)


def _of_one_name(regions: list[_Region]) -> Iterator[Violation]:
    seen: set[str] = set()
    for region in regions:
        if region.name in seen:
            message = "Regions of a board have names of their own."
            yield Violation(region.iri, _FG.regionName, region.name, message)
        seen.add(region.name)


def _regions(graph: Graph, board: Node) -> Iterator[_Region]:
    """Regions whose address and size are numbers; SHACL speaks of the others."""
    for part in graph.objects(board, _FG.hasMemoryRegion):
        base = _integer(graph.value(part, _FG.baseAddress))
        size = _integer(graph.value(part, _FG.sizeBytes))
        if base is not None and size is not None:
            name = graph.value(part, _FG.regionName)
            yield _Region(base, base + size, str(name or part), str(part))


def _integer(term: Node | None) -> int | None:
    value = term.toPython() if isinstance(term, Literal) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
