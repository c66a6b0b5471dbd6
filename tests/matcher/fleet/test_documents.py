"""Fleet files and plan documents: what is read, what is refused, what goes into the graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from fitgraph.matcher.fleet.compatibility import compatibility_graph
from fitgraph.matcher.fleet.draw import draw_plan
from fitgraph.matcher.fleet.fleet_file import InvalidFleetError, load_fleet, parse_fleet
from fitgraph.matcher.fleet.grounds import grounds_of
from fitgraph.matcher.fleet.options import choices_of
from fitgraph.matcher.fleet.plan import plan
from fitgraph.matcher.fleet.plan_file import (
    InvalidPlanError,
    plan_from_json,
    plan_to_json,
    read_plan,
)
from fitgraph.matcher.fleet.plan_graph import fleet_to_triples, plan_to_triples
from fitgraph.matcher.fleet.records import Assignment, Plan
from fitgraph.registry.door import check
from fitgraph.registry.iris import proof_iri
from fitgraph.registry.proof import Proof, RegionUse
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.proof import proof_to_triples
from fitgraph.registry.triples.terms import fg
from tests.support.made_up_graph import KIB, WAKE, fill

FLEET = """
fleet: pumps
waves: [0.1, 1]
groups:
  - name: hall 1
    board: large
    count: 1200
    region: plant-1
    sensors: [microphone]
    reserve: {RAM: 8 KiB}
    link: wired
    sram: separate
  - {name: yard, board: small, count: 7}
demands:
  - name: listen
    task: keyword spotting
    models: [wake]
    sensors: [microphone]
  - name: look
    task: visual wake words
    models: [vision]
    where: plant-1
    share: 0.5
    accuracy: 0.9
    metric: top-1
    deadline_ms: 99.5
    energy_uj: 900
