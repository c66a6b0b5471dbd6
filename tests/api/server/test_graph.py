"""The store behind the server's threads: what they leave, and what they do only once."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import anyio
import pytest
from pyoxigraph import NamedNode, Triple

from fitgraph.api.server.graph import Graph
from fitgraph.registry.catalogue import Registry, open_registry
from fitgraph.registry.iris import Iri
from fitgraph.registry.store import EmbeddedStore


def _failing(registry: Registry) -> None:
    store = registry.store
    assert isinstance(store, EmbeddedStore)
    rows = iter(store.answer("SELECT * { ?s ?p ?o }"))  # type: ignore[arg-type]
    assert next(rows)
    raise ValueError("in the middle of an answer")


@pytest.mark.filterwarnings("error")
def test_an_error_in_the_middle_of_an_answer_leaves_the_folder_to_others(tmp_path: Path) -> None:
    with open_registry(tmp_path / "store") as registry:
        graph = Graph(registry, tmp_path / "store")
        with pytest.raises(ValueError, match="middle"):
            anyio.run(graph.read, _failing)
        gc.collect()
    with open_registry(tmp_path / "store") as again:
        assert again.store.query("SELECT * { ?s ?p ?o } LIMIT 1")


def test_who_asks_while_somebody_looks_waits_for_what_that_one_finds(tmp_path: Path) -> None:
    looked: list[int] = []
    begun = threading.Event()

    def look(registry: Registry) -> int:
        looked.append(len(registry.list_boards()))
        begun.wait(0.3)
        return looked[-1]

    async def ask(graph: Graph) -> list[int]:
        return await asyncio.gather(*(graph.kept("boards", look, "board") for _ in range(5)))

    with open_registry(tmp_path / "store") as registry:
        found = anyio.run(ask, Graph(registry, tmp_path / "store"))
    assert found == looked * 5


def test_a_store_that_is_written_out_again_and_again_has_all_that_was_written(
    tmp_path: Path,
) -> None:
    """Every so often its cache is emptied, which nobody sees anything of."""

    said = Triple(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"))

    asked = "SELECT ?g { GRAPH ?g { <urn:a> <urn:b> <urn:c> } }"

    async def go(graph: Graph) -> None:
        for number in range(40):
            name = Iri(f"https://example.org/{number}")
            await graph.unnoted(lambda r, name=name: r.store.write({name: [said]}), "thing")  # type: ignore[misc]
            await graph.is_written_out()
            rows = await graph.read(lambda r: r.store.query(asked))
            assert len(rows) == number + 1

    with open_registry(tmp_path / "store") as registry:
        anyio.run(go, Graph(registry, tmp_path / "store"))
