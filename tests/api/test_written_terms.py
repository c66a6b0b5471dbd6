"""Everything that fitgraph can write uses the vocabulary as it is declared.

One store is filled by all the ways in: models, a variant, a build with its proof, boards and
microcontrollers of files, of the device catalogue and of other tools, the paper's graph, an audit,
a thing. No triple of it may use a term that nobody declared, or use one wrongly.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from itertools import islice
from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, Graph, Namespace, URIRef

from fitgraph.ontology.files import ALIGNMENTS, MODULES
from fitgraph.ontology.namespaces import FG, ONTOLOGY
from fitgraph.ontology.terms import read_graph
from fitgraph.registry.board import Board
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.iris import BASE, board_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.resources import CLASSES
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.rdf import to_rdflib
from tests.support.command import Command
from tests.support.reasoning import contradictions
from tests.support.reference_folder import write_folder
from tests.support.tflite_writer import one_operator
from tests.support.vocabulary_use import (
    misplaced_properties,
    undeclared_terms,
    values_out_of_range,
)

fg = Namespace(FG)
SUFFIXES = (".yaml", ".json", ".pdsc")
BOARD = "bbc-microbit-v2"
THING = {
    "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"fg": FG}],
    "id": "urn:example:written-terms",
    "title": "A device",
    "fg:serialNumber": "0001",
    "securityDefinitions": {"none": {"scheme": "nosec"}},
    "security": "none",
    "links": [{"rel": "type", "href": board_iri(BOARD), "type": "application/tm+json"}],
}

#: One in so many of the catalogue's records: some of each kind are among them.
STEP = 100


@pytest.fixture(scope="module")
def filled(digits_store: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that every way in has put something into."""
    folder = tmp_path_factory.mktemp("written")
    shutil.copytree(digits_store, folder / "store")
    fitgraph, examples = Command(folder / "store"), repository / "examples" / "digits"
    with open_registry(fitgraph.store) as registry:
        registry.import_devices(*_devices())
    (folder / "thing.td.jsonld").write_text(json.dumps(THING), encoding="utf-8")
    for arguments in (
        ("build", "digits-int8", "--board", BOARD, "--inputs",
         examples / "test.npz", "--output", folder / "build"),
        ("import", "reference-kg", _reference_folder(folder / "kg")),
        ("audit",),
        ("import", "boards", repository / "tests" / "registry" / "importers" / "good"),
        ("thing", "add", folder / "thing.td.jsonld"),
    ):  # fmt: skip
        done = fitgraph(*arguments)
        assert done.code == 0, done.err
    return fitgraph.store


def _devices() -> tuple[list[Board], list[Mcu]]:
    """Some boards and microcontrollers of the catalogue, and those that the boards link to."""
    boards = list(islice(catalogue_boards(), 0, None, STEP))
    linked = {board.mcu_link.mcu_id for board in boards if board.mcu_link is not None}
    mcus = [
        mcu
        for position, mcu in enumerate(catalogue_mcus())
        if mcu.mcu_id in linked or position % STEP == 0
    ]
    return boards, mcus


def _reference_folder(folder: Path) -> Path:
    """The paper's graph in small, with a real model beside its description."""
    write_folder(folder)
    (folder / "models").mkdir()
    (folder / "models" / "made-up-0.tflite").write_bytes(one_operator())
    return folder


@pytest.fixture(scope="module")
def graphs(filled: Path) -> dict[str, Graph]:
    """All graphs but those of the vocabulary."""
    with EmbeddedStore.open(filled / "graph", read_only=True) as store:
        found = [iri for iri in store.graphs() if not iri.startswith(ONTOLOGY)]
        return {iri: to_rdflib(store.graph(iri)) for iri in found}


@pytest.fixture(scope="module")
def everything(graphs: dict[str, Graph]) -> Graph:
    whole = Graph()
    for graph in graphs.values():
        whole += graph
    return whole


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return read_graph(MODULES)


def test_every_kind_of_resource_is_in_the_store(everything: Graph) -> None:
    kinds = {fg[name] for name in CLASSES.values()} | {fg.Operator, fg.Claim, fg.Device}
    assert kinds <= set(everything.objects(None, RDF.type))


def test_every_term_that_is_written_is_declared(vocabulary: Graph, everything: Graph) -> None:
    assert undeclared_terms(vocabulary, everything) == set()


def test_every_property_is_on_a_class_that_it_is_of(vocabulary: Graph, everything: Graph) -> None:
    assert misplaced_properties(vocabulary, everything) == set()


def test_every_value_is_in_the_range_of_its_property(vocabulary: Graph, everything: Graph) -> None:
    assert values_out_of_range(vocabulary, everything) == set()


def test_what_is_undeclared_or_misplaced_would_be_found(vocabulary: Graph) -> None:
    board = URIRef(f"{BASE}board/x")
    wrong = Graph()
    wrong.add((board, RDF.type, fg.Board))
    wrong.add((board, fg.noSuchTerm, board))
    wrong.add((board, fg.recipe, board))
    assert undeclared_terms(vocabulary, wrong) == {fg.noSuchTerm}
    assert (fg.recipe, fg.Board) in misplaced_properties(vocabulary, wrong)
    assert (fg.recipe, board) in values_out_of_range(vocabulary, wrong)


def test_a_reasoner_finds_no_contradiction_in_what_is_written(graphs: dict[str, Graph]) -> None:
    """A resource of each kind, neither the largest nor the smallest, with all alignments."""
    closed = read_graph((*MODULES, *ALIGNMENTS))
    by_kind: dict[str, list[Graph]] = defaultdict(list)
    for iri, graph in graphs.items():
        by_kind[iri.removeprefix(BASE).partition("/")[0]].append(graph)
    for kind, same in by_kind.items():
        if kind != "operator":
            closed += sorted(same, key=len)[len(same) // 2]
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    assert contradictions(closed) == []
    assert (None, RDF.type, OWL.Nothing) not in closed
