"""Concept schemes of the operators of ONNX and TFLite, from the packages that are installed.

``python -m fitgraph.ontology.operator_schemes`` writes ``operators/onnx.ttl`` and
``operators/tflite.ttl`` anew; a test holds them to the locked packages. The links between the two
(``operators/links.ttl``) are kept by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

import onnx.defs
import tflite
from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, SKOS

from fitgraph.ontology.canonical import canonical
from fitgraph.ontology.files import OPERATOR_SCHEMES
from fitgraph.ontology.namespaces import FG, OPERATORS

_FG: Final = Namespace(FG)

#: Where each operator set is described.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "onnx": (
        "https://github.com/onnx/onnx/blob/main/docs/Operators.md",
        "https://github.com/onnx/onnx/blob/main/docs/Versioning.md",
    ),
    "tflite": (
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs",
    ),
}

#: Codes of TFLite's schema that name no operator: operators with names of their own have the first,
#: and codes above 127 have the second beside them.
_NO_OPERATORS: Final = frozenset({"CUSTOM", "PLACEHOLDER_FOR_GREATER_OP_CODES"})


def onnx_scheme() -> Graph:
    """Operators of all domains, with the versions of their sets that brought or changed them."""
    graph = Graph()
    by_operator: dict[tuple[str, str], list[onnx.defs.OpSchema]] = defaultdict(list)
    for schema in onnx.defs.get_all_schemas_with_history():
        by_operator[schema.domain or "onnx", schema.name].append(schema)
    for prefix in {prefix for prefix, _ in by_operator}:
        title = "ONNX operators" if prefix == "onnx" else f"ONNX operators of {prefix}"
        _add_scheme(graph, prefix, title, SOURCES["onnx"])
    for (prefix, op_type), schemas in by_operator.items():
        operator = _add_operator(graph, prefix, op_type)
        for schema in schemas:
            version = Literal(schema.since_version, datatype=XSD.integer)
            graph.add((operator, _FG.sinceVersion, version))
            if schema.deprecated:
                graph.add((operator, _FG.deprecatedInVersion, version))
    return graph


def tflite_scheme() -> Graph:
    """Builtin operators, with their codes in the schema."""
    graph = Graph()
    _add_scheme(graph, "tflite", "TFLite operators", SOURCES["tflite"])
    for name, code in _builtin_codes():
        operator = _add_operator(graph, "tflite", name)
        graph.add((operator, _FG.builtinCode, Literal(code, datatype=XSD.integer)))
    return graph


def _builtin_codes() -> Iterator[tuple[str, int]]:
    for name, code in vars(tflite.BuiltinOperator).items():
        if isinstance(code, int) and not name.startswith("_") and name not in _NO_OPERATORS:
            yield name, code


def _add_scheme(graph: Graph, prefix: str, title: str, sources: tuple[str, ...]) -> None:
    graph.bind("fg", _FG)
    iri = URIRef(OPERATORS + prefix)
    graph.add((iri, RDF.type, _FG.OperatorSet))
    graph.add((iri, RDF.type, SKOS.ConceptScheme))
    graph.add((iri, RDFS.label, Literal(title, lang="en")))
    graph.add((iri, _FG.name, Literal(prefix)))
    for source in sources:
        graph.add((iri, DCTERMS.source, URIRef(source)))


def _add_operator(graph: Graph, prefix: str, op_type: str) -> URIRef:
    """The facts that the registry writes of any operator, and what makes it a concept."""
    scheme, operator = URIRef(OPERATORS + prefix), URIRef(f"{OPERATORS}{prefix}/{op_type}")
    name = Literal(f"{prefix}:{op_type}")
    graph.add((operator, RDF.type, _FG.Operator))
    graph.add((operator, RDF.type, SKOS.Concept))
    graph.add((operator, RDFS.label, name))
    graph.add((operator, SKOS.notation, Literal(op_type)))
    graph.add((operator, SKOS.inScheme, scheme))
    graph.add((operator, _FG.name, name))
    graph.add((operator, _FG.opType, Literal(op_type)))
    graph.add((operator, _FG.operatorSet, scheme))
    return operator


def texts() -> dict[str, str]:
    """Canonical Turtle of each scheme, by the prefix of its operators."""
    schemes = {"onnx": onnx_scheme(), "tflite": tflite_scheme()}
    return {name: canonical(graph.serialize(format="turtle")) for name, graph in schemes.items()}


def main() -> None:
    """Writes the schemes."""
    for path in OPERATOR_SCHEMES:
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts()[path.stem], encoding="utf-8")


if __name__ == "__main__":
    main()
