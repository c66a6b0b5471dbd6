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


class ReferenceGraphOperations(CatalogueBase):
    """The import of the reference graph."""

    def add_reference_graph(
        self, reference: ReferenceGraph, models: Iterable[ReadModel], *, replace: bool = False
    ) -> tuple[Added, ...]:
        """Adds all of it in one write: the graph is as before, or has everything.

        Args:
            reference: as read from its folder.
            models: its model files, read.
            replace: whether boards and descriptions with other facts give way.

        Raises:
            NotFoundError: a description is of a model that is neither handed in nor stored.
            ConflictError: an id or a model's name is taken by something else.
            InvalidRecordError: a shape is violated.
            StorageError: the disk is full; neither triples nor bytes stay.
        """
        models = tuple(models)
        self._require_models(reference, models)
        boards = [check_board(board) for board in reference.boards]
        batches = (
            Batch(FOREIGN, self._foreign(reference), replace=True),
            self._models(models),
            Batch("board", {board_iri(b.board_id): board_to_triples(b) for b in boards}, replace),
            description_batch(reference.descriptions, replace=replace),
        )
        with ExitStack() as blobs:
            for model in models:
                blobs.enter_context(self._fresh_blob(model.content))
            return self._resources.put_together(batches)

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
            iri: model_to_triples(
                model_record(same[0].graph, same[0].facts, *_names(iri, same, owners))
            )
            for iri, same in given.items()
        }
        operators = {use.name for same in given.values() for use in same[0].facts.operators}
        return Batch("model", graphs, replace=True, operators=tuple(operators))


def _names(iri: Iri, same: Iterable[ReadModel], owners: dict[str, Iri]) -> Iterator[str]:
    yield from (model.name for model in same)
    yield from (name for name, owner in owners.items() if owner == iri)
