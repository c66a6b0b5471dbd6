"""An answer as text in a form of the W3C: results of SPARQL, or RDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse_query_results,
    serialize,
)

from fitgraph.ontology.namespaces import FG, RDF, RDFS
from fitgraph.registry.answer import Answer, Kind
from fitgraph.registry.iris import BASE
from fitgraph.registry.triples.terms import Term

#: A prefix says as much as the whole IRI, and leaves room.
PREFIXES: Final = {"fg": FG, "id": BASE, "rdf": RDF, "rdfs": RDFS}


class ResultForm(StrEnum):
    """How rows and truth are written."""

    JSON = "json"
    XML = "xml"
    CSV = "csv"
    TSV = "tsv"


class GraphForm(StrEnum):
    """How triples are written."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    JSONLD = "jsonld"
    XML = "xml"


_RESULTS: Final = {
    ResultForm.JSON: QueryResultsFormat.JSON,
    ResultForm.XML: QueryResultsFormat.XML,
    ResultForm.CSV: QueryResultsFormat.CSV,
    ResultForm.TSV: QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    GraphForm.TURTLE: RdfFormat.TURTLE,
    GraphForm.NTRIPLES: RdfFormat.N_TRIPLES,
    GraphForm.JSONLD: RdfFormat.JSON_LD,
    GraphForm.XML: RdfFormat.RDF_XML,
}


def results_text(answer: Answer, form: ResultForm) -> bytes:
    """Rows or truth; pyoxigraph writes its own alone, and reads them from JSON."""
    said = json.dumps(_results_json(answer)).encode()
    if form is ResultForm.JSON:
        return said
    results = parse_query_results(said, QueryResultsFormat.JSON)
    return results.serialize(format=_RESULTS[form]) or b""


def graph_text(
    triples: tuple[Triple, ...] | frozenset[Triple],
    form: GraphForm,
    prefixes: Mapping[str, str] = PREFIXES,
) -> bytes:
    """Triples, in the same order each time."""
    said = None if form is GraphForm.NTRIPLES else dict(prefixes)
    return serialize(sorted(triples, key=str), format=_GRAPHS[form], prefixes=said) or b""


def _results_json(answer: Answer) -> dict[str, object]:
    """Source: SPARQL 1.1 Query Results JSON Format, section 3."""
    if answer.kind is Kind.TRUTH:
        return {"head": {}, "boolean": answer.truth}
    bindings = [
        {
            name: _term_json(term)
            for name, term in zip(answer.variables, row, strict=True)
            if term is not None
        }
        for row in answer.rows
    ]
    return {"head": {"vars": answer.variables}, "results": {"bindings": bindings}}


def _term_json(term: Term) -> Mapping[str, object]:
    value = str(getattr(term, "value", term))
    if not isinstance(term, Literal):
        return {"type": "uri" if isinstance(term, NamedNode) else "bnode", "value": value}
    if term.language:
        return {"type": "literal", "value": value, "xml:lang": term.language}
    if term.datatype.value == _STRING:
        return {"type": "literal", "value": value}
    return {"type": "literal", "value": value, "datatype": term.datatype.value}


_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
