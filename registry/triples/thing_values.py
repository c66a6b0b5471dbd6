"""Terms of RDF as values in JSON, such that JSON-LD reads the same terms out of them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import Literal

from fitgraph.ontology.namespaces import XSD
from fitgraph.ontology.td_terms import Term
from fitgraph.registry.thing_json import Json

_NUMBERS: Final = frozenset(
    XSD + name
    for name in ("integer", "double", "decimal", "float", "int", "long", "short", "byte",
                 "nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong")
)  # fmt: skip
#: What JSON-LD makes of a JSON number.
_NATIVE: Final = frozenset({f"{XSD}integer", f"{XSD}double"})
#: JSON-LD 1.1 API, section 8.5: larger numbers are doubles, whole or not.
_LARGEST_INTEGER: Final = 10**21


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts and datatypes are read in a document.

    Attributes:
        shorten: an IRI to the form that the document has of it.
        language: of texts that no term gives one; an empty string for none.
    """

    shorten: Callable[[str], str]
    language: str = ""


def literal_value(literal: Literal, term: Term | None, reading: Reading) -> Json:
    """A literal as the value of a member.

    Args:
        literal: any.
        term: of TD 1.1 that the member is, or None. Its schema wants plain numbers, so a decimal
            becomes one, which JSON-LD reads as a double.
        reading: of the document.
    """
    kind, typed = literal.datatype.value, "" if term is None else term.kind
    if typed and not literal.language and reading.shorten(kind) == typed:
        return literal.value
    language = _language(term, reading)
    if literal.language:
        is_said = language == literal.language and not typed
        return literal.value if is_said else _with("@language", literal.language, literal.value)
    if kind == f"{XSD}string":
        return {"@value": literal.value} if typed or language else literal.value
    if term is None or not term.kind:
        plain = _plain(literal, is_exact=term is None)
        if plain is not None:
            return plain
    return _with("@type", reading.shorten(kind), literal.value)


def fits(literal: Literal, term: Term, reading: Reading) -> bool:
    """Whether a term's values may be this literal, as plain JSON."""
    if term.container == "@language":
        return bool(literal.language)
    if term.kind.startswith("@") or term.container == "@index":
        return False
    if term.kind:
        return reading.shorten(literal.datatype.value) == term.kind
    is_text = bool(literal.language) or literal.datatype.value == f"{XSD}string"
    return literal.language == (_language(term, reading) or None) or not (is_text or term.language)


def _language(term: Term | None, reading: Reading) -> str:
    """Language of plain texts."""
    return (term.language if term is not None else "") or reading.language


def _with(key: str, said: str, value: str) -> Json:
    return {key: said, "@value": value}


def _plain(literal: Literal, *, is_exact: bool) -> Json:
    """A JSON number or truth value; None where there is none of the same meaning."""
    kind, text = literal.datatype.value, literal.value
    if kind == f"{XSD}boolean" and text in {"true", "false"}:
        return text == "true"
    if kind not in (_NATIVE if is_exact else _NUMBERS):
        return None
    number = _number(text)
    if number is None or (is_exact and not _reads_back(number, kind, text)):
        return None
    return number


def _number(text: str) -> int | float | None:
    try:
        exact = Decimal(text)
        nearest = float(exact)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if not exact.is_finite() or nearest in (float("inf"), float("-inf")):
        return None
    # A double is written with the digits that tell it; a larger whole number needs all of its own.
    is_told = Decimal(repr(nearest)) == exact
    whole = exact == exact.to_integral_value()
    return int(exact) if whole and (abs(exact) < _LARGEST_INTEGER or not is_told) else nearest


def _reads_back(number: float, kind: str, text: str) -> bool:
    """Whether JSON-LD makes the same literal of the number, in the form that a store keeps."""
    if isinstance(number, int) and abs(number) < _LARGEST_INTEGER:
        return kind == f"{XSD}integer" and str(number) == text
    return kind == f"{XSD}double"
