"""What is in the field, in the graph that questions are timed on: devices, a fleet, its plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Triple

from benchmarks.scale_records import boards_by_class, proofs_of
from fitgraph.registry.iris import BASE, Iri, board_iri, model_iri, proof_iri, runtime_iri
from fitgraph.registry.model_record import ModelRecord
from fitgraph.registry.thing_json import parse_document
from fitgraph.registry.triples.terms import fg
from fitgraph.registry.triples.thing import document_to_triples, record_to_triples
from fitgraph.registry.triples.writing import describe, iri

N_DEVICES: Final = 500
N_GROUPS: Final = 100
PLAN: Final = Iri(f"{BASE}plan/scale")
FLEET: Final = Iri(f"{BASE}fleet/scale")

Graph = tuple[Iri, Iterator[Triple]]


def field_graphs(records: Sequence[ModelRecord]) -> Iterator[Graph]:
    """Graphs of all that, one a resource; what the devices run is of these models."""
    yield from (_device(records[number % len(records)], number) for number in range(N_DEVICES))
    yield from (_match(record) for record in records)
    yield FLEET, _fleet()
    yield PLAN, _plan(records)


def matched_board(record: ModelRecord) -> str:
    """Id of the board that there is a match of a model with."""
    return proofs_of(record)[0].board_id


def _device(record: ModelRecord, number: int) -> Graph:
    """A Thing Description that says its serial number; what it runs is in its graph, too."""
    device = Iri(f"urn:dev:ops:32473-scale-{number}")
    proof = proofs_of(record)[0]
    text = (
        '{"@context": ["https://www.w3.org/2022/wot/td/v1.1",'
        ' {"fg": "https://w3id.org/fitgraph/ontology#"}],'
        f' "id": "{device}", "title": "Device {number}", "fg:serialNumber": "S-{number:05}",'
        ' "securityDefinitions": {"none": {"scheme": "nosec"}}, "security": "none",'
        f' "fg:installedArtifact": {{"@id": "{proof_iri(proof)}#firmware"}},'
        ' "properties": {"temperature": {"type": "number", "readOnly": true,'
        f' "forms": [{{"href": "https://device-{number}.example.org/temperature"}}]}}}}}}'
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


def _match(record: ModelRecord) -> Graph:
    """What one plain runtime says of a model on a board: short of memory, and what would help."""
    match = f"{BASE}match/{record.sha256}"
    constraints = {"sramConstraint": 4096, "flashConstraint": 65536}
    results = {name: f"{match}#{name}" for name in constraints}
    graph = [
        *describe(
            match,
            "Match",
            model=iri(model_iri(record.sha256)),
            board=iri(board_iri(matched_board(record))),
            runtime=iri(runtime_iri("tflm")),
            verdict=fg("no"),
            has_constraint_result=tuple(map(iri, results.values())),
            has_remedy=iri(f"{match}#remedy"),
        ),
        *describe(
            f"{match}#remedy",
            "Remedy",
            remedy_kind=fg("quantization"),
            recipe="int8",
            saved_bytes=3 * record.facts.const_bytes // 4,
        ),
    ]
    for name, available in constraints.items():
        required = available + record.facts.const_bytes
        graph += describe(
            results[name],
            "ConstraintResult",
            constraint=fg(name),
            is_satisfied=False,
            required=required,
            available=available,
            margin=available - required,
            message=f"short by {required - available} bytes",
        )
    return Iri(match), iter(graph)
