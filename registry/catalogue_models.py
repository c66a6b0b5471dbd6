"""Adds, gets, lists and removes models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fitgraph.registry.blobs import digest
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import ConflictError, InvalidRecordError
from fitgraph.registry.facts import ModelFacts
from fitgraph.registry.iris import Iri, key_of, model_iri
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.model_record import ModelRecord, model_record
from fitgraph.registry.resources import Added
from fitgraph.registry.said_in_file import licences_of, tasks_of
from fitgraph.registry.triples.model import model_from_triples, model_to_triples
from fitgraph.registry.triples.terms import python_value


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One line of the list of models; None for what symbolic dimensions hide."""

    name: str
    sha256: str
    model_format: str
    file_bytes: int
    parameters: int
    macs: int | None
    peak_live_bytes: int | None


class ModelOperations(CatalogueBase):
    """Operations on models."""

    def add_model(
        self,
        graph: ModelGraph,
        facts: ModelFacts,
        content: bytes | Path,
        name: str,
        *,
        tasks: Collection[str] = (),
        licences: Collection[str] = (),
    ) -> Added:
        """Adds a model file under a name.

        A file that is there already gets name, tasks and licences besides those that it has.

        Args:
            graph: the model as read.
            facts: of that graph.
            content: the file or its bytes.
            name: unique among models.
            tasks: what it does; where nobody says, what the file says of itself.
            licences: SPDX expressions, or ``LicenseRef-...``; likewise.

        Raises:
            ConflictError: another model has the name.
            InvalidRecordError: the bytes are not those that were read, or a shape is violated.
            StorageError: the disk is full; neither triples nor bytes stay.
        """
        iri = model_iri(graph.sha256)
        names = self._resources.names("model")
        _require_free(names, name, iri)
        _require_as_read(graph, content, name)
        known = [other for other, owner in names.items() if owner == iri]
        before = model_from_triples(self.store.graph(iri)) if known else None
        record = replace(
            model_record(graph, facts, name, *known),
            tasks=_with(before.tasks if before else (), tasks) or tasks_of(graph.said),
            licences=_with(before.licences if before else (), licences) or licences_of(graph.said),
        )
        with self._fresh_blob(content):
            (added,) = self._resources.put(
                "model",
                {iri: model_to_triples(record)},
                replace=True,
                operators={use.name for use in facts.operators},
            )
        return added

    def get_model(self, reference: str) -> ModelRecord:
        """The model with this name, IRI or unambiguous start of its digest."""
        return model_from_triples(self.store.graph(self.resolve("model", reference)))

    def model_bytes(self, reference: str) -> bytes:
        """The model file."""
        return self.blobs.get(key_of(self.resolve("model", reference)))

    def list_models(self) -> tuple[ModelSummary, ...]:
        """All models by name; a model with several names has several lines."""
        rows = self._resources.rows("model-summaries")
        values = [{column: python_value(term) for column, term in row.items()} for row in rows]
        return tuple(
            ModelSummary(
                name=str(row["name"]),
                sha256=key_of(str(row["model"])),
                model_format=str(row["format"]),
                file_bytes=int(row["file_bytes"]),
                parameters=int(row["parameters"]),
                macs=int(row["macs"]) if "macs" in row else None,
                peak_live_bytes=int(row["peak_live_bytes"]) if "peak_live_bytes" in row else None,
            )
            for row in values
        )

    def remove_model(self, reference: str) -> tuple[Iri, ...]:
        """Removes a model with its footprints and proofs, or only a name if it has others.

        Returns:
            IRIs of all that was removed; nothing if only a name was.

        Raises:
            NotFoundError: there is no such model.
            ConflictError: another model was derived from it.
        """
        iri = self.resolve("model", reference)
        record = model_from_triples(self.store.graph(iri))
        if reference in record.names and len(record.names) > 1:
            others = tuple(name for name in record.names if name != reference)
            self._rename(record, *others)
            return ()
        derived = self._resources.iris("variants", "derived", source=iri)
        if derived:
            raise ConflictError(
                f"{reference!r} cannot be removed: {key_of(derived[0])[:12]} was derived from it",
                hint="remove the derived model first",
            )
        return self._remove(iri)

    def _rename(self, record: ModelRecord, *names: str) -> None:
        renamed = replace(record, names=names)
        graph = {model_iri(record.sha256): model_to_triples(renamed)}
        self._resources.put("model", graph, replace=True)


def _require_free(names: Mapping[str, Iri], name: str, iri: Iri) -> None:
    """Refuse a name that another model has."""
    if names.get(name, iri) != iri:
        raise ConflictError(
            f"the name {name!r} is taken by the model {key_of(names[name])[:12]}",
            hint="choose another name, or remove that model first",
        )


def _require_as_read(graph: ModelGraph, content: bytes | Path, name: str) -> None:
    """Refuse bytes that are others than those that were read."""
    if digest(content) != graph.sha256:
        raise InvalidRecordError(
            f"the bytes of {name!r} are not those that were read as {graph.sha256[:12]}",
            hint="the file changed meanwhile; add it again",
        )


def _with(some: Collection[str], more: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *more}))
