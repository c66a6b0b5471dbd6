"""The JSON-LD context of Thing Description 1.1, written from the table of its terms."""

from __future__ import annotations

from functools import cache
from typing import Final

from fitgraph.ontology.td_terms import (
    INNER_PREFIXES,
    PREFIXES,
    PROPERTY_MEMBERS,
    TERMS,
    Scope,
    Term,
)

TD_11: Final = "https://www.w3.org/2022/wot/td/v1.1"
TD_10: Final = "https://www.w3.org/2019/wot/td/v1"

Definition = str | dict[str, object]


@cache
def td_context() -> dict[str, object]:
    """What ``@context`` means when it says ``https://www.w3.org/2022/wot/td/v1.1``.

    Do not change what comes back: it is made once.
    """
    return {
        "@version": 1.1,
        "@vocab": PREFIXES[Scope.THING],
        **PREFIXES,
        **{name: _definition(name, term) for name, term in TERMS[Scope.THING].items()},
    }


def _definition(name: str, term: Term) -> Definition:
    """How JSON-LD 1.1 says what a term stands for."""
    if term.iri.startswith("@") or not term.is_member:
        return term.iri
    said = {
        "@id": term.iri,
        "@type": term.kind,
        "@language": term.language,
        "@container": term.container,
        "@index": term.index,
    }
    definition: dict[str, object] = {key: value for key, value in said.items() if value}
    if term.scope is not None:
        definition["@context"] = _scoped(name, term.scope)
    return definition


def _scoped(name: str, scope: Scope) -> dict[str, object]:
    """The context inside a member's values; what it does not redefine stays as it was."""
    context: dict[str, object] = {
        **INNER_PREFIXES[scope],
        "@vocab": PREFIXES[scope],
        **{inner: _definition(inner, term) for inner, term in TERMS[scope].items()},
    }
    if name == "properties":
        # Inside a member of an object property, the term is again the one of any schema.
        deeper = {"properties": _definition("", TERMS[Scope.SCHEMA]["properties"])}
        members = _definition("", PROPERTY_MEMBERS)
        assert isinstance(members, dict)
        context["properties"] = {**members, "@context": deeper}
    return context
