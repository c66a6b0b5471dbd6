"""An ISA class as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from fitgraph.registry.iris import isa_iri
from fitgraph.registry.isa import IsaClass
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.writing import describe


def isa_class_to_triples(isa: IsaClass) -> Iterator[Triple]:
    """All triples of an ISA class."""
    yield from describe(
        isa_iri(isa.name),
        "IsaClass",
        name=isa.name,
        label=isa.name,
        core=isa.cores,
        has_fpu=isa.has_fpu,
        has_dsp=isa.has_dsp,
        has_mve=isa.has_mve,
    )


@refusing_damage
def isa_class_from_triples(triples: Iterable[Triple]) -> IsaClass:
    """The ISA class that the triples of its graph describe; cores come sorted.

    Raises:
        RegistryError: they lack something that an ISA class has.
    """
    facts = Facts(triples)
    subject = facts.only("IsaClass")
    return IsaClass(
        name=facts.text(subject, "name"),
        cores=facts.texts(subject, "core"),
        has_fpu=bool(facts.value(subject, "hasFpu")),
        has_dsp=bool(facts.value(subject, "hasDsp")),
        has_mve=bool(facts.value(subject, "hasMve")),
    )
