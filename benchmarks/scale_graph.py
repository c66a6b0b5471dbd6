"""A graph of the size that questions are measured on: the device catalogue and many models.

The models are real ones, read by the registry, and repeated under digests and names of their own.
What is said of each (footprints, proofs, lineage, descriptions, devices, a plan) is made of its
figures. It goes past the shapes, which ask for time and would change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Final

from pyoxigraph import NamedNode

from benchmarks.models import (
    collected_models,
    example_models,
    reference_models,
    shared_data,
    wake_word_models,
)
from benchmarks.records import ModelFile
from benchmarks.scale_fleet import Graph, field_graphs
from benchmarks.scale_records import (
    DESCRIBED_EVERY,
    descriptions_of,
    footprints_of,
    measurement_of,
    proofs_of,
    variant_of,
)
from fitgraph.api.reference_models import read_reference_kg
from fitgraph.compiler_bridge.runtime import fitgraph_c_runtime
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import (
    Iri,
    description_iri,
    footprint_iri,
    model_iri,
    proof_iri,
    variant_iri,
)
from fitgraph.registry.model_record import ModelRecord, model_record
from fitgraph.registry.read_model import read_model_safely
from fitgraph.registry.runtime_profiles import runtime_profiles
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.measurement import iri_of, measurement_to_triples
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.triples.model_description import description_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.proof import proof_to_triples
from fitgraph.registry.triples.variant import variant_to_triples

N_MODELS: Final = 1000
#: Of the shared collection: one that opens its batch, one that needs an operator of its own.
_UNUSUAL: Final = {
    "ae0fa044541fd59c9234749f5cc685eb73d0f9ca7fda628ab001196bd5159bc7": "mixed_ops",
    "63eb17b4c4d4d5b759ac9155f4f7f696c4c3d2006d18bb85cc51a4b984674374": "waveformer",
}


def fill_at_scale(registry: Registry, n_models: int = N_MODELS) -> tuple[ModelRecord, ...]:
    """Puts everything into an empty registry, and returns the models."""
    registry.add_boards(builtin_boards())
    for runtime in (fitgraph_c_runtime(TARGETS), *runtime_profiles()):
        registry.add_runtime(runtime)
    mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
    registry.add_device_catalogue(mcus, boards, lambda _done: None)
    records = tuple(islice(_repeated(_real_models()), n_models))
    data = shared_data()
    if data:
        found, models = read_reference_kg(data / "reference_kg", lambda *_args, **_of: None)
        registry.add_reference_graph(found, models)
    registry.store.write_many(_graphs(registry, records))
    return records


def _real_models() -> list[ModelRecord]:
    data = shared_data()
    files = [*example_models(), *wake_word_models()]
    if data:
        files += [*reference_models(data), *collected_models(data, _UNUSUAL)]
    return [_read(file) for file in files]


def _read(file: ModelFile) -> ModelRecord:
    graph = read_model_safely(file.path)
    return model_record(graph, model_facts(graph), file.name)


def _repeated(records: Sequence[ModelRecord]) -> Iterator[ModelRecord]:
    for number, record in enumerate(cycle(records)):
        sha256 = hashlib.sha256(f"{record.sha256} {number}".encode()).hexdigest()
        yield replace(record, sha256=sha256, names=(f"{record.names[0]}-{number}",))


def _graphs(registry: Registry, records: Sequence[ModelRecord]) -> Iterator[Graph]:
    for number, record in enumerate(records):
        yield model_iri(record.sha256), model_to_triples(record)
        for footprint in footprints_of(record):
            yield footprint_iri(footprint), footprint_to_triples(footprint)
        for proof in proofs_of(record):
            yield proof_iri(proof), proof_to_triples(proof)
        if number % DESCRIBED_EVERY == 0:
            for described in descriptions_of(record, number):
                yield description_iri(described.description_id), description_to_triples(described)
            measurement = measurement_of(record, number)
            yield Iri(iri_of(measurement)), measurement_to_triples(measurement)
        if number % 2:
            variant = variant_of(record, records[number - 1])
            yield variant_iri(record.sha256), variant_to_triples(variant)
    yield from _operators(registry, records)
    yield from field_graphs(records)


def _operators(registry: Registry, records: Sequence[ModelRecord]) -> Iterator[Graph]:
    """Operators that no scheme has, such as custom ones."""
    for name in sorted({use.name for record in records for use in record.facts.operators}):
        triples = tuple(operator_to_triples(name))
        subject = triples[0].subject
        assert isinstance(subject, NamedNode)
        known = registry.store.ask("ASK { ?operator ?property ?value }", {"operator": subject})
        if not known:
            yield Iri(subject.value), iter(triples)
