"""The cases of a manifest of the SPARQL 1.1 Protocol's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what its response must be."""

    method: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: tuple[str, ...]
    truth: bool | None
    form: str


@dataclass(frozen=True, slots=True)
class ProtocolCase:
    """A case: files that are graphs, and requests one after the other."""

    name: str
    graphs: tuple[tuple[str, str], ...]
    exchanges: tuple[Exchange, ...]


def protocol_cases(manifest: Path) -> tuple[ProtocolCase, ...]:
    """All cases of a manifest."""
    graph = Graph().parse(manifest, format="turtle")
    (listed,) = graph.objects(None, MF.entries)
    return tuple(_case(graph, entry) for entry in Collection(graph, listed))


def _case(graph: Graph, entry: Node) -> ProtocolCase:
    graphs = tuple(
        (unquote(urlsplit(str(graph.value(data, UT.graph))).path.rpartition("/")[2]),
         str(graph.value(data, _LABEL)))
        for data in graph.objects(entry, UT.graphData)
    )  # fmt: skip
    action = graph.value(entry, MF.action)
    (listed,) = graph.objects(action, HT.requests)
    requests = Collection(graph, listed)
    return ProtocolCase(
        str(entry).rpartition("#")[2].rpartition("/")[2],
        graphs,
        tuple(_exchange(graph, one) for one in requests if (one, RDF.type, HT.Request) in graph),
    )


def _exchange(graph: Graph, request: Node) -> Exchange:
    body, response = graph.value(request, HT.body), graph.value(request, HT.resp)
    listed = graph.value(request, HT.headers)
    headers = () if listed is None else tuple(_headers(graph, listed))
    truth = graph.value(response, MF.expectedBoolean)
    encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8") if body else "UTF-8"
    return Exchange(
        method=str(graph.value(request, HT.methodName)),
        query=urlsplit(str(graph.value(request, HT.absolutePath))).query,
        headers=headers,
        body=None if body is None else str(graph.value(body, CNT.chars)).encode(encoding),
        statuses=tuple(
            str(status).rpartition("StatusCode")[2][0]
            for status in graph.objects(response, MF.expectedStatus)
        ),
        truth=None if truth is None else str(truth) == "true",
        form=str(graph.value(response, MF.expectedFormat) or ""),
    )


def _headers(graph: Graph, listed: Node) -> Iterator[tuple[str, str]]:
    for header in Collection(graph, listed):
        yield str(graph.value(header, HT.fieldName)), str(graph.value(header, HT.fieldValue))
