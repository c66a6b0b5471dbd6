"""Python values to RDF terms and back, in the lexical forms that the store keeps them in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import FG, PROV, RDF, RDFS, XSD
from fitgraph.registry.errors import InvalidRecordError, RegistryError

Term = NamedNode | BlankNode | Literal | Triple
Subject = NamedNode | BlankNode | Triple

# A catalogue names the same sources, kinds and sizes thousands of times.
_TERMS_KEPT: Final = 4096

RDF_TYPE: Final = NamedNode(f"{RDF}type")
RDFS_LABEL: Final = NamedNode(f"{RDFS}label")

_INTEGER: Final = NamedNode(f"{XSD}integer")
_DOUBLE: Final = NamedNode(f"{XSD}double")
_DECIMAL: Final = NamedNode(f"{XSD}decimal")
_BOOLEAN: Final = NamedNode(f"{XSD}boolean")
_DATE_TIME: Final = NamedNode(f"{XSD}dateTime")


@lru_cache(_TERMS_KEPT)
def fg(name: str) -> NamedNode:
    """A term of the fitgraph vocabulary."""
    return NamedNode(FG + name)


def prov(name: str) -> NamedNode:
    """A term of PROV-O."""
    return NamedNode(PROV + name)


@lru_cache(_TERMS_KEPT, typed=True)
def literal(value: str | float | bool) -> Literal:  # noqa: FBT001 - the value may be a truth value
    """A literal: int as ``xsd:integer``, float as ``xsd:double``.

    Raises:
        InvalidRecordError: text that has no UTF-8 form (a lone surrogate).
    """
    try:
        return Literal(value)
    except ValueError as error:
        raise InvalidRecordError(
            f"{value!r} is not text that can be stored", hint="use a name that is valid UTF-8"
        ) from error


def date_time(text: str) -> Literal:
    """An ISO 8601 time as ``xsd:dateTime`` in UTC, without trailing zeros of a second.

    Raises:
        InvalidRecordError: not such a time, or one without a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRecordError(f"{text!r} is not an ISO 8601 time") from error
    if moment.tzinfo is None:
        raise InvalidRecordError(f"the time {text!r} has no zone", hint="append Z for UTC")
    return Literal(utc_text(moment), datatype=_DATE_TIME)


def utc_text(moment: datetime) -> str:
    """``2026-11-21T09:30:00Z``, the form in which times are kept."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def python_value(term: Term) -> str | int | float | bool:
    """An IRI as its text, a literal as the Python value that it means.

    Raises:
        RegistryError: a blank node or a triple term, which have no value.
    """
    if isinstance(term, NamedNode):
        return term.value
    if not isinstance(term, Literal):
        raise RegistryError(f"{term} has no value", hint="fitgraph keeps no blank nodes")
    if term.datatype == _INTEGER:
        return int(term.value)
    if term.datatype in (_DOUBLE, _DECIMAL):
        return float(term.value)
    if term.datatype == _BOOLEAN:
        return term.value == "true"
    return term.value
