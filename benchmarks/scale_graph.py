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

from pyoxigraph import NamedNode, Triple

from benchmarks.models import example_models, reference_models, shared_data, wake_word_models
from benchmarks.records import ModelFile
from benchmarks.scale_records import (
    DESCRIBED_EVERY,
    boards_by_class,
    description_of,
    footprints_of,
    measurement_of,
    proofs_of,
    variant_of,
)
from fitgraph.compiler_bridge.runtime import fitgraph_c_runtime
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import (
    BASE,
    Iri,
    board_iri,
    description_iri,
    footprint_iri,
    model_iri,
    proof_iri,
    runtime_iri,
    variant_iri,
)
from fitgraph.registry.model_record import ModelRecord, model_record
from fitgraph.registry.read_model import read_model_safely
from fitgraph.registry.runtime_profiles import runtime_profiles
from fitgraph.registry.thing_json import parse_document
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.measurement import iri_of, measurement_to_triples
from fitgraph.registry.triples.model import model_to_triples
from fitgraph.registry.triples.model_description import description_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.proof import proof_to_triples
from fitgraph.registry.triples.terms import fg
from fitgraph.registry.triples.thing import document_to_triples, record_to_triples
from fitgraph.registry.triples.variant import variant_to_triples
from fitgraph.registry.triples.writing import describe, iri

N_MODELS: Final = 1000
N_DEVICES: Final = 500
N_GROUPS: Final = 100
PLAN: Final = Iri(f"{BASE}plan/scale")
FLEET: Final = Iri(f"{BASE}fleet/scale")

Graph = tuple[Iri, Iterator[Triple]]


def fill_at_scale(registry: Registry, n_models: int = N_MODELS) -> tuple[ModelRecord, ...]:
    """Puts everything into an empty registry, and returns the models."""
    registry.add_boards(builtin_boards())
    for runtime in (fitgraph_c_runtime(TARGETS), *runtime_profiles()):
        registry.add_runtime(runtime)
    mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
    registry.add_device_catalogue(mcus, boards, lambda _done: None)
    records = tuple(islice(_repeated(_real_models()), n_models))
    registry.store.write_many(_graphs(registry, records))
    return records


def _real_models() -> list[ModelRecord]:
    data = shared_data()
    files = [*example_models(), *wake_word_models(), *(reference_models(data) if data else ())]
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
            description = description_of(record, number)
            yield description_iri(description.description_id), description_to_triples(description)
            measurement = measurement_of(record, number)
            yield Iri(iri_of(measurement)), measurement_to_triples(measurement)
        if number % 2:
            variant = variant_of(record, records[number - 1])
            yield variant_iri(record.sha256), variant_to_triples(variant)
    yield from _operators(registry, records)
    yield from (_device(records[number % len(records)], number) for number in range(N_DEVICES))
    yield FLEET, _fleet()
    yield PLAN, _plan(records)


def _operators(registry: Registry, records: Sequence[ModelRecord]) -> Iterator[Graph]:
    """Operators that no scheme has, such as custom ones."""
    for name in sorted({use.name for record in records for use in record.facts.operators}):
        triples = tuple(operator_to_triples(name))
        subject = triples[0].subject
        assert isinstance(subject, NamedNode)
        known = registry.store.ask("ASK { ?operator ?property ?value }", {"operator": subject})
        if not known:
            yield Iri(subject.value), iter(triples)


def _device(record: ModelRecord, number: int) -> Graph:
    """A Thing Description that says its serial number; what it runs is in its graph, too."""
    device = Iri(f"urn:dev:ops:32473-scale-{number}")
    proof = proofs_of(record)[0]
    text = (
        '{"@context": ["https://www.w3.org/2022/wot/td/v1.1",'
        ' {"fg": "https://w3id.org/fitgraph/ontology#"}],'
        f' "id": "{device}", "title": "Device {number}", "fg:serialNumber": "S-{number:05}",'
        ' "securityDefinitions": {"none": {"scheme": "nosec"}}, "security": "none",'
        f' "fg:installedArtifact": {{"@id": "{proof_iri(proof)}#firmware"}}}}'
    )
    document = parse_document(text.encode(), device)
    board = board_iri(proof.board_id)
    said = (*document_to_triples(document, device), *record_to_triples(document, device, board))
    return device, iter(said)


def _fleet() -> Iterator[Triple]:
    groups = [f"{FLEET}#group-{number}" for number in range(N_GROUPS)]
    yield from describe(FLEET, "Fleet", name="scale", has_device_group=tuple(map(iri, groups)))
    for number, group in enumerate(groups):
        board = board_iri(list(boards_by_class().values())[number % len(boards_by_class())][0])
        yield from describe(
            group,
            "DeviceGroup",
            name=f"group {number}",
            device_type=iri(board),
            device_count=N_DEVICES // N_GROUPS,
            deployment_region="EU" if number % 2 else "US",
        )
        for member in range(number, N_DEVICES, N_GROUPS):
            yield Triple(iri(group), fg("member"), iri(f"urn:dev:ops:32473-scale-{member}"))


def _plan(records: Sequence[ModelRecord]) -> Iterator[Triple]:
    """A model for every group but the last few, in three waves."""
    parts = {number: f"{PLAN}#assignment-{number}" for number in range(N_GROUPS - 5)}
    left_out = {number: f"{PLAN}#exclusion-{number}" for number in range(N_GROUPS - 5, N_GROUPS)}
    waves = [f"{PLAN}#wave-{number}" for number in range(3)]
    yield from describe(
        PLAN,
        "Plan",
        name="scale",
        plan_for=iri(FLEET),
        has_assignment=tuple(map(iri, parts.values())),
        has_exclusion=tuple(map(iri, left_out.values())),
        has_wave=tuple(map(iri, waves)),
    )
    for number, part in parts.items():
        record = records[(number + 1) % len(records)]
        proof = proofs_of(record)[0]
        yield from describe(
            part,
            "Assignment",
            device_group=iri(f"{FLEET}#group-{number}"),
            device_count=N_DEVICES // N_GROUPS,
            model=iri(model_iri(record.sha256)),
            runtime=iri(runtime_iri("fitgraph-c")),
            assigned_artifact=iri(f"{proof_iri(proof)}#firmware"),
            proof=iri(proof_iri(proof)) if number % 10 else None,
        )
    for number, part in left_out.items():
        yield from describe(
            part,
            "Exclusion",
            device_group=iri(f"{FLEET}#group-{number}"),
            device_count=N_DEVICES // N_GROUPS,
            reason="no model fits",
        )
    for number, wave in enumerate(waves):
        deployed = [part for group, part in parts.items() if group % 3 == number]
        yield from describe(
            wave,
            "Wave",
            wave_number=number + 1,
            is_canary=number == 0,
            device_count=len(deployed) * N_DEVICES // N_GROUPS,
            deploys=tuple(map(iri, deployed)),
        )
