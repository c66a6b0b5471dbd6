"""Writes the reference graph: its own triples, and beside them boards, models and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Triple

from fitgraph.registry.board_checks import check_board
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.catalogue_descriptions import description_batch
from fitgraph.registry.errors import ConflictError
from fitgraph.registry.facts import ModelFacts
from fitgraph.registry.import_replacement import Replacement
from fitgraph.registry.importers.reference_graph_graphs import without
from fitgraph.registry.importers.reference_graph_records import ReferenceGraph
from fitgraph.registry.iris import Iri, board_iri, key_of, model_iri
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.model_record import model_record
from fitgraph.registry.resources import FOREIGN, Added, Batch
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.vocabulary_graphs import ontology_triples


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A model file that was read.

    Attributes:
        name: what the reference graph calls it.
        content: where its bytes are.
    """

    name: str
    graph: ModelGraph
    facts: ModelFacts
    content: Path


@dataclass(frozen=True, slots=True)
class ReferenceImport:
    """What came of an import.

    Attributes:
        added: one result a resource.
        removed: graphs that an earlier import of the folder brought and that are gone now.
    """

    added: tuple[Added, ...]
    removed: tuple[Iri, ...]


class ReferenceGraphOperations(CatalogueBase):
    """The import of the reference graph."""

    def add_reference_graph(
        self, reference: ReferenceGraph, models: Iterable[ReadModel], *, replace: bool = False
    ) -> ReferenceImport:
        """Puts all of it in place of what the same folder brought before, in one write.

        The graph is as before, or has everything. What an earlier import brought and the folder
        has no more goes, unless somebody changed it since or something that stays speaks of it.

        Args:
            reference: as read from its folder.
            models: its model files, read.
            replace: whether boards and descriptions with other facts give way that did not come
                from this folder.

        Raises:
            NotFoundError: a description is of a model that is neither handed in nor stored.
            ConflictError: an id or a model's name is taken by something else.
            InvalidRecordError: a shape is violated.
            StorageError: the disk is full; neither triples nor bytes stay.
        """
        models = tuple(models)
        self._require_models(reference, models)
        before = Replacement(self._resources, reference.origin)
        batches = tuple(self._batches(reference, models, replace=replace))
        coming = {iri: triples for batch in batches for iri, triples in batch.graphs.items()}
        gone, record = before.gone(coming), before.record(coming)
        digests = self._digests(gone)
        rest = {record.iri: record.triples(), **dict.fromkeys(gone, frozenset[Triple]())}
        removal = Batch(FOREIGN, rest, replace=True)
        with ExitStack() as blobs:
            for model in models:
                blobs.enter_context(self._fresh_blob(model.content))
            added = self._resources.put_together(
                (*(part for batch in batches for part in before.batches(batch)), removal)
            )
        for sha256 in digests:
            self.blobs.delete(sha256, self._is_in_use)
        return ReferenceImport(added[: len(coming)], gone)

    def _batches(
        self, reference: ReferenceGraph, models: Iterable[ReadModel], *, replace: bool
    ) -> Iterator[Batch]:
        """Everything that comes, with its triples at hand: they are looked at twice."""
        boards = map(check_board, reference.boards)
        board_graphs = {board_iri(b.board_id): frozenset(board_to_triples(b)) for b in boards}
        yield Batch(FOREIGN, self._foreign(reference), replace=True)
        yield self._models(models)
        yield Batch("board", board_graphs, replace)
        described = description_batch(reference.descriptions, replace=replace)
        graphs = {iri: frozenset(triples) for iri, triples in described.graphs.items()}
        yield Batch(described.kind, graphs, replace)

    def _require_models(self, reference: ReferenceGraph, models: Iterable[ReadModel]) -> None:
        coming = {model.graph.sha256 for model in models}
        for description in reference.descriptions:
            sha256 = description.model_sha256
            if sha256 is not None and sha256 not in coming:
                self._resources.require("model", model_iri(sha256))

    def _foreign(self, reference: ReferenceGraph) -> dict[Iri, frozenset[Triple]]:
        """Their triples without what the vocabulary says already: none is to be seen twice."""
        return without(reference.graphs, ontology_triples())

    def _models(self, models: Iterable[ReadModel]) -> Batch:
        """All models, each under the names that it has and those that it gets."""
        owners = self._resources.names("model")
        given: dict[Iri, list[ReadModel]] = {}
        for model in models:
            iri = model_iri(model.graph.sha256)
            if owners.get(model.name, iri) != iri:
                raise ConflictError(
                    f"the name {model.name!r} is taken by the model "
                    f"{key_of(owners[model.name])[:12]}",
                    hint="remove that model first",
                )
            given.setdefault(iri, []).append(model)
        graphs = {
            iri: frozenset(
                model_to_triples(
                    model_record(same[0].graph, same[0].facts, *_names(iri, same, owners))
                )
            )
            for iri, same in given.items()
        }
        operators = {use.name for same in given.values() for use in same[0].facts.operators}
        return Batch("model", graphs, replace=True, operators=tuple(operators))


def _names(iri: Iri, same: Iterable[ReadModel], owners: dict[str, Iri]) -> Iterator[str]:
    yield from (model.name for model in same)
    yield from (name for name, owner in owners.items() if owner == iri)
