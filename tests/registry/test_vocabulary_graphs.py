"""What every store holds of the vocabulary, and how an older store is brought up to date."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pyoxigraph import NamedNode

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.iris import Iri, operator_iri, operator_set_iri
from fitgraph.registry.runtime_profiles import runtime_profiles
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.operator import operator_set_to_triples, operator_to_triples
from fitgraph.registry.triples.terms import fg, literal
from fitgraph.registry.vocabulary_graphs import (
    LINKS_IRI,
    ontology_triples,
    scheme_operators,
    write_vocabulary,
)
from tests.support.small_registry import fill


def test_a_store_holds_the_operator_schemes_and_their_links(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        graphs = set(registry.store.graphs())
        assert {operator_set_iri("onnx"), operator_set_iri("tflite"), LINKS_IRI} <= graphs
        convolution = NamedNode(operator_iri("tflite:CONV_2D"))
        (code,) = (
            triple.object
            for triple in registry.store.graph(operator_set_iri("tflite"))
            if (triple.subject, triple.predicate) == (convolution, fg("builtinCode"))
        )
        assert code == literal(3)


def test_a_known_operator_gets_no_graph_of_its_own(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        fill(registry)
        assert not registry.store.has_graph(operator_iri("onnx:MatMul"))
        assert operator_iri("onnx:MatMul") in scheme_operators()


def test_an_operator_set_without_a_scheme_is_a_resource_with_its_operators(tmp_path: Path) -> None:
    """Written once, whoever uses it first."""
    with open_registry(tmp_path) as registry:
        for runtime in runtime_profiles():
            registry.add_runtime(runtime)
        for prefix in ("nnom", "com.microsoft"):
            written = registry.store.graph(operator_set_iri(prefix))
            assert written == frozenset(operator_set_to_triples(prefix))
        assert len(registry.store.graph(operator_set_iri("onnx"))) > 1000


def test_no_triple_stands_in_two_graphs(tmp_path: Path) -> None:
    """Not even with all alignments."""
    with open_registry(tmp_path) as registry:
        fill(registry)
        registry.load_alignments(one.name for one in registry.list_alignments())
        counted = Counter(t for g in registry.store.graphs() for t in registry.store.graph(g))
        assert [triple for triple, count in counted.items() if count > 1] == []


def test_an_older_stores_graphs_of_single_operators_give_way_to_the_schemes(
    tmp_path: Path,
) -> None:
    """Those of operators that no scheme has stay."""
    custom = "com.example:Own"
    with EmbeddedStore.open(tmp_path / "graph") as store:
        for name in ("tflite:CONV_2D", custom):
            store.write({operator_iri(name): operator_to_triples(name)})
        write_vocabulary(store)
        assert not store.has_graph(operator_iri("tflite:CONV_2D"))
        assert store.has_graph(operator_iri(custom))
        assert NamedNode(operator_iri("tflite:CONV_2D")) in {
            triple.subject for triple in store.graph(operator_set_iri("tflite"))
        }


def test_what_somebody_did_to_the_vocabulary_is_mended_on_opening(tmp_path: Path) -> None:
    iri = Iri("https://w3id.org/fitgraph/ontology")
    with open_registry(tmp_path) as registry:
        registry.store.write({iri: list(ontology_triples())[:3]})
    with open_registry(tmp_path) as registry:
        assert registry.store.graph(iri) == ontology_triples()
