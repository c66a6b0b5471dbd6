"""SPARQL updates that replace named graphs; pyoxigraph writes the terms and escapes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from fitgraph.registry.errors import InvalidRecordError
from fitgraph.registry.iris import Iri


def update_text(replacements: Mapping[Iri, Iterable[Triple]], deletions: Iterable[Iri]) -> str:
    """One update of several operations.

    Raises:
        InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
    """
    operations = [f"DROP SILENT GRAPH {graph_name(iri)}" for iri in deletions]
    if replacements:
        operations.append(emptying_text(replacements))
        operations += [insertion_text(iri, triples) for iri, triples in replacements.items()]
    return " ;\n".join(operations)


def emptying_text(iris: Iterable[Iri]) -> str:
    """One operation that takes all triples out of some graphs.

    It stands before whatever is inserted: an operation sees what those before it did, and
    Oxigraph looks for that through all that they wrote, one operation a graph in minutes.

    Raises:
        InvalidRecordError: a graph's name is no IRI.
    """
    names = " ".join(str(graph_name(iri)) for iri in iris)
    graph = "GRAPH ?graph { ?subject ?property ?value }"
    return f"DELETE {{ {graph} }} WHERE {{ VALUES ?graph {{ {names} }} {graph} }}"


def insertion_text(iri: Iri, triples: Iterable[Triple]) -> str:
    """One operation that puts triples into a graph; without any, there is to be none.

    Raises:
        InvalidRecordError: the graph's name is no IRI, or a triple has a blank node.
    """
    body = "\n".join(f"{without_blank_nodes(triple)} ." for triple in triples)
    if not body:
        return f"DROP SILENT GRAPH {graph_name(iri)}"
    return f"INSERT DATA {{ GRAPH {graph_name(iri)} {{\n{body}\n}} }}"


def quads(iri: Iri, triples: Iterable[Triple]) -> list[Quad]:
    """The triples in their named graph.

    Raises:
        InvalidRecordError: the graph's name is no IRI, or a triple has a blank node.
    """
    graph = graph_name(iri)
    sound = map(without_blank_nodes, triples)
    return [Quad(one.subject, one.predicate, one.object, graph) for one in sound]


def graph_name(iri: str) -> NamedNode:
    """The term that names a graph.

    Raises:
        InvalidRecordError: it is no IRI.
    """
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise InvalidRecordError(f"{iri!r} is not an IRI: {error}") from error


def without_blank_nodes(triple: Triple) -> Triple:
    """The triple itself; a blank node would come back as another one each time.

    Raises:
        InvalidRecordError: it has one.
    """
    if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
        return triple
    raise InvalidRecordError(
        f"a graph would hold a blank node: {triple}", hint="give it an IRI of its resource"
    )
