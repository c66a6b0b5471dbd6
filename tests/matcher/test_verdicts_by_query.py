"""The query gives every pair the verdict that the matcher gives it, whatever the graph says."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat
from rdflib.query import ResultRow

from fitgraph.matcher.by_query import QUESTION, Told, verdicts_by_query
from fitgraph.matcher.demand import Demand, Reserves
from fitgraph.matcher.match import Question, match
from fitgraph.matcher.verdict import Verdict
from fitgraph.ontology.questions import question_named
from fitgraph.registry.iris import board_iri, key_of, model_iri, runtime_iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.reading import local_name
from tests.support.random_graphs import World, fill, worlds

RESERVES = st.sampled_from([None, None, 0, 8, 1_024, 2_060, 50_000])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path_factory.mktemp("query") / "graph") as opened:
        yield opened


def matched(
    store: EmbeddedStore, world: World, question: Question | None = None
) -> tuple[Told, ...]:
    digests = {one.names[0]: one.sha256 for one in world.models}
    found = match(store, runtime=world.runtime.name, question=question)
    return tuple(sorted(Told(digests[m.model], m.board, m.runtime, m.verdict) for m in found))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_query_and_matcher_give_every_pair_the_same_verdict(
    store: EmbeddedStore, world: World
) -> None:
    fill(store, world)
    assert verdicts_by_query(store) == matched(store, world)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds(), sram=RESERVES, flash=RESERVES)
def test_reserves_that_are_given_change_query_and_matcher_alike(
    store: EmbeddedStore, world: World, sram: int | None, flash: int | None
) -> None:
    fill(store, world)
    question = Question(Demand(reserves=Reserves(sram_bytes=sram, flash_bytes=flash)))
    told = verdicts_by_query(store, sram_reserve=sram, flash_reserve=flash)
    assert told == matched(store, world, question)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_rdflib_reads_the_query_as_oxigraph_does(store: EmbeddedStore, world: World) -> None:
    fill(store, world)
    graph = rdflib.Graph()
    for iri in store.graphs():
        graph.parse(data=pyoxigraph.serialize(store.graph(iri), format=RdfFormat.N_TRIPLES))
    answers = graph.query(question_named(QUESTION).sparql)
    rows = [row.asdict() for row in answers if isinstance(row, ResultRow)]
    found = [
        Told(
            key_of(row["model"]), key_of(row["board"]), key_of(row["runtime"]),
            Verdict(local_name(row["verdict"])),
        )
        for row in rows
    ]  # fmt: skip
    assert tuple(found) == matched(store, world)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_a_pair_that_is_asked_for_gets_its_verdict_alone(
    store: EmbeddedStore, world: World
) -> None:
    fill(store, world)
    for told in verdicts_by_query(store):
        asked = (model_iri(told.model_sha256), board_iri(told.board), runtime_iri(told.runtime))
        assert verdicts_by_query(store, *asked) == (told,)
