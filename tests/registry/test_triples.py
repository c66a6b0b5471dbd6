"""Records become triples and the same records again, also through the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import FG, ONTOLOGY
from fitgraph.registry.board import Board, RegionKind
from fitgraph.registry.errors import InvalidRecordError, RegistryError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import Iri, key_of, operator_iri, operator_name, proof_iri
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.model_record import ModelRecord, model_record
from fitgraph.registry.proof import Proof
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.board import board_from_triples, board_to_triples, canonical_board
from fitgraph.registry.triples.footprint import footprint_from_triples, footprint_to_triples
from fitgraph.registry.triples.isa_class import isa_class_from_triples, isa_class_to_triples
from fitgraph.registry.triples.model import model_from_triples, model_to_triples
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.proof import canonical_proof, proof_from_triples, proof_to_triples
from fitgraph.registry.triples.rdf import to_rdflib
from fitgraph.registry.triples.runtime import (
    canonical_runtime,
    runtime_from_triples,
    runtime_to_triples,
)
from fitgraph.registry.triples.terms import date_time, literal, python_value
from fitgraph.registry.triples.variant import variant_from_triples, variant_to_triples
from fitgraph.registry.variant import Variant
from fitgraph.registry.vocabulary_graphs import ontology_triples
from tests.support import records, small_registry

GRAPH = Iri("https://example.org/graph")


@pytest.fixture(scope="module")
def through_store(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Iterable[Triple]], frozenset[Triple]]]:
    """What the store gives back of some triples."""
    with EmbeddedStore.open(tmp_path_factory.mktemp("triples") / "graph") as store:

        def write_and_read(triples: Iterable[Triple]) -> frozenset[Triple]:
            store.replace_graph(GRAPH, triples)
            return store.graph(GRAPH)

        yield write_and_read


Through = Callable[[Iterable[Triple]], frozenset[Triple]]


@given(board=records.BOARDS)
def test_a_board_comes_back(through_store: Through, board: Board) -> None:
    found = board_from_triples(through_store(board_to_triples(board)))
    assert found == canonical_board(board)
    assert canonical_board(found) == found


@given(footprint=records.FOOTPRINTS)
def test_a_footprint_comes_back(through_store: Through, footprint: Footprint) -> None:
    assert footprint_from_triples(through_store(footprint_to_triples(footprint))) == footprint


@given(runtime=records.RUNTIMES)
def test_a_runtime_comes_back(through_store: Through, runtime: Runtime) -> None:
    found = runtime_from_triples(through_store(runtime_to_triples(runtime)))
    assert found == canonical_runtime(runtime)


@given(proof=records.PROOFS)
def test_a_proof_comes_back(through_store: Through, proof: Proof) -> None:
    found = proof_from_triples(through_store(proof_to_triples(proof)))
    assert found == canonical_proof(proof)


@given(variant=records.VARIANTS)
def test_a_lineage_comes_back(through_store: Through, variant: Variant) -> None:
    assert variant_from_triples(through_store(variant_to_triples(variant))) == variant


@given(model=records.models())
def test_a_model_comes_back(through_store: Through, model: ModelRecord) -> None:
    assert model_from_triples(through_store(model_to_triples(model))) == model


@pytest.mark.parametrize("name", ISA_CLASSES)
def test_an_isa_class_comes_back(name: str) -> None:
    isa = ISA_CLASSES[name]
    found = isa_class_from_triples(isa_class_to_triples(isa))
    assert found == replace(isa, cores=tuple(sorted(isa.cores)))


@pytest.mark.parametrize("graph", [small_registry.float_graph(), small_registry.int8_graph()])
def test_a_model_that_was_read_comes_back_with_its_facts(
    graph: ModelGraph,
) -> None:
    record = model_record(graph, model_facts(graph), "some", "names")
    assert model_from_triples(model_to_triples(record)) == record


@given(board=records.BOARDS)
def test_the_order_of_sets_does_not_change_the_triples(board: Board) -> None:
    shuffled = replace(board, regions=board.regions[::-1], sensors=board.sensors[::-1])
    assert set(board_to_triples(shuffled)) == set(board_to_triples(board))


@given(name=records.OPERATORS)
def test_an_operator_is_known_by_its_iri(name: str) -> None:
    assert operator_name(operator_iri(name)) == name


@given(proof=records.PROOFS, later=records.TIMES)
def test_proving_the_same_again_is_the_same_proof(proof: Proof, later: str) -> None:
    assert proof_iri(replace(proof, created_at=later)) == proof_iri(proof)


@given(proof=records.PROOFS)
def test_another_count_of_instructions_is_another_proof(proof: Proof) -> None:
    other = replace(proof, instructions_per_inference=proof.instructions_per_inference + 1)
    assert proof_iri(other) != proof_iri(proof)


def test_a_digest_is_the_key_of_an_iri() -> None:
    assert len(key_of(proof_iri(small_registry.PROOF))) == 64


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-21T09:30:00Z", "2026-11-21T09:30:00Z"),
        ("2026-11-21T09:30:00+00:00", "2026-11-21T09:30:00Z"),
        ("2026-11-21T10:30:00.500000+01:00", "2026-11-21T09:30:00.5Z"),
    ],
)
def test_a_time_is_kept_in_utc(through_store: Through, text: str, kept: str) -> None:
    triple = Triple(NamedNode("urn:s"), NamedNode("urn:p"), date_time(text))
    (found,) = through_store([triple])
    assert isinstance(found.object, Literal)
    assert found.object.value == kept


@pytest.mark.parametrize("text", ["yesterday", "2026-11-21T09:30:00", ""])
def test_a_time_without_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecordError):
        date_time(text)


def test_text_without_utf8_form_is_refused() -> None:
    with pytest.raises(InvalidRecordError, match="is not text"):
        literal("\ud800")


def test_a_graph_that_lacks_something_says_what() -> None:
    triples = [t for t in footprint_to_triples(small_registry.FOOTPRINT) if not lacks(t)]
    with pytest.raises(RegistryError, match="lacks arenaBytes"):
        footprint_from_triples(triples)


def lacks(triple: Triple) -> bool:
    return triple.predicate.value.endswith("arenaBytes")


def test_a_graph_without_a_record_says_so() -> None:
    with pytest.raises(RegistryError, match="0 resources of class Board"):
        board_from_triples([])


def test_a_value_that_stands_twice_is_refused() -> None:
    triples = list(footprint_to_triples(small_registry.FOOTPRINT))
    (found,) = [t for t in triples if lacks(t)]
    twice = Triple(found.subject, found.predicate, Literal(1))
    with pytest.raises(RegistryError, match="2 values of arenaBytes"):
        footprint_from_triples([*triples, twice])


def test_a_value_that_no_record_has_is_refused() -> None:
    triples = list(footprint_to_triples(small_registry.FOOTPRINT))
    changed = [
        Triple(t.subject, t.predicate, NamedNode(f"{FG}guessed"))
        if t.predicate.value.endswith("evidence")
        else t
        for t in triples
    ]
    with pytest.raises(RegistryError, match="guessed"):
        footprint_from_triples(changed)


def all_triples() -> Iterator[Triple]:
    for graph in (small_registry.float_graph(), small_registry.int8_graph()):
        yield from model_to_triples(model_record(graph, model_facts(graph), graph.name))
    for board in small_registry.BOARDS:
        yield from board_to_triples(board)
    yield from runtime_to_triples(small_registry.RUNTIME)
    yield from footprint_to_triples(small_registry.FOOTPRINT)
    yield from proof_to_triples(small_registry.PROOF)
    yield from variant_to_triples(small_registry.VARIANT)
    yield from operator_to_triples("tflite:CONV_2D")
    yield from isa_class_to_triples(ISA_CLASSES["armv6-m"])


def test_triples_use_terms_of_the_vocabulary_only() -> None:
    defined = {triple.subject for triple in ontology_triples()}
    used = {
        term
        for triple in all_triples()
        for term in (triple.predicate, triple.object)
        if isinstance(term, NamedNode) and term.value.startswith(FG)
    }
    assert used <= defined


@pytest.mark.parametrize(
    ("words", "class_name"), [(DType, "DType"), (RegionKind, "RegionKind"), (Evidence, "Evidence")]
)
def test_the_vocabulary_has_an_individual_for_every_word(
    words: Iterable[str], class_name: str
) -> None:
    of_class = {
        triple.subject.value.removeprefix(FG)
        for triple in ontology_triples()
        if triple.object == NamedNode(FG + class_name) and isinstance(triple.subject, NamedNode)
        if triple.predicate.value.endswith("#type")
    }
    assert of_class == {str(word) for word in words}


def test_evidence_is_ordered_in_the_vocabulary_as_in_the_records() -> None:
    stronger = {
        (python_value(t.subject), python_value(t.object))
        for t in ontology_triples()
        if t.predicate.value == f"{FG}strongerThan"
    }
    order = [FG + evidence for evidence in Evidence]
    assert stronger == set(pairwise(order))


def test_the_vocabulary_is_read_whole() -> None:
    assert NamedNode(ONTOLOGY) in {triple.subject for triple in ontology_triples()}


@given(model=records.models())
def test_rdflib_has_as_many_triples_as_the_store(model: ModelRecord) -> None:
    triples = set(model_to_triples(model))
    assert len(to_rdflib(triples)) == len(triples)
