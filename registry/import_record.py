"""What an import brought into the store, so that the next one can take its place.

The record is a graph with one literal: no graph speaks of a resource because it was imported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import RDFS
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.store_base import Store

RECORDS: Final = f"{BASE}reference-kg/import/"
_COMMENT: Final = NamedNode(f"{RDFS}comment")


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """What came of one folder.

    Attributes:
        origin: the folder.
        brought: digest of each graph that the import made, by IRI.
    """

    origin: str
    brought: Mapping[Iri, str]

    @property
    def iri(self) -> Iri:
        return record_iri(self.origin)

    def triples(self) -> frozenset[Triple]:
        """The record as it is stored."""
        text = json.dumps({"origin": self.origin, "brought": dict(sorted(self.brought.items()))})
        return frozenset({Triple(NamedNode(self.iri), _COMMENT, Literal(text))})


def record_iri(origin: str) -> Iri:
    """IRI of the record of what came of a folder."""
    return Iri(RECORDS + hashlib.sha256(origin.encode("utf-8", "surrogateescape")).hexdigest())


def digest_of(triples: Iterable[Triple]) -> str:
    """SHA-256 of a graph's triples in any order; there are no blank nodes in stored graphs."""
    text = "\n".join(sorted(map(str, triples)))
    return hashlib.sha256(text.encode()).hexdigest()


def read_records(store: Store) -> dict[Iri, ImportRecord]:
    """The records of all folders; one that somebody damaged is as none."""
    found = (_read(store.graph(iri)) for iri in store.graphs() if iri.startswith(RECORDS))
    return {record.iri: record for record in found if record is not None}


def _read(triples: Iterable[Triple]) -> ImportRecord | None:
    texts = [one.object.value for one in triples if isinstance(one.object, Literal)]
    try:
        said = json.loads(texts[0])
        brought = {Iri(str(iri)): str(digest) for iri, digest in said["brought"].items()}
        return ImportRecord(str(said["origin"]), brought)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