"""

PROOF = Proof(
    model_sha256=WAKE.sha256,
    board_id="large",
    runtime="fitgraph-c",
    isa_class="armv7e-m+fp",
    toolchain="zig",
    firmware_sha256="f" * 64,
    emulator="unicorn",
    reference="litert",
    n_inputs=1,
    n_outputs_compared=4,
    worst_difference=0.0,
    instructions_per_inference=1,
    stack_high_water_bytes=8,
    regions=(
        RegionUse("FLASH", 60 * KIB, 452 * KIB),
        RegionUse("RAM", 12 * KIB, 116 * KIB),
    ),
    created_at="2026-11-21T09:00:00Z",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "graph") as opened:
        fill(opened)
        opened.write({proof_iri(PROOF): proof_to_triples(PROOF)})
        yield opened


def test_a_fleet_file_says_groups_and_demands() -> None:
    fleet = parse_fleet(FLEET)
    hall, yard = fleet.groups
    assert (hall.count, hall.region, hall.link, hall.shares_sram) == (
        1200, "plant-1", "wired", False
    )  # fmt: skip
    assert (dict(hall.reserves.by_region), hall.mounted[0].kind) == ({"RAM": 8192}, "microphone")
    assert (yard.region, yard.shares_sram, fleet.waves) == ("", True, (0.1, 1.0))
    look = fleet.demands[1]
    assert (look.where, look.share, look.minimum_accuracy) == ("plant-1", 0.5, 0.9)
    assert (look.asked.deadline_ms, look.asked.energy_uj) == (99.5, 900)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("count: 7", "count: 0", "group 2 count"),
        ("count: 7", "count: -7", "group 2 count"),
        ("count: 7", "number: 7", "unknown key 'number'"),
        ("share: 0.5", "share: 1.5", "demand 2 share"),
        ("share: 0.5", "share: nan", "demand 2 share"),
        ("accuracy: 0.9", "accuracy: good", "demand 2 accuracy"),
        ("deadline_ms: 99.5", "deadline_ms: -1", "has to be above 0"),
        ("RAM: 8 KiB", "RAM: -8 KiB", "reserve of RAM"),
        ("sram: separate", "sram: both", "sram is 'both'"),
        ("where: plant-1", "where: plnat-1", "is about 'plnat-1', and no group is there"),
        ("name: yard", "name: hall 1", "two groups are called 'hall 1'"),
        ("waves: [0.1, 1]", "waves: [1, 0.1]", "do not rise to 1"),
        ("waves: [0.1, 1]", "accept: unknown", "accept is 'unknown'"),
        ("demands:", "wishes:", "unknown key 'wishes'"),
        ("fleet: pumps", "fleet: [pumps", "is not YAML"),
    ],
)
def test_what_is_wrong_with_a_fleet_file_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(InvalidFleetError, match=words.replace("[", r"\[")) as caught:
        parse_fleet(FLEET.replace(old, new, 1))
    assert caught.value.hint


def test_a_file_that_is_not_there_or_no_text_is_no_fleet(tmp_path: Path) -> None:
    (tmp_path / "image.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "nothing.yaml", tmp_path / "image.yaml", tmp_path):
        with pytest.raises(InvalidFleetError):
            load_fleet(path)
        with pytest.raises(InvalidPlanError):
            read_plan(path)


def test_fleet_and_plan_pass_the_shapes(store: EmbeddedStore) -> None:
    fleet = parse_fleet(FLEET)
    found = plan(store, fleet)
    assert found.assignments
    assert found.exclusions
    check("fleet", fleet_to_triples(fleet))
    grounds = grounds_of(store, fleet, found)
    triples = tuple(plan_to_triples(found, datetime(2026, 11, 21, tzinfo=UTC), grounds))
    check("plan", triples)
    rests_on = [triple.object for triple in triples if triple.predicate == fg("restsOn")]
    matches = {triple.subject for triple in triples if triple.object == fg("Match")}
    assert set(rests_on) == matches
    assert len(matches) == len(grounds) > len(found.assignments)
    assert {one.verdict for one in found.assignments} == {
        grounds[one.group, one.demand].match.verdict for one in found.assignments
    }


def test_what_was_proven_on_the_board_is_the_artifact(store: EmbeddedStore) -> None:
    whole = FLEET.replace("reserve: {RAM: 8 KiB}", "reserve: {}")
    assert whole != FLEET
    hall = in_hall(plan(store, parse_fleet(whole)))
    assert hall.artifact is not None
    assert (hall.artifact.sha256, hall.artifact.proof) == ("f" * 64, proof_iri(PROOF))
    assert hall.build == "fitgraph build wake --board large"


def test_firmware_for_the_whole_board_is_none_for_a_group_with_a_reserve(
    store: EmbeddedStore,
) -> None:
    """It would lie in what something else takes; what was linked behind that is the artifact."""
    hall = in_hall(plan(store, parse_fleet(FLEET)))
    assert hall.artifact is None
    assert hall.build == "fitgraph build wake --board large --reserve RAM=8192"
    behind = replace(
        PROOF,
        firmware_sha256="e" * 64,
        regions=(RegionUse("FLASH", 60 * KIB, 452 * KIB), RegionUse("RAM", 12 * KIB, 108 * KIB)),
    )
    store.write({proof_iri(behind): proof_to_triples(behind)})
    artifact = in_hall(plan(store, parse_fleet(FLEET))).artifact
    assert artifact is not None
    assert artifact.sha256 == "e" * 64


def in_hall(found: Plan) -> Assignment:
    (hall,) = (one for one in found.assignments if one.group == "hall 1")
    return hall


def test_a_plan_document_gives_back_the_plan(store: EmbeddedStore) -> None:
    found = plan(store, parse_fleet(FLEET))
    assert plan_from_json(plan_to_json(found)) == found
    for text in ("", "[]", "{}", '{"format": "fitgraph plan 1"}', "[" * 10_000):
        with pytest.raises(InvalidPlanError):
            plan_from_json(text)


def test_a_plan_is_drawn_with_every_demand(store: EmbeddedStore) -> None:
    drawn = ET.fromstring(draw_plan(plan(store, parse_fleet(FLEET))))  # noqa: S314 - our own
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Plan for pumps", "listen", "look", "wake", "left out"} <= set(words)


def test_the_compatibility_graph_has_an_edge_for_what_could_be_chosen(
    store: EmbeddedStore,
) -> None:
    graph = compatibility_graph(choices_of(store, parse_fleet(FLEET)))
    assert graph.nodes["group", "hall 1"]["n_devices"] == 1200
    assert list(graph.edges(keys=True)) == [(("group", "hall 1"), ("model", "wake"), "listen")]
