"""Rules about memory regions that compare two of them or compute an address.

SHACL core cannot say these of a board or a microcontroller; SHACL-SPARQL could, at many times the
cost of all other rules together.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.shacl_values import comparable, shown
from fitgraph.ontology.subgraph import Subgraph, Term
from fitgraph.ontology.violation import Violation

_HAS_REGION: Final = NamedNode(f"{FG}hasMemoryRegion")
_NAME: Final = NamedNode(f"{FG}regionName")
_BASE: Final = NamedNode(f"{FG}baseAddress")
_SIZE: Final = NamedNode(f"{FG}sizeBytes")

#: All cores that are known have 32-bit addresses.
ADDRESS_SPACE_BYTES: Final = 1 << 32


class _Region(NamedTuple):
    base: int
    end: int
    name: str
    iri: str


def board_violations(graph: Subgraph) -> Iterator[Violation]:
    """Regions of a board or microcontroller that overlap, share a name or end beyond 32 bits."""
    for board in graph.subjects(_HAS_REGION):
        regions = sorted(_regions(graph, board))
        yield from _beyond_address_space(regions)
        yield from _overlapping(regions)
        yield from _of_one_name(graph, board)


def _beyond_address_space(regions: list[_Region]) -> Iterator[Violation]:
    for region in regions:
        if region.end > ADDRESS_SPACE_BYTES:
            message = f"A region ends within 32 bits; this one ends at {region.end:#x}."
            yield Violation(region.iri, _SIZE.value, str(region.end - region.base), message)


def _overlapping(regions: list[_Region]) -> Iterator[Violation]:
    # In order of base address, a region that overlaps a later one overlaps the next one too.
    for lower, upper in pairwise(regions):
        if upper.base < lower.end:
            end = min(lower.end, upper.end)
            message = (
                f"Regions do not overlap; {lower.name} and {upper.name} share "
                f"{upper.base:#x} to {end:#x}. List memory with two addresses once."
            )
            yield Violation(upper.iri, _BASE.value, hex(upper.base), message)


def _of_one_name(graph: Subgraph, board: Term) -> Iterator[Violation]:
    seen: set[str] = set()
    for part in sorted(graph.values(board, _HAS_REGION), key=shown):
        name = _name(graph, part)
        if name in seen:
            message = "Regions of a board or microcontroller have names of their own."
            yield Violation(shown(part), _NAME.value, name, message)
        seen.add(name)


def _regions(graph: Subgraph, board: Term) -> Iterator[_Region]:
    """Regions with an address; SHACL speaks of what is no number."""
    for part in graph.values(board, _HAS_REGION):
        base = _integer(graph.value(part, _BASE))
        size = _integer(graph.value(part, _SIZE))
        if base is not None and size is not None:
            yield _Region(base, base + size, _name(graph, part), shown(part))


def _name(graph: Subgraph, region: Term) -> str:
    return shown(graph.value(region, _NAME)) or shown(region)


def _integer(term: Term | None) -> int | None:
    found = None if term is None else comparable(term)
    value = None if found is None else found[1]
    return value if isinstance(value, int) and not isinstance(value, bool) else None
