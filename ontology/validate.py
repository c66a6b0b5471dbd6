"""Holds submitted resources against the SHACL shapes of their kind.

Only the submitted subgraph is looked at, so a check takes as long for a large store as for an
empty one. Shapes are compiled once (``fitgraph.ontology.shacl``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.board_rules import board_violations
from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import SHAPES_FOLDER
from fitgraph.ontology.namespaces import FG, RDF
from fitgraph.ontology.shacl import Shapes, compile_shapes
from fitgraph.ontology.subgraph import Subgraph
from fitgraph.ontology.violation import Violation


def _no_violations(_graph: Subgraph) -> Iterator[Violation]:
    return iter(())


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rules for one kind: the class, the shape files' names, and rules beyond SHACL."""

    target: str
    shapes: tuple[str, ...]
    rules: Callable[[Subgraph], Iterator[Violation]] = _no_violations


_KINDS: Final[Mapping[str, _Kind]] = {
    "model": _Kind("Model", ("model",)),
    "variant": _Kind("Compression", ("variant",)),
    "operator": _Kind("Operator", ("operator",)),
    "board": _Kind("Board", ("board", "hardware-parts"), board_violations),
    "mcu": _Kind("Mcu", ("mcu", "hardware-parts"), board_violations),
    "runtime": _Kind("Runtime", ("runtime", "hardware-parts")),
    "footprint": _Kind("Footprint", ("footprint",)),
    "proof": _Kind("Proof", ("proof",)),
    "thing": _Kind("Thing", ("thing",)),
    "description": _Kind("ModelDescription", ("description", "hardware-parts")),
    "measurement": _Kind("Measurement", ("measurement",)),
    "isa": _Kind("IsaClass", ("isa",)),
    "match": _Kind("Match", ("match",)),
    "fleet": _Kind("Fleet", ("fleet",)),
    "plan": _Kind("Plan", ("plan",)),
    "deployment": _Kind("Deployment", ("deployment",)),
    "change": _Kind("Change", ("change",)),
}

KINDS: Final = tuple(_KINDS)


def validate(triples: Iterable[Triple], kind: str) -> tuple[Violation, ...]:
    """What breaks the rules of a kind of resource, sorted; nothing if all is well.

    Args:
        triples: one resource, or several of one kind, with their parts.
        kind: one of ``KINDS``.

    Raises:
        OntologyError: there is no such kind.
    """
    if kind not in _KINDS:
        raise OntologyError(f"there are no shapes for {kind!r}", hint=f"known: {', '.join(KINDS)}")
    rules, graph = _KINDS[kind], Subgraph(triples)
    target = NamedNode(FG + rules.target)
    if not graph.instances(target):
        # A shape speaks of individuals of its class only, and would pass a graph without any.
        message = f"Nothing in the graph is of class {target.value}."
        return (Violation("", f"{RDF}type", "", message),)
    return tuple(sorted({*_compiled(kind).violations(graph), *rules.rules(graph)}))


def kinds_in(triples: Iterable[Triple]) -> tuple[str, ...]:
    """The kinds of which there are resources."""
    graph = Subgraph(triples)
    return tuple(
        kind for kind, rules in _KINDS.items() if graph.instances(NamedNode(FG + rules.target))
    )


def shape_triples(kind: str) -> frozenset[Triple]:
    """The shapes of a kind, as they stand in its files."""
    files = (SHAPES_FOLDER / f"{name}.ttl" for name in _KINDS[kind].shapes)
    return frozenset(
        quad.triple for file in files for quad in parse(path=file, format=RdfFormat.TURTLE)
    )


@cache
def _compiled(kind: str) -> Shapes:
    return compile_shapes(shape_triples(kind))
