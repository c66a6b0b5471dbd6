"""Adds, gets, lists and removes descriptions of models, and measurements they are held against."""

from __future__ import annotations

from collections.abc import Iterable

from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.iris import Iri, description_iri, model_iri
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.resources import Added, Batch
from fitgraph.registry.triples.measurement import (
    iri_of,
    measurement_from_triples,
    measurement_to_triples,
)
from fitgraph.registry.triples.model_description import (
    description_from_triples,
    description_to_triples,
)


def description_batch(descriptions: Iterable[ModelDescription], *, replace: bool) -> Batch:
    """Descriptions, to be written with others."""
    return Batch(
        "description",
        {description_iri(one.description_id): description_to_triples(one) for one in descriptions},
        replace,
    )


class DescriptionOperations(CatalogueBase):
    """Operations on model descriptions."""

    def add_description(self, description: ModelDescription, *, replace: bool = False) -> Added:
        """Adds what somebody wrote of a model.

        Raises:
            NotFoundError: the model that it is about is not there.
            ConflictError: another description has its id and ``replace`` is not set.
            InvalidRecordError: a shape is violated.
        """
        if description.model_sha256 is not None:
            self._resources.require("model", model_iri(description.model_sha256))
        batch = description_batch((description,), replace=replace)
        (added,) = self._resources.put_together((batch,))
        return added

    def get_description(self, reference: str) -> ModelDescription:
        """The description with this name or IRI."""
        return description_from_triples(self.store.graph(self.resolve("description", reference)))

    def list_descriptions(self) -> tuple[ModelDescription, ...]:
        """All descriptions by the name of the model; several may have the same."""
        iris = dict.fromkeys(self._resources.iris("model-descriptions", "description"))
        return tuple(map(description_from_triples, self._resources.triples(iris)))

    def remove_description(self, reference: str) -> tuple[Iri, ...]:
        """Removes a description; the model that it is about stays."""
        return self._remove(self.resolve("description", reference))


class MeasurementOperations(CatalogueBase):
    """Operations on measurements."""

    def add_measurements(self, measurements: Iterable[Measurement]) -> tuple[Added, ...]:
        """Adds measurements, all of them or none; a newer one takes the place of its like.

        Raises:
            NotFoundError: a model is not there.
            InvalidRecordError: a shape is violated.
        """
        measurements = tuple(measurements)
        for one in measurements:
            self._resources.require("model", model_iri(one.model_sha256))
        graphs = {Iri(iri_of(one)): measurement_to_triples(one) for one in measurements}
        return self._resources.put("measurement", graphs, replace=True)

    def list_measurements(self) -> tuple[Measurement, ...]:
        """All measurements, by IRI."""
        iris = self._resources.names("measurement").values()
        return tuple(map(measurement_from_triples, self._resources.triples(iris)))
