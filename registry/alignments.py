"""Alignments with other vocabularies: what there is, loading and unloading them one by one.

Each is a named graph of its own, so that queries may use the terms of the other vocabulary. Nothing
that fitgraph decides rests on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.files import ALIGNMENTS
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.iris import Iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.resources import Added
from fitgraph.registry.vocabulary_graphs import alignment_iri, alignment_triples

_TERMS: Final = "http://purl.org/dc/terms/"


@dataclass(frozen=True, slots=True)
class Alignment:
    """One alignment.

    Attributes:
        name: of its file, and the end of its IRI: ``sosa-ssn``.
        iri: of the alignment, and of its graph where it is loaded.
        about: what it relates, in one sentence.
        vocabularies: where the other vocabulary is specified.
        relations: how many statements it makes about our terms.
        is_loaded: whether the store holds it.
    """

    name: str
    iri: Iri
    about: str
    vocabularies: tuple[str, ...]
    relations: int
    is_loaded: bool


class AlignmentOperations(CatalogueBase):
    """Operations on alignments."""

    def list_alignments(self) -> tuple[Alignment, ...]:
        """All that fitgraph brings, by name."""
        return tuple(self._alignment(name, iri) for name, iri in _names().items())

    def load_alignments(self, references: Iterable[str]) -> tuple[Added, ...]:
        """Puts alignments into the store, all of them or none.

        Args:
            references: names or IRIs.

        Raises:
            NotFoundError: there is no such alignment; the hint offers the nearest names.
        """
        iris = _resolved(references)
        missing = [iri for iri in iris if not self.store.has_graph(iri)]
        if missing:
            self.store.write({iri: alignment_triples(iri) for iri in missing})
        return tuple(Added(iri, is_new=iri in missing) for iri in iris)

    def unload_alignments(self, references: Iterable[str]) -> tuple[Iri, ...]:
        """Takes alignments out of the store, and returns the IRIs of those that were in it.

        Raises:
            NotFoundError: there is no such alignment; the hint offers the nearest names.
        """
        loaded = tuple(iri for iri in _resolved(references) if self.store.has_graph(iri))
        if loaded:
            self.store.write({}, loaded)
        return loaded

    def _alignment(self, name: str, iri: Iri) -> Alignment:
        triples = alignment_triples(iri)
        itself = [one for one in triples if one.subject == NamedNode(iri)]
        return Alignment(
            name=name,
            iri=iri,
            about=" ".join(_said(itself, "description")),
            vocabularies=_said(itself, "references"),
            relations=len(triples) - len(itself),
            is_loaded=self.store.has_graph(iri),
        )


def _names() -> dict[str, Iri]:
    return {path.stem: alignment_iri(path.stem) for path in ALIGNMENTS}


def _resolved(references: Iterable[str]) -> tuple[Iri, ...]:
    """Each once, in the order given."""
    return tuple(dict.fromkeys(resolve("alignment", one, _names()) for one in references))


def _said(triples: Iterable[Triple], term: str) -> tuple[str, ...]:
    wanted = NamedNode(_TERMS + term)
    found = (one.object for one in triples if one.predicate == wanted)
    return tuple(sorted(o.value for o in found if isinstance(o, (Literal, NamedNode))))
