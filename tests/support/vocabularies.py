"""Vocabularies of others, so that no alignment names a term that they do not have.

Three ways to know a term: the vocabulary's own file in the shared data, the closed namespace that
rdflib ships, and, for vocabularies that neither has, the terms that were looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, PROV, SDO, SKOS, SOSA, SSN, DefinedNamespace

#: Vocabularies that rdflib lists whole.
CLOSED: Final[Mapping[str, type[DefinedNamespace]]] = {
    str(namespace): namespace for namespace in (DCAT, DCTERMS, PROV, SDO, SKOS, SOSA, SSN)
}

#: Terms that were looked up, by namespace, in what the alignment names as its source: ML Schema's
#: Turtle, the JSON-LD context of MLDCAT-AP 3.0.0, QUDT's units and kinds in QUDTLib 7.1.0.
LOOKED_UP: Final[Mapping[str, frozenset[str]]] = {
    "http://www.w3.org/ns/mls#": frozenset(
        {
            "Model",
            "Run",
            "Implementation",
            "Task",
            "hasOutput",
            "EvaluationMeasure",
            "ModelEvaluation",
            "HyperParameterSetting",
            "ModelCharacteristic",
        }
    ),
    "http://data.europa.eu/it6/": frozenset(
        {
            "EvaluationMeasure",
            "MachineLearningModel",
            "Run",
            "Task",
            "evaluationResults",
            "hasVariation",
            "totalNumberOfParameters",
            "trainedOn",
        }
    ),
    "http://spdx.org/rdf/terms#": frozenset({"checksumValue"}),
    "http://qudt.org/schema/qudt/": frozenset({"hasUnit", "hasQuantityKind"}),
    "http://qudt.org/vocab/unit/": frozenset(
        {
            "BYTE",
            "HZ",
            "MicroJ",
            "MilliSEC",
            "NUM",
            "UNITLESS",
        }
    ),
    "http://qudt.org/vocab/quantitykind/": frozenset(
        {
            "InformationEntropy",
            "Frequency",
            "Count",
            "Time",
            "Energy",
            "Dimensionless",
        }
    ),
}

#: Files of the shared data, by the namespace that they define.
FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "https://www.w3.org/2019/wot/td#": ("w3c/td-1.1/td.ttl",),
    "https://www.w3.org/2019/wot/tm#": ("w3c/td-1.1/tm.ttl",),
    "https://www.w3.org/2019/wot/hypermedia#": ("w3c/td-1.1/hctl.ttl",),
    "https://www.w3.org/2019/wot/json-schema#": ("w3c/td-1.1/jsonschema.ttl",),
    "https://www.w3.org/2019/wot/security#": ("w3c/td-1.1/wotsec.ttl",),
    "http://w3id.org/s3n/": (
        "reference_kg/S3NCore.ttl",
        "reference_kg/S3NProcedure.ttl",
        "reference_kg/S3NThing.ttl",
    ),
    "http://www.w3.org/ns/ssn/systems/": ("reference_kg/ssn_system.ttl",),
    "https://w3id.org/tinyml-schema/neural-network-schema#": ("reference_kg/network_schema.ttl",),
    "http://tinyml-schema.org/s3n_extend/": ("reference_kg/s3n_extend.ttl",),
    "http://tinyml-schema.org/sosa_extend/": ("reference_kg/sosa_extend.ttl",),
    "http://tinyml-schema.org/ssn_extend/": ("reference_kg/ssn_extend.ttl",),
}

#: Namespaces under which the same terms are used a second time; no file declares them there.
SECOND_NAMES: Final[Mapping[str, str]] = {
    "http://tinyml-schema.org/networkschema#": (
        "https://w3id.org/tinyml-schema/neural-network-schema#"
    ),
    "https://w3id.org/tinyml-schema/neural-network-schema/s3n_extend/": (
        "http://tinyml-schema.org/s3n_extend/"
    ),
    "https://w3id.org/tinyml-schema/neural-network-schema/sosa_extend/": (
        "http://tinyml-schema.org/sosa_extend/"
    ),
    "https://w3id.org/tinyml-schema/neural-network-schema/ssn_extend/": (
        "http://tinyml-schema.org/ssn_extend/"
    ),
}

#: Namespaces of each alignment's vocabulary, and of what the vocabulary builds on.
NAMESPACES: Final[Mapping[str, frozenset[str]]] = {
    "dcat": frozenset({str(DCAT)}),
    "dublin-core": frozenset({str(DCTERMS)}),
    "hctl": frozenset({"https://www.w3.org/2019/wot/hypermedia#"}),
    "jsonschema": frozenset({"https://www.w3.org/2019/wot/json-schema#"}),
    "ml-schema": frozenset({"http://www.w3.org/ns/mls#"}),
    "mldcat-ap": frozenset({"http://data.europa.eu/it6/", "http://spdx.org/rdf/terms#"}),
    "nnet": frozenset(
        {
            "http://tinyml-schema.org/networkschema#",
            "https://w3id.org/tinyml-schema/neural-network-schema#",
        }
    ),
    "prov": frozenset({str(PROV)}),
    "qudt": frozenset({"http://qudt.org/vocab/quantitykind/"}),
    "s3n": frozenset(
        {
            "http://w3id.org/s3n/",
            *(
                f"{start}{extended}_extend/"
                for extended in ("s3n", "sosa", "ssn")
                for start in (
                    "http://tinyml-schema.org/",
                    "https://w3id.org/tinyml-schema/neural-network-schema/",
                )
            ),
        }
    ),
    "schema-org": frozenset({str(SDO)}),
    "skos": frozenset({str(SKOS)}),
    "sosa-ssn": frozenset({str(SOSA), str(SSN)}),
    "ssn-system": frozenset({"http://www.w3.org/ns/ssn/systems/"}),
    "td": frozenset({"https://www.w3.org/2019/wot/td#"}),
    "tm": frozenset({"https://www.w3.org/2019/wot/tm#"}),
    "wotsec": frozenset({"https://www.w3.org/2019/wot/security#"}),
}


def namespace_of(term: str) -> str:
    """The longest known namespace that a term begins with, or an empty string."""
    known = {*CLOSED, *LOOKED_UP, *FILES, *SECOND_NAMES}
    return max((n for n in known if term.startswith(n)), key=len, default="")


@cache
def read(path: Path) -> Graph:
    """A vocabulary's file; W3C's wotsec.ttl escapes ``#``, which Turtle has no escape for."""
    text = path.read_text(encoding="utf-8").replace("\\#", "#")
    return Graph().parse(data=text, format="turtle")


def is_listed(term: str) -> bool:
    """Whether a term is one of a closed namespace's, or was looked up."""
    namespace = namespace_of(term)
    if namespace in CLOSED:
        return URIRef(term) in CLOSED[namespace]
    return term.removeprefix(namespace) in LOOKED_UP[namespace]


def is_declared(term: str, shared_data: Path) -> bool:
    """Whether a vocabulary's own file in the shared data describes the term."""
    namespace = namespace_of(term)
    declared_as = SECOND_NAMES.get(namespace, namespace)
    subject = URIRef(declared_as + term.removeprefix(namespace))
    return any((subject, None, None) in read(shared_data / file) for file in FILES[declared_as])
