"""A match as triples: its verdict, and each constraint with its figures."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.matcher.verdict import Constraint, Match
from fitgraph.ontology.namespaces import XSD
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri
from fitgraph.registry.triples.memory_region import region_iri
from fitgraph.registry.triples.terms import fg
from fitgraph.registry.triples.writing import describe, individual, iri

_DECIMAL: Final = NamedNode(f"{XSD}decimal")
_HAS_UNIT: Final = NamedNode("http://qudt.org/schema/qudt/hasUnit")
_UNIT: Final = "http://qudt.org/vocab/unit/"
#: QUDT's units; what is counted otherwise is a number.
_UNITS: Final = {"B": "BYTE", "ms": "MilliSEC", "uJ": "MicroJ"}
_COUNTED: Final = "NUM"
_NAMES: Final = {
    "operators": "operatorsConstraint",
    "isa_class": "isaClassConstraint",
    "flash": "flashConstraint",
    "sram": "sramConstraint",
    "number_format": "numberFormatConstraint",
    "sensors": "sensorConstraint",
    "input": "inputConstraint",
    "deadline": "deadlineConstraint",
    "energy": "energyConstraint",
    "policy": "policyConstraint",
}


def match_to_triples(subject: str, found: Match, model_sha256: str) -> Iterator[Triple]:
    """All triples of a match.

    Args:
        subject: its IRI.
        model_sha256: digest of its model.
    """
    # A match that is itself part of a resource has its fragment already.
    start = f"{subject}-" if "#" in subject else f"{subject}#"
    parts = [(f"{start}constraint-{one.name}", one) for one in found.constraints]
    yield from describe(
        subject,
        "Match",
        model=iri(model_iri(model_sha256)),
        board=iri(board_iri(found.board)),
        runtime=iri(runtime_iri(found.runtime)),
        verdict=fg(found.verdict.value),
        evidence=individual(found.evidence),
        has_constraint_result=tuple(iri(part) for part, _ in parts),
    )
    for part, one in parts:
        yield from _result(part, one, board_iri(found.board))


def _result(part: str, one: Constraint, board: str) -> Iterator[Triple]:
    yield from describe(
        part,
        "ConstraintResult",
        constraint=fg(_NAMES[one.name]),
        evidence=individual(one.evidence or Evidence.MISSING),
        is_satisfied=one.satisfied,
        message=one.message,
        hint=one.hint or None,
        memory_region=iri(region_iri(board, one.region)) if one.region else None,
    )
    figures = {"required": one.required, "available": one.available, "margin": one.margin}
    known = {name: figure for name, figure in figures.items() if figure is not None}
    for name, figure in known.items():
        text = format(Decimal(repr(figure)).normalize(), "f")
        yield Triple(iri(part), fg(name), Literal(text, datatype=_DECIMAL))
    if known:
        yield Triple(iri(part), _HAS_UNIT, iri(f"{_UNIT}{_UNITS.get(one.unit, _COUNTED)}"))
