"""What the endpoint says of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import RDF

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV",
                   "SPARQL_Results_TSV", "Turtle", "N-Triples", "JSON-LD", "RDF_XML")  # fmt: skip
PREFIXES: Final = {"sd": _SD, "formats": _FORMATS}


def description(address: str, *, asks_others: bool) -> frozenset[Triple]:
    """The description of the endpoint at an address."""
    service, dataset, default = BlankNode("service"), BlankNode("dataset"), BlankNode("default")
    features = ["UnionDefaultGraph", *(["BasicFederatedQuery"] if asks_others else [])]
    said: list[tuple[BlankNode, str, NamedNode | BlankNode]] = [
        (service, "endpoint", NamedNode(address)),
        (service, "supportedLanguage", _sd("SPARQL11Query")),
        (service, "supportedLanguage", _sd("SPARQL11Update")),
        *((service, "feature", _sd(feature)) for feature in features),
        *((service, "resultFormat", NamedNode(_FORMATS + name)) for name in _RESULTS),
        (service, "defaultDataset", dataset),
        (dataset, "defaultGraph", default),
    ]
    kinds = ((service, "Service"), (dataset, "Dataset"), (default, "Graph"))
    return frozenset(
        {
            *(Triple(node, _sd(name), value) for node, name, value in said),
            *(Triple(node, NamedNode(f"{RDF}type"), _sd(kind)) for node, kind in kinds),
            Triple(service, NamedNode("http://purl.org/dc/terms/title"), Literal("fitgraph")),
        }
    )


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
