"""pySHACL's verdicts, which those of fitgraph's own compiled shapes are held against."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import pyshacl
import rdflib
from pyoxigraph import Triple
from rdflib import RDF, Graph
from rdflib.namespace import SH
from rdflib.term import Node

from fitgraph.ontology.validate import shape_triples
from fitgraph.ontology.violation import Violation
from fitgraph.registry.triples.rdf import to_rdflib


@cache
def shapes(kind: str) -> Graph:
    """The shapes of a kind for rdflib, parsed once."""
    return to_rdflib(shape_triples(kind))


def pyshacl_violations(triples: Iterable[Triple], kind: str) -> set[Violation]:
    """What pySHACL finds wrong, without the rules beyond SHACL."""
    with _texts_as_they_are():
        conforms, report, _ = pyshacl.validate(to_rdflib(triples), shacl_graph=shapes(kind))
    assert isinstance(report, Graph), report
    found = {
        Violation(
            focus=_text(report.value(result, SH.focusNode)),
            path=_text(report.value(result, SH.resultPath)),
            value=_text(report.value(result, SH.value)),
            message=_text(report.value(result, SH.resultMessage)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }
    assert conforms is not bool(found)
    return found


@contextmanager
def _texts_as_they_are() -> Iterator[None]:
    """Keeps rdflib from rewriting ``0`` as ``0.0`` and from logging what is no number."""
    rdflib.NORMALIZE_LITERALS = False
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = True
        logging.getLogger("rdflib.term").setLevel(logging.NOTSET)


def _text(term: Node | None) -> str:
    return "" if term is None else str(term)
