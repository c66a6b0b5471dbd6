"""Graphs that every store holds: the vocabulary itself, and the ISA classes."""

from __future__ import annotations

from pyoxigraph import RdfFormat, Triple, parse

from fitgraph.ontology.files import MODULES
from fitgraph.ontology.namespaces import ONTOLOGY
from fitgraph.registry.iris import Iri, isa_iri
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.store import Store
from fitgraph.registry.triples.isa_class import isa_class_to_triples


def ontology_triples() -> frozenset[Triple]:
    """All modules of the vocabulary."""
    return frozenset(
        quad.triple for module in MODULES for quad in parse(path=module, format=RdfFormat.TURTLE)
    )


def write_vocabulary(store: Store) -> None:
    """Brings the vocabulary and the ISA classes of a store up to this version of fitgraph."""
    wanted = {isa_iri(i.name): frozenset(isa_class_to_triples(i)) for i in ISA_CLASSES.values()}
    wanted[Iri(ONTOLOGY)] = ontology_triples()
    changed = {iri: triples for iri, triples in wanted.items() if store.graph(iri) != triples}
    if changed:
        store.write(changed)
