"""Namespaces of the graph. Own terms are unversioned; releases are told by ``owl:versionIRI``."""

from __future__ import annotations

from typing import Final

#: Everything under it is said by fitgraph alone: the vocabulary, and the resources of a store.
FITGRAPH: Final = "https://w3id.org/fitgraph/"
ONTOLOGY: Final = f"{FITGRAPH}ontology"
FG: Final = f"{ONTOLOGY}#"
SHAPES: Final = f"{ONTOLOGY}/shapes#"

#: IRIs of operators begin with it: ``.../operator/onnx/Conv``.
OPERATORS: Final = "https://w3id.org/fitgraph/id/operator/"

OWL: Final = "http://www.w3.org/2002/07/owl#"
PROV: Final = "http://www.w3.org/ns/prov#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
