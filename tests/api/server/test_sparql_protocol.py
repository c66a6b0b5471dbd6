"""Every case of W3C's tests of the SPARQL 1.1 Protocol, against a server of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from tests.support.protocol_manifest import ProtocolCase, protocol_cases
from tests.support.running_server import running_server

RESULTS = ("application/sparql-results+json", "application/sparql-results+xml")
GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
FORMS = {"boolean": RESULTS, "tabular": (*RESULTS, "text/csv"), "RDF": GRAPHS}


@pytest.fixture(scope="module")
def suite(shared_data: Path) -> Path:
    return shared_data / "w3c" / "sparql11-protocol"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_server(tmp_path_factory.mktemp("protocol") / "store") as client:
        yield client


def test_every_case_of_the_protocol_passes(suite: Path, endpoint: httpx.Client) -> None:
    cases = protocol_cases(suite / "manifest.ttl")
    assert len(cases) == 34
    failed = {case.name: said for case in cases if (said := _failure(suite, endpoint, case))}
    assert not failed, "\n".join(f"{name}: {said}" for name, said in failed.items())


def _failure(suite: Path, endpoint: httpx.Client, case: ProtocolCase) -> str:
    """What is wrong with the responses of a case; an empty string if nothing is."""
    for file, graph in case.graphs:
        _put_graph(endpoint, suite / file, graph)
    for exchange in case.exchanges:
        response = endpoint.request(
            exchange.method,
            f"/sparql?{exchange.query}",
            content=exchange.body,
            headers=list(exchange.headers),
        )
        status = str(response.status_code)
        if not status.startswith(exchange.statuses):
            return f"{status}: {response.text}"
        media = response.headers.get("content-type", "").partition(";")[0]
        if exchange.form and media not in FORMS[exchange.form]:
            return f"{exchange.form} as {media}"
        if exchange.truth is not None and response.json()["boolean"] is not exchange.truth:
            return f"says {response.json()['boolean']}"
    return ""


def _put_graph(endpoint: httpx.Client, file: Path, graph: str) -> None:
    triples = " ".join(f"{quad.triple} ." for quad in parse(file.read_bytes(), RdfFormat.N_TRIPLES))
    done = endpoint.post(
        "/sparql",
        content=f"CLEAR SILENT GRAPH <{graph}> ; INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}",
        headers={"Content-Type": "application/sparql-update"},
    )
    assert done.status_code == 204, done.text
