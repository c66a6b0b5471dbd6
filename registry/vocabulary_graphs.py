"""Graphs that every store holds: the vocabulary, the operators that others define, ISA classes.

Alignments with other vocabularies are graphs of their own that a user may load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.files import ALIGNMENTS, MODULES, OPERATOR_LINKS, OPERATOR_SCHEMES
from fitgraph.ontology.namespaces import ONTOLOGY, OPERATORS, OWL
from fitgraph.registry.iris import Iri, isa_iri, operator_set_iri
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.store_base import Store
from fitgraph.registry.triples.isa_class import isa_class_to_triples
from fitgraph.registry.triples.terms import RDF_TYPE, fg

#: Tells which version of the vocabulary a store holds.
_NOTE: Final = Iri(f"{ONTOLOGY}/held")

#: Which operators of one set do the same as which of another.
LINKS_IRI: Final = Iri(f"{ONTOLOGY}/operator-links")


@cache
def ontology_triples() -> frozenset[Triple]:
    """All modules of the vocabulary."""
    return _read(MODULES)


@cache
def scheme_operators() -> frozenset[str]:
    """IRIs of the operators that the schemes hold; others get a graph with their first user."""
    return frozenset(
        triple.subject.value
        for triple in _read(OPERATOR_SCHEMES)
        if (triple.predicate, triple.object) == (RDF_TYPE, fg("Operator"))
        and isinstance(triple.subject, NamedNode)
    )


def alignment_iri(name: str) -> Iri:
    """IRI of an alignment, and of its graph where it is loaded."""
    return Iri(f"{ONTOLOGY}/alignments/{name}")


_ALIGNMENT_FILES: Final = {alignment_iri(path.stem): path for path in ALIGNMENTS}


def alignment_triples(iri: Iri) -> frozenset[Triple]:
    """What the alignment of this IRI says."""
    return _read((_ALIGNMENT_FILES[iri],))


def write_vocabulary(store: Store) -> None:
    """Brings what a store holds of the vocabulary up to this version of fitgraph.

    To read and compare all of it takes as long as all else of opening a store. So the store notes
    the digest of the files, and how many triples they gave, which it counts.
    """
    alignments = tuple(iri for iri in _ALIGNMENT_FILES if store.has_graph(iri))
    found = store.count_triples((*_own_graphs(), *alignments))
    if _note(found) in store.graph(_NOTE):
        return
    wanted = _wanted() | {iri: alignment_triples(iri) for iri in alignments}
    known = store.read_graphs(wanted)
    changed = {iri: triples for iri, triples in wanted.items() if known[iri] != triples}
    note = _note({iri: len(triples) for iri, triples in wanted.items()})
    store.write({**changed, _NOTE: (note,)}, _replaced_by_schemes(store))


def _note(counts: Mapping[Iri, int]) -> Triple:
    """What the vocabulary's graphs are made of, and how many triples each has."""
    found = hashlib.sha256(repr(sorted(ISA_CLASSES.items())).encode())
    for path in (*MODULES, OPERATOR_LINKS, *OPERATOR_SCHEMES, *ALIGNMENTS):
        found.update(path.read_bytes())
    found.update(repr(sorted(counts.items())).encode())
    return Triple(NamedNode(_NOTE), NamedNode(f"{OWL}versionInfo"), Literal(found.hexdigest()))


def _own_graphs() -> tuple[Iri, ...]:
    schemes = (operator_set_iri(path.stem) for path in OPERATOR_SCHEMES)
    return (Iri(ONTOLOGY), LINKS_IRI, *schemes, *map(isa_iri, ISA_CLASSES))


def _wanted() -> dict[Iri, frozenset[Triple]]:
    isa_classes = ISA_CLASSES.values()
    return {
        Iri(ONTOLOGY): ontology_triples(),
        LINKS_IRI: _read((OPERATOR_LINKS,)),
        **{operator_set_iri(path.stem): _read((path,)) for path in OPERATOR_SCHEMES},
        **{isa_iri(isa.name): frozenset(isa_class_to_triples(isa)) for isa in isa_classes},
    }


def _replaced_by_schemes(store: Store) -> tuple[Iri, ...]:
    """Graphs of single operators, as older stores have them, whose facts are in a scheme's."""
    graphs = (iri for iri in store.graphs() if iri.startswith(OPERATORS))
    return tuple(Iri(iri) for iri in graphs if iri in scheme_operators())


def _read(paths: Iterable[Path]) -> frozenset[Triple]:
    return frozenset(
        quad.triple for path in paths for quad in parse(path=path, format=RdfFormat.TURTLE)
    )
