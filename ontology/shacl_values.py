"""What a literal means: whether its text is in its datatype's form, and how two compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fitgraph.ontology.namespaces import RDF, XSD
from fitgraph.ontology.subgraph import Term

# XML Schema 1.1 part 2, lexical spaces of the datatypes that the shapes use.
_FORMS: Final[Mapping[str, str]] = {
    f"{XSD}string": r".*",
    f"{XSD}anyURI": r".*",
    f"{RDF}langString": r".*",
    f"{XSD}integer": r"[+-]?[0-9]+",
    f"{XSD}decimal": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
    f"{XSD}double": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    f"{XSD}boolean": r"true|false|1|0",
    f"{XSD}date": r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?",
    f"{XSD}dateTime": (
        r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})?"
    ),
}
_COMPILED: Final = {name: re.compile(form, re.DOTALL) for name, form in _FORMS.items()}

DATATYPES: Final = frozenset(_FORMS)

#: What may be compared with what, and by which value.
Comparable = tuple[str, "int | float | Decimal | str | bool | date | datetime"]


def is_of_datatype(term: Term, datatype: str) -> bool:
    """Whether a term is a literal of one of ``DATATYPES``, with a text that this type allows."""
    if not isinstance(term, Literal) or term.datatype.value != datatype:
        return False
    if not _COMPILED[datatype].fullmatch(term.value):
        return False
    return datatype not in {f"{XSD}date", f"{XSD}dateTime"} or comparable(term) is not None


def comparable(term: Term) -> Comparable | None:
    """The kind of a literal and its value; None for what cannot be compared.

    Two values can be compared when their kinds are equal.
    """
    read = _READERS.get(term.datatype.value) if isinstance(term, Literal) else None
    if read is None:
        return None
    try:
        return read(shown(term))
    except (ValueError, ArithmeticError):
        return None


def text_of(term: Term) -> str | None:
    """What ``STR`` gives: the IRI or the literal's text; None for a blank node."""
    return term.value if isinstance(term, NamedNode | Literal) else None


def shown(term: Term | None) -> str:
    """A term as it stands in a violation."""
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def _moment(text: str) -> Comparable:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:  # a time without a zone cannot be ordered against one with
        return "local time", moment
    return "time", moment.astimezone(UTC)


_READERS: Final[Mapping[str, Callable[[str], Comparable]]] = {
    f"{XSD}integer": lambda text: ("number", int(text)),
    f"{XSD}decimal": lambda text: ("number", Decimal(text)),
    f"{XSD}double": lambda text: ("number", float(text)),
    f"{XSD}string": lambda text: ("string", text),
    f"{XSD}boolean": lambda text: ("boolean", text in {"true", "1"}),
    f"{XSD}date": lambda text: ("date", date.fromisoformat(text[:10])),
    f"{XSD}dateTime": _moment,
}
