"""The paper's graph comes in whole, and answers the paper's case studies in both vocabularies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from fitgraph.ontology.files import CASE_STUDIES_FOLDER
from fitgraph.ontology.query_files import load_query
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.catalogue_reference_graph import ReadModel
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import ConflictError, NotFoundError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.importers.reference_graph import read_reference_graph
from fitgraph.registry.importers.reference_graph_records import ReferenceGraph
from fitgraph.registry.iris import description_iri
from fitgraph.registry.read_model import read_model
from fitgraph.registry.triples.model_description import canonical_description
from fitgraph.registry.triples.terms import python_value

Cells = tuple[object, ...]

NANO, KIT = "Arduino Nano BLE 33", "Arduino Nano BLE 33 TinyML Kit"

#: Query of a case study, columns to look at, and the rows, in order.
CASES: tuple[tuple[str, tuple[str, ...], list[Cells]], ...] = (
    (
        "boards-for-a-network",
        ("name", "free_sram_bytes", "free_flash_bytes"),
        [(NANO, 172_000, 628_000), (KIT, 187_000, 785_000)],
    ),
    (
        "boards-for-a-network-as-published",
        ("title", "ram_kb", "flash_kb"),
        [("Arduino-Nano-BLE-33_1", 172, 628), ("Arduino-Nano-BLE-33-Tinyml-Kit_1", 187, 785)],
    ),
    (
        "networks-for-a-board",
        ("name", "sram_bytes", "flash_bytes"),
        [("Person_Detection", 94_128, 236_072), ("Visual_Alarm_Clock", 116_480, 531_624)],
    ),
    (
        "networks-for-a-board-as-published",
        ("name", "ram_kb", "flash_kb"),
        [("Person_Detection", 94.128, 236.072), ("Visual_Alarm_Clock", 116.48, 531.624)],
    ),
    (
        "networks-by-accuracy",
        ("name", "accuracy"),
        [
            ("Micro_Speech_Yes_No_3", 0.932),
            ("Micro_Speech_Yes_No_1", 0.921),
            ("Micro_Speech_Yes_No_4", 0.83),
            ("Micro_Speech_Yes_No_2", 0.823),
        ],
    ),
    (
        "networks-by-accuracy-as-published",
        ("name", "accuracy_percent"),
        [
            ("Micro_Speech_Yes_No_3", 93.2),
            ("Micro_Speech_Yes_No_1", 92.1),
            ("Micro_Speech_Yes_No_4", 83.0),
            ("Micro_Speech_Yes_No_2", 82.3),
        ],
    ),
)


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "reference_kg"


@pytest.fixture(scope="module")
def reference(folder: Path) -> ReferenceGraph:
    return read_reference_graph(folder)


@pytest.fixture(scope="module")
def models(reference: ReferenceGraph) -> list[ReadModel]:
    graphs = [(file, read_model(file.path)) for file in reference.model_files]
    return [ReadModel(f.name, graph, model_facts(graph), f.path) for f, graph in graphs]


@pytest.fixture(scope="module")
def registry(
    reference: ReferenceGraph, models: list[ReadModel], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    with open_registry(tmp_path_factory.mktemp("registry")) as opened:
        opened.add_reference_graph(reference, models)
        yield opened


@pytest.mark.parametrize(("query", "columns", "expected"), CASES, ids=lambda value: str(value)[:34])
def test_a_case_study_has_the_answers_of_the_paper(
    registry: Registry, query: str, columns: tuple[str, ...], expected: list[Cells]
) -> None:
    rows = registry.store.query(load_query(query, CASE_STUDIES_FOLDER))
    assert [tuple(python_value(row[c]) for c in columns) for row in rows] == expected


def test_every_case_study_is_asked() -> None:
    assert {path.stem for path in CASE_STUDIES_FOLDER.glob("*.rq")} == {case[0] for case in CASES}


def test_case_studies_are_answered_by_the_follow_up_alone(folder: Path, tmp_path: Path) -> None:
    """The follow-up's files are the paper's in another namespace; the answers are the same."""
    alone = read_reference_graph(folder / "seloc")
    with open_registry(tmp_path) as opened:
        opened.add_reference_graph(alone, [])
        for query, columns, expected in CASES:
            rows = opened.store.query(load_query(query, CASE_STUDIES_FOLDER))
            assert [tuple(python_value(row[c]) for c in columns) for row in rows] == expected


def test_kilobytes_become_bytes_to_the_last_digit(reference: ReferenceGraph) -> None:
    (alarm,) = (d for d in reference.descriptions if d.name == "Visual_Alarm_Clock")
    assert alarm.claimed("sramBytes") == (int(Decimal("116.48") * 1000),)


def test_all_of_both_editions_is_taken(reference: ReferenceGraph) -> None:
    assert len(reference.boards) == 9
    assert len(reference.descriptions) == 23
    assert len(reference.model_files) == 23
    both = [board for board in reference.boards if len(board.sources) == 2]
    assert len(both) == 6


def test_a_figure_that_nobody_checked_is_a_claim_of_that_status(reference: ReferenceGraph) -> None:
    claims = [claim for board in reference.boards for claim in board.claims]
    claims += [claim for one in reference.descriptions for claim in one.claims]
    assert {claim.status for claim in claims} == {ClaimStatus.UNCHECKED}
    assert all(claim.sources for claim in claims)
    regions = [region for board in reference.boards for region in board.regions]
    assert {(r.base_address, r.status) for r in regions} == {(None, ClaimStatus.UNCHECKED)}


def test_each_triple_of_theirs_stands_in_one_graph(reference: ReferenceGraph) -> None:
    triples = [triple for graph in reference.graphs.values() for triple in graph]
    assert len(triples) == len(set(triples))


def test_descriptions_come_back_as_they_went_in(
    registry: Registry, reference: ReferenceGraph
) -> None:
    stored = {one.description_id: one for one in registry.list_descriptions()}
    assert stored == {d.description_id: canonical_description(d) for d in reference.descriptions}
    assert registry.get_description("Hello_World").name == "Hello_World"


def test_importing_again_changes_nothing(
    registry: Registry, folder: Path, models: list[ReadModel]
) -> None:
    again = registry.add_reference_graph(read_reference_graph(folder), models)
    assert [one.iri for one in again.added if one.is_new] == []
    assert again.removed == ()


def test_two_names_of_one_file_are_one_model(registry: Registry) -> None:
    names = registry.get_model("Micro_Speech_Yes_No_3").names
    assert names == ("Micro_Speech_Forward_Backward", "Micro_Speech_Yes_No_3")


def test_a_removed_description_leaves_its_model(
    reference: ReferenceGraph, models: list[ReadModel], tmp_path: Path
) -> None:
    with open_registry(tmp_path) as opened:
        opened.add_reference_graph(reference, models)
        (move,) = (d for d in reference.descriptions if d.name == "Move")
        assert opened.remove_description("Move") == (description_iri(move.description_id),)
        assert "Move" in opened.get_model("Move").names


@pytest.mark.parametrize(
    ("about", "what"),
    [
        ("Hello_World", "an accuracy of 0"),
        ("td:unit", "TD 1.1 has schema:unitCode"),
        ("nnet:AvgPool2D", "declared nowhere"),
        ("Micro_Speech_Yes_No_3", "the same file as Micro_Speech_Forward_Backward"),
        ("ms200-322-000-000-002", "misspelt"),
        ("syntiant-tinyml-322-000-000-004", "which operators"),
    ],
)
def test_what_is_odd_is_said(reference: ReferenceGraph, about: str, what: str) -> None:
    assert [f for f in reference.findings if f.about == about and what in f.what]


def test_another_board_of_the_same_id_stays_unless_it_may_be_replaced(
    reference: ReferenceGraph, models: list[ReadModel], tmp_path: Path
) -> None:
    first = reference.boards[0]
    with open_registry(tmp_path) as opened:
        opened.add_board(replace(first, name="Somebody else's"))
        before = opened.store.graphs()
        with pytest.raises(ConflictError, match=first.board_id):
            opened.add_reference_graph(reference, models)
        assert opened.store.graphs() == before
        assert list(opened.blobs) == []
        opened.add_reference_graph(reference, models, replace=True)
        assert opened.get_board(first.board_id).name == first.name


def test_a_description_of_a_model_that_is_not_there_is_refused(
    reference: ReferenceGraph, tmp_path: Path
) -> None:
    with open_registry(tmp_path) as opened, pytest.raises(NotFoundError, match="no model"):
        opened.add_reference_graph(reference, [])
