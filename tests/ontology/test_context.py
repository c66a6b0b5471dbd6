"""The JSON-LD context: current, complete, and no hindrance to contexts beside it."""

from __future__ import annotations

import json

import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from fitgraph.ontology.context import text
from fitgraph.ontology.files import CONTEXT
from fitgraph.ontology.namespaces import FG, XSD
from fitgraph.ontology.terms import read_graph, terms_of

fg = Namespace(FG)


@pytest.fixture(scope="module")
def entries() -> dict[str, object]:
    document: dict[str, dict[str, object]] = json.loads(CONTEXT.read_text(encoding="utf-8"))
    return document["@context"]


def test_the_context_is_current() -> None:
    assert CONTEXT.read_text(encoding="utf-8") == text(), "run: python -m fitgraph.ontology.context"


def test_every_term_is_in_the_context_and_nothing_else(entries: dict[str, object]) -> None:
    assert set(entries) == {"@version", "fg", "xsd"} | {
        f"fg:{term.name}" for term in terms_of(read_graph())
    }


def test_no_term_takes_a_name_without_prefix(entries: dict[str, object]) -> None:
    """So that ``version`` and ``name`` stay what another context says they are."""
    assert {name for name in entries if ":" not in name} == {"@version", "fg", "xsd"}


def test_a_document_expands_to_the_vocabularys_terms_and_types() -> None:
    document = json.loads(CONTEXT.read_text(encoding="utf-8")) | {
        "@id": "http://example.org/board",
        "@type": "fg:Board",
        "fg:clockHz": 64_000_000,
        "fg:worstDifference": 0.5,
        "fg:isaClass": "https://w3id.org/fitgraph/id/isa/armv7e-m+fp",
        "fg:hasMemoryRegion": {
            "@id": "http://example.org/board#region-RAM",
            "fg:regionKind": "fg:sram",
            "fg:sizeBytes": "262144",
        },
    }
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    board = URIRef("http://example.org/board")
    region = URIRef("http://example.org/board#region-RAM")
    assert set(graph) == {
        (board, RDF.type, fg.Board),
        (board, fg.clockHz, Literal(64_000_000)),
        (board, fg.worstDifference, Literal(0.5)),
        (board, fg.isaClass, URIRef("https://w3id.org/fitgraph/id/isa/armv7e-m+fp")),
        (board, fg.hasMemoryRegion, region),
        (region, fg.regionKind, fg.sram),
        (region, fg.sizeBytes, Literal("262144", datatype=URIRef(f"{XSD}integer"))),
    }
