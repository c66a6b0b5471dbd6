"""Holds one submitted resource against the SHACL shapes of its kind.

Only the submitted subgraph is looked at, so a check takes as long for a large store as for an
empty one. Shapes are parsed once. pySHACL is imported on first use: importing it takes 0.4 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from fitgraph.ontology.board_rules import board_violations
from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import SHAPES_FOLDER
from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.violation import Violation

_FG: Final = Namespace(FG)


def _no_violations(_graph: Graph) -> Iterator[Violation]:
    return iter(())


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rules for one kind: the class, the shape file's name, and rules beyond SHACL."""

    target: URIRef
    shapes: str
    rules: Callable[[Graph], Iterator[Violation]] = _no_violations


_KINDS: Final[Mapping[str, _Kind]] = {
    "model": _Kind(_FG.Model, "model"),
    "variant": _Kind(_FG.Compression, "variant"),
    "operator": _Kind(_FG.Operator, "operator"),
    "board": _Kind(_FG.Board, "board", board_violations),
    "runtime": _Kind(_FG.Runtime, "runtime"),
    "footprint": _Kind(_FG.Footprint, "footprint"),
    "proof": _Kind(_FG.Proof, "proof"),
}

KINDS: Final = tuple(_KINDS)


def validate(graph: Graph, kind: str) -> tuple[Violation, ...]:
    """What breaks the rules of a kind of resource, sorted; nothing if all is well.

    Args:
        graph: one resource, or several of one kind, with their parts.
        kind: one of ``KINDS``.

    Raises:
        OntologyError: there is no such kind.
    """
    if kind not in _KINDS:
        raise OntologyError(f"there are no shapes for {kind!r}", hint=f"known: {', '.join(KINDS)}")
    rules = _KINDS[kind]
    if (None, RDF.type, rules.target) not in graph:
        # A shape speaks of individuals of its class only, and would pass a graph without any.
        message = f"Nothing in the graph is of class {rules.target}."
        return (Violation("", RDF.type, "", message),)
    return tuple(sorted({*_shacl_violations(graph, rules.shapes), *rules.rules(graph)}))


@cache
def shapes(kind: str) -> Graph:
    """The shapes of a kind, parsed once."""
    return Graph().parse(SHAPES_FOLDER / f"{kind}.ttl", format="turtle")


def _shacl_violations(graph: Graph, kind: str) -> Iterator[Violation]:
    import pyshacl  # noqa: PLC0415 - see the module's docstring

    conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes(kind), inplace=True)
    if conforms:
        return
    if not isinstance(report, Graph):
        raise OntologyError(f"the shapes of {kind} cannot be applied: {report}")
    for result in report.subjects(RDF.type, SH.ValidationResult):
        yield Violation(
            focus=_text(report.value(result, SH.focusNode)),
            path=_text(report.value(result, SH.resultPath)),
            value=_text(report.value(result, SH.value)),
            message=_text(report.value(result, SH.resultMessage)),
        )


def _text(term: Node | None) -> str:
    return "" if term is None else str(term)
