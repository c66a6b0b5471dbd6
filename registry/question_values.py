"""What a user writes for a variable of a competency question, as the term that is bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fitgraph.ontology.namespaces import FG
from fitgraph.ontology.questions import Question
from fitgraph.registry.errors import InvalidRecordError
from fitgraph.registry.iris import operator_iri, operator_set_iri
from fitgraph.registry.triples.terms import Term, date_time, literal

if TYPE_CHECKING:
    from fitgraph.registry.catalogue_base import CatalogueBase

#: What questions call the resources that have a name or a digest, and the registry's kinds.
_RESOURCES: Final[Mapping[str, str]] = {
    "model": "model",
    "board": "board",
    "microcontroller": "mcu",
    "runtime": "runtime",
    "ISA class": "ISA class",
    "footprint": "footprint",
    "proof": "proof",
    "description": "description",
}


def bindings(
    registry: CatalogueBase, question: Question, values: Mapping[str, str]
) -> dict[str, Term]:
    """Terms for the variables of a question.

    Args:
        registry: where names and digests are looked up.
        question: whose variables.
        values: what the user writes for each: a name, an IRI, a number.

    Raises:
        InvalidRecordError: a variable has no value or is not the question's, or a value does not
            read as what it should be.
        NotFoundError: nothing has such a name.
    """
    kinds = {**question.binds, **question.may_bind}
    needed = ", ".join(f"{name} ({kind})" for name, kind in kinds.items()) or "no value"
    for name in sorted((question.binds.keys() - values.keys()) | (values.keys() - kinds.keys())):
        what = "needs a value for" if name in question.binds else "has no"
        raise InvalidRecordError(
            f"the question {question.name!r} {what} {name!r}", hint=f"it takes {needed}"
        )
    return {name: _term(registry, kinds[name], text) for name, text in values.items()}


def _term(registry: CatalogueBase, kind: str, text: str) -> Term:
    if kind in _RESOURCES:
        return NamedNode(registry.resolve(_RESOURCES[kind], text))
    try:
        return _READERS[kind](text)
    except ValueError as error:
        raise InvalidRecordError(f"{text!r} is no {kind}", hint=f"give a {kind}") from error


def _operator(text: str) -> NamedNode:
    return NamedNode(text if "/" in text else operator_iri(text))


def _operator_set(text: str) -> NamedNode:
    return NamedNode(text if "/" in text else operator_set_iri(text))


def _fitgraph_term(text: str) -> NamedNode:
    return NamedNode(text if ":/" in text else f"{FG}{text.removeprefix('fg:')}")


def _whole_number(text: str) -> Literal:
    return literal(int(text))


def _number(text: str) -> Literal:
    return literal(float(text))


_READERS: Final[Mapping[str, Callable[[str], Term]]] = {
    "operator": _operator,
    "operator set": _operator_set,
    "term": _fitgraph_term,
    "whole number": _whole_number,
    "number": _number,
    "text": literal,
    "time": date_time,
    "fleet": NamedNode,
    "plan": NamedNode,
}
#: Everything that a question may say a variable is.
KINDS: Final = frozenset({*_RESOURCES, *_READERS})
