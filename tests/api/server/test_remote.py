"""A server of ours before a SPARQL server that keeps the graph."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import httpx

from fitgraph.api.server.serving import opened
from fitgraph.api.server.settings import Settings
from fitgraph.registry.endpoint import endpoint
from tests.support.oxigraph_server import oxigraph_server


def test_the_graph_may_be_on_a_sparql_server(tmp_path: Path) -> None:
    """Things, questions and updates go through; there are no snapshots to look at."""
    environment = {"FITGRAPH_BLOBS": str(tmp_path / "blobs")}
    with oxigraph_server(tmp_path / "graph") as remote:
        where = endpoint(remote.url, environment)
        settings = Settings(port=0, tokens=str(tmp_path / "tokens.json"))
        with opened(where, settings) as server:
            thread = threading.Thread(target=server.run)
            thread.start()
            while not server.started:
                time.sleep(0.01)
            try:
                with httpx.Client(base_url=server.url, timeout=30) as client:
                    _check(client)
            finally:
                server.should_exit = True
                thread.join()


def _check(client: httpx.Client) -> None:
    value = {
        "@context": "https://www.w3.org/2022/wot/td/v1.1", "id": "urn:a:lamp", "title": "Lamp",
        "security": "n", "securityDefinitions": {"n": {"scheme": "nosec"}},
    }  # fmt: skip
    td = {"Content-Type": "application/td+json"}
    assert (
        client.put("/things/urn:a:lamp", content=json.dumps(value), headers=td).status_code == 201
    )
    assert client.get("/things/urn:a:lamp").json()["registration"]["created"]
    found = client.get("/search/jsonpath", params={"query": "$[*].id"})
    assert found.json() == ["urn:a:lamp"]
    asked = client.get("/sparql", params={"query": "ASK { <urn:a:lamp> ?p ?o }"})
    assert asked.json()["boolean"] is True
    update = {"Content-Type": "application/sparql-update"}
    loaded = client.post("/sparql", content="LOAD <http://127.0.0.1:1/>", headers=update)
    assert loaded.status_code == 400
    written = "INSERT DATA { GRAPH <urn:g> { <s> <urn:p> 1 } }"
    assert client.post("/sparql", content=written, headers=update).status_code == 204
    graph = {"query": "SELECT ?s { ?s ?p ?o }", "default-graph-uri": "urn:g"}
    (row,) = client.get("/sparql", params=graph).json()["results"]["bindings"]
    assert row["s"]["value"] == str(client.base_url).rstrip("/") + "/s"
