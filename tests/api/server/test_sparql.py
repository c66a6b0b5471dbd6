"""Queries and updates over HTTP: forms, clients, bounds, and who may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, SPARQLWrapper

from fitgraph.api.access import Role, TokenFile
from tests.support.running_server import running_server

UPDATE = {"Content-Type": "application/sparql-update"}
BOARDS = """PREFIX fg: <https://w3id.org/fitgraph/ontology#>
SELECT ?board WHERE { ?board a fg:Board } ORDER BY ?board LIMIT 3"""
#: Twelve patterns that share no variable: more rows than there are atoms.
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{i} ?p{i} ?o{i} ." for i in range(12)) + " }"


def ask(client: httpx.Client, query: str, accept: str = "*/*") -> httpx.Response:
    return client.get("/sparql", params={"query": query}, headers={"Accept": accept})


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.1", "application/xml"),
        ("application/json", "application/json"),
    ],
)
def test_rows_come_in_the_form_that_is_accepted(
    client: httpx.Client, accept: str, media: str
) -> None:
    response = ask(client, BOARDS, accept)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media)
    assert "https://w3id.org/fitgraph/id/board/adafruit-edgebadge" in response.text


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_triples_come_in_the_form_that_is_accepted(
    client: httpx.Client, media: str, form: RdfFormat
) -> None:
    response = ask(client, "DESCRIBE <https://w3id.org/fitgraph/id/board/nrf52840-dk>", media)
    assert response.headers["content-type"] == media
    assert len(list(parse(response.content, form))) > 20


def test_what_cannot_be_had_in_the_accepted_form_is_406(client: httpx.Client) -> None:
    assert ask(client, BOARDS, "text/turtle").status_code == 406
    assert ask(client, BOARDS, "image/png").status_code == 406


def test_without_a_query_the_endpoint_describes_itself(client: httpx.Client) -> None:
    graph = rdflib.Graph().parse(data=client.get("/sparql").text, format="turtle")
    (endpoint,) = graph.objects(None, rdflib.URIRef(
        "http://www.w3.org/ns/sparql-service-description#endpoint"))  # fmt: skip
    assert str(endpoint) == f"{client.base_url}/sparql".replace("//sparql", "/sparql")


def test_sparqlwrapper_works_with_it(client: httpx.Client) -> None:
    wrapper = SPARQLWrapper(f"{str(client.base_url).rstrip('/')}/sparql")
    wrapper.setQuery(BOARDS)
    wrapper.setReturnFormat(JSON)
    found: Any = wrapper.query().convert()
    assert len(found["results"]["bindings"]) == 3


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflibs_store_works_with_it(client: httpx.Client, method: str) -> None:
    store = SPARQLStore(f"{str(client.base_url).rstrip('/')}/sparql", method=method)
    rows: list[Any] = list(rdflib.Graph(store).query(BOARDS))
    assert len(rows) == 3
    assert isinstance(rows[0][0], rdflib.URIRef)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("SELECT * { ?s ?p }", 400, "ontology-error"),
        ("DROP ALL", 400, "ontology-error"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }", 400, "ontology-error"),
        ("SELECT * { ?s ?p ?o }", 400, "too-many-results"),
        ("", 400, "ontology-error"),
    ],
)
def test_what_is_not_answered_is_a_problem_and_never_half_an_answer(
    client: httpx.Client, query: str, status: int, code: str
) -> None:
    response = client.post(
        "/sparql", content=query, headers={"Content-Type": "application/sparql-query"}
    )
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"},
        {"Content-Type": "application/sparql-query; charset=latin-1"},
        {},
    ],
)
def test_bodies_of_other_kinds_are_415(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post("/sparql", content=b"ASK {}", headers=headers).status_code == 415


def test_a_body_that_is_too_large_is_413(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    long = b"#" + b"x" * (5 << 20)
    assert client.post("/sparql", content=long, headers=headers).status_code == 413
    parts = (long[at : at + 65536] for at in range(0, len(long), 65536))
    assert client.post("/sparql", content=parts, headers=headers).status_code == 413


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[httpx.Client]:
    """A server with one worker that has a second, and room for one to wait."""
    with running_server(
        tmp_path / "store", query_workers=1, query_waiting=1, query_timeout_s=1.5
    ) as client:
        yield client


def test_a_query_that_would_run_for_ever_is_504_and_others_wait_or_are_503(
    narrow: httpx.Client,
) -> None:
    """While it runs the server answers, one waits, and the next is told to come later."""
    with ThreadPoolExecutor(4) as threads:
        endless = [threads.submit(ask, narrow, ENDLESS) for _ in range(4)]
        assert narrow.get("/health/ready").status_code == 200
        answers = [one.result() for one in endless]
    codes = sorted(one.status_code for one in answers)
    assert codes[:2] == [503, 503]
    assert codes[-1] == 504
    refused = next(one for one in answers if one.status_code == 503)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["code"] == "overloaded"
    assert ask(narrow, "ASK {}").json() == {"head": {}, "boolean": True}


def test_a_query_that_takes_too_much_memory_ends_alone(tmp_path: Path) -> None:
    many = " ".join(f"<urn:s{i}> <urn:p> {i} ." for i in range(3000))
    with running_server(
        tmp_path / "store", query_workers=1, query_memory_bytes=1 << 30, query_results=10**9
    ) as client:
        done = client.post(
            "/sparql", content=f"INSERT DATA {{ GRAPH <urn:g> {{ {many} }} }}", headers=UPDATE
        )
        assert done.status_code == 204
        response = ask(client, "SELECT ?a ?b { GRAPH <urn:g> { ?a ?p ?x . ?b ?q ?y } } ORDER BY ?y")
        assert (response.status_code, response.json()["code"]) == (400, "too-much-memory")
        assert ask(client, "ASK {}").status_code == 200


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "INSERT DATA { GRAPH <urn:g> { [] <urn:b> <urn:c> } }",
        "LOAD <http://127.0.0.1:1/a.ttl> INTO GRAPH <urn:g>",
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } } ; DROP GRAPH <urn:none>",
        "CLEAR EVERYTHING",
    ],
)
def test_an_update_that_is_refused_changes_nothing(narrow: httpx.Client, update: str) -> None:
    before = ask(narrow, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").json()
    response = narrow.post("/sparql", content=update, headers=UPDATE)
    assert response.status_code == 400
    assert ask(narrow, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").json() == before


def test_an_update_is_seen_by_the_next_query(narrow: httpx.Client) -> None:
    """Read your writes: a snapshot is made anew after each change."""
    for number in range(5):
        triple = f"<urn:a> <urn:b> {number}"
        update = f"DROP SILENT GRAPH <urn:g> ; INSERT DATA {{ GRAPH <urn:g> {{ {triple} }} }}"
        narrow.post("/sparql", headers=UPDATE, content=update).raise_for_status()
        found = ask(narrow, "SELECT ?n { GRAPH <urn:g> { ?s ?p ?n } }", "text/csv").text
        assert found.split() == ["n", str(number)]


def test_only_admins_update_where_there_are_tokens(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "fitgraph.server")
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    secrets = {role: tokens.create(role, role) for role in Role}
    with running_server(tmp_path / "store", reading="closed") as client:
        assert ask(client, "ASK {}").status_code == 401
        assert ask(client, "ASK {}").headers["www-authenticate"].startswith("Bearer")
        for role, secret in secrets.items():
            headers = {**UPDATE, "Authorization": f"Bearer {secret}"}
            done = client.post("/sparql", content="CLEAR SILENT GRAPH <urn:g>", headers=headers)
            assert done.status_code == (204 if role is Role.ADMIN else 403)
            asked = client.get("/sparql", params={"query": "ASK {}"}, headers=headers)
            assert asked.status_code == 200
        tokens.revoke("admin")
        known = [getattr(record, "fields", {}).get("who") for record in caplog.records]
        assert set(known) == {None, *Role}
        done = client.post("/sparql", content="CLEAR ALL", headers=headers)
        assert (done.status_code, done.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}],
    ids=["origin", "host"],
)
def test_pages_of_others_write_nothing_on_this_machine(
    narrow: httpx.Client, headers: dict[str, str]
) -> None:
    response = narrow.post("/sparql", content="CLEAR ALL", headers={**UPDATE, **headers})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert json.loads(ask(narrow, "ASK { ?s ?p ?o }").text)["boolean"]


def test_snapshots_are_gone_when_the_server_has_ended(tmp_path: Path) -> None:
    with running_server(tmp_path / "store") as client:
        assert ask(client, "ASK {}").status_code == 200
        assert list((tmp_path / "store" / "snapshots").iterdir())
    assert not (tmp_path / "store" / "snapshots").exists()
