"""What the Recommendation asserts of searches and of events.

Source: Web of Things Discovery (W3C Recommendation), sections 7.3.2.2 and 7.3.2.3. Searches by
JSONPath and XPath are in drafts of it, and in what directories are tested with.
"""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from fitgraph.api.server.settings import Settings
from tests.support.lamps import TD, description, new_id
from tests.support.listener import Listener

QUERY = "select * { ?s ?p ?o }limit 5"
HEAD = {"vars": ["s", "p", "o"]}
CREATED, UPDATED, DELETED = "thing_created", "thing_updated", "thing_deleted"


@pytest.fixture
def tagged(directory: httpx.Client) -> tuple[str, list[dict[str, Any]]]:
    """Three things with a tag of their own."""
    tag = new_id()
    values = [description(new_id(), tag=tag) for _ in range(3)]
    for value in values:
        directory.put(f"/things/{value['id']}", json=value, headers=TD).raise_for_status()
    return tag, sorted(values, key=lambda value: value["id"])


def _sent_as_is(connection: HTTPConnection, target: str) -> tuple[int, str, Any]:
    connection.request("GET", target)
    response = connection.getresponse()
    return response.status, response.headers["content-type"], json.loads(response.read())


def test_tdd_search_jsonpath(
    as_it_stands: HTTPConnection, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    tag, values = tagged
    found = _sent_as_is(as_it_stands, f"/search/jsonpath?query=$[?(@.tag=='{tag}')]")
    assert found == (200, "application/json", values)


def test_tdd_search_jsonpath_method(directory: httpx.Client) -> None:
    assert directory.get("/search/jsonpath", params={"query": "$[0:1]"}).status_code == 200
    refused = directory.post("/search/jsonpath", params={"query": "$[0:1]"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


def test_tdd_search_jsonpath_parameter(
    directory: httpx.Client, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    query = f"$[?@.tag=='{tagged[0]}'].title"
    assert directory.get("/search/jsonpath", params={"query": query}).json() == ["Lamp"] * 3
    assert directory.get("/search/jsonpath").status_code == 400


def test_tdd_search_jsonpath_response(as_it_stands: HTTPConnection) -> None:
    status, kind, said = _sent_as_is(as_it_stands, "/search/jsonpath?query=*/id")
    assert (status, kind, said["status"]) == (400, "application/problem+json", 400)
    assert _sent_as_is(as_it_stands, "/search/jsonpath?query=$[?@.no]")[2] == []


def test_tdd_search_xpath(
    as_it_stands: HTTPConnection, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    tag, values = tagged
    found = _sent_as_is(as_it_stands, f"/search/xpath?query=*[tag='{tag}']")
    assert found == (200, "application/json", values)


def test_tdd_search_xpath_method(directory: httpx.Client) -> None:
    assert directory.get("/search/xpath", params={"query": "*[1]"}).status_code == 200
    assert directory.post("/search/xpath", params={"query": "*[1]"}).status_code == 405


def test_tdd_search_xpath_parameter(
    directory: httpx.Client, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    query = f"*[tag='{tagged[0]}']/title"
    assert directory.get("/search/xpath", params={"query": query}).json() == ["Lamp"] * 3
    assert directory.get("/search/xpath").status_code == 400


def test_tdd_search_xpath_response(as_it_stands: HTTPConnection) -> None:
    status, kind, said = _sent_as_is(as_it_stands, "/search/xpath?query=$[:].id")
    assert (status, kind, said["status"]) == (400, "application/problem+json", 400)


def test_tdd_search_large_tdds(directory: httpx.Client) -> None:
    """A client finds three ways to search in the directory's own description."""
    said = directory.get("/.well-known/wot").json()["actions"]
    assert {"searchJSONPath", "searchXPath", "searchSPARQL"} <= said.keys()


def test_tdd_search_sparql(
    directory: httpx.Client, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    """A description is found by what it says."""
    thing = tagged[1][0]["id"]
    query = f"PREFIX td: <https://www.w3.org/2019/wot/td#> SELECT ?t {{ <{thing}> td:title ?t }}"
    said = directory.get("/search/sparql", params={"query": query}).json()
    assert [row["t"]["value"] for row in said["results"]["bindings"]] == ["Lamp"]


def test_tdd_search_sparql_version(
    directory: httpx.Client, tagged: tuple[str, list[dict[str, Any]]]
) -> None:
    """Aggregates, property paths and ``VALUES`` came with SPARQL 1.1."""
    two = " ".join(f"<{one['id']}>" for one in tagged[1][:2])
    query = (
        "PREFIX td: <https://www.w3.org/2019/wot/td#> "
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?s {{ {two} }} ?s (td:title|td:none) ?t }}"
    )
    said = directory.get("/search/sparql", params={"query": query}).json()
    assert said["results"]["bindings"][0]["n"]["value"] == "2"


def test_tdd_search_sparql_method_get(directory: httpx.Client) -> None:
    said = directory.get("/search/sparql", params={"query": QUERY})
    assert (said.status_code, said.json()["head"]) == (200, HEAD)


def test_tdd_search_sparql_method_post(directory: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    said = directory.post("/search/sparql", content=QUERY, headers=headers)
    assert (said.status_code, said.json()["head"]) == (200, HEAD)


@pytest.mark.parametrize("query", [QUERY, "ASK {}"])
def test_tdd_search_sparql_resp_select_ask(directory: httpx.Client, query: str) -> None:
    said = directory.get("/search/sparql", params={"query": query})
    assert (said.status_code, said.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("query", ["DESCRIBE <urn:a>", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_tdd_search_sparql_resp_describe_construct(directory: httpx.Client, query: str) -> None:
    said = directory.get("/search/sparql", params={"query": query})
    assert (said.status_code, said.headers["content-type"]) == (200, "application/ld+json")


@pytest.mark.parametrize("query", ["DROP ALL", "INSERT DATA { <urn:a> <urn:b> 1 }", "LOAD <urn:a>"])
def test_tdd_search_sparql_error(directory: httpx.Client, query: str) -> None:
    refused = directory.get("/search/sparql", params={"query": query})
    assert (refused.status_code, refused.json()["status"]) == (400, 400)


def test_tdd_search_sparql_federation(directory: httpx.Client) -> None:
    """No server is asked that the operator has not named, and by default none is."""
    assert Settings().service_hosts == ()
    query = "select * { service <https://dbpedia.org/sparql>{ ?s ?p ?o } }limit 5"
    refused = directory.get("/search/sparql", params={"query": query})
    assert refused.status_code == 400
    assert "dbpedia.org" in refused.json()["detail"]


def _changed(directory: httpx.Client) -> str:
    """A thing that came, got another title, and went."""
    value = description(new_id())
    address = f"/things/{value['id']}"
    directory.put(address, json=value, headers=TD).raise_for_status()
    directory.put(address, json={**value, "title": "New"}, headers=TD).raise_for_status()
    directory.delete(address).raise_for_status()
    return str(value["id"])


def test_tdd_notification(directory: httpx.Client) -> None:
    listener = Listener(directory, "/events")
    _changed(directory)
    assert len(listener.wait_for(3)) == 3


def test_tdd_notification_sse(directory: httpx.Client) -> None:
    with directory.stream("GET", "/events", headers={"Accept": "text/event-stream"}) as response:
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"


def test_tdd_notification_event_id(directory: httpx.Client) -> None:
    """Who comes back with the last id gets what it missed, once and in order."""
    listener = Listener(directory, "/events")
    _changed(directory)
    first, *rest = listener.wait_for(3)
    assert Listener(directory, "/events", last=first["id"]).wait_for(2) == rest


def test_tdd_notification_event_types(directory: httpx.Client) -> None:
    listener = Listener(directory, "/events")
    _changed(directory)
    assert [one["event"] for one in listener.wait_for(3)] == [CREATED, UPDATED, DELETED]


@pytest.mark.parametrize("kind", [CREATED, UPDATED, DELETED])
def test_tdd_notification_filter_type(directory: httpx.Client, kind: str) -> None:
    listener = Listener(directory, f"/events/{kind}")
    things = [_changed(directory), _changed(directory)]
    told = listener.wait_for(2)
    assert [(one["event"], one["data"]["id"]) for one in told] == [(kind, one) for one in things]
    assert directory.get("/events/thing_painted").status_code == 400


def test_tdd_notification_data(directory: httpx.Client) -> None:
    listener = Listener(directory, "/events")
    _changed(directory)
    assert all(isinstance(one["data"], dict) for one in listener.wait_for(3))


def test_tdd_notification_data_td_id(directory: httpx.Client) -> None:
    listener = Listener(directory, "/events")
    thing = _changed(directory)
    assert [one["data"] for one in listener.wait_for(3)] == [{"id": thing}] * 3


def _told(directory: httpx.Client, kind: str) -> tuple[str, dict[str, Any]]:
    listener = Listener(directory, f"/events/{kind}?diff=true")
    return _changed(directory), listener.wait_for(1)[0]["data"]


def test_tdd_notification_data_create_full(directory: httpx.Client) -> None:
    thing, data = _told(directory, CREATED)
    assert (data["id"], data["title"]) == (thing, "Lamp")
    assert {"@context", "security", "securityDefinitions", "registration"} <= data.keys()


def test_tdd_notification_data_update_diff(directory: httpx.Client) -> None:
    """Nothing but what has changed, and when."""
    _, data = _told(directory, UPDATED)
    assert data.keys() == {"id", "title", "registration"}
    assert (data["title"], data["registration"].keys()) == ("New", {"modified"})


def test_tdd_notification_data_update_id(directory: httpx.Client) -> None:
    thing, data = _told(directory, UPDATED)
    assert data["id"] == thing


def test_tdd_notification_data_delete_diff(directory: httpx.Client) -> None:
    thing, data = _told(directory, DELETED)
    assert data == {"id": thing}
