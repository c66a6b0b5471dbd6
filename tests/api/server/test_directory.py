"""The directory of things, by the rules of Web of Things Discovery and its Thing Model."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.registry.thing_schema import schema_errors
from tests.support.lamps import TD, description, get, new_id, put
from tests.support.running_server import running_server

MERGE = {"Content-Type": "application/merge-patch+json"}
DISCOVERY = "https://www.w3.org/2022/wot/discovery"


def test_an_anonymous_thing_gets_a_urn_which_location_leads_to(directory: httpx.Client) -> None:
    value = description()
    made = directory.post("/things", content=json.dumps(value), headers=TD)
    assert made.status_code == 201
    location = made.headers["location"]
    thing = location.removeprefix("/things/")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", thing)
    found = directory.get(location).json()
    assert found["id"] == thing
    assert {name: found[name] for name in value if name != "@context"} == {
        name: said for name, said in value.items() if name != "@context"
    }
    # Clients that take Location for the id get there, too.
    assert (
        directory.get(f"/things/{str(directory.base_url).rstrip('/')}{location}").status_code == 200
    )
    replaced = directory.put(location, content=json.dumps({**value, "title": "New"}), headers=TD)
    assert replaced.status_code == 204
    assert get(directory, thing)["title"] == "New"


def test_a_named_thing_is_created_then_replaced(directory: httpx.Client) -> None:
    thing = new_id()
    assert put(directory, description(thing)).content == b""
    response = directory.get(f"/things/{thing}")
    assert response.headers["content-type"] == "application/td+json"
    before = response.json()["registration"]
    time.sleep(0.01)
    put(directory, description(thing, title="Other"), status=204)
    found = get(directory, thing)
    assert found["title"] == "Other"
    assert found["registration"]["created"] == before["created"]
    assert found["registration"]["modified"] > before["modified"]


@pytest.mark.parametrize("context", ["text", "list", "own"])
def test_what_is_handed_out_is_enriched_and_otherwise_unharmed(
    directory: httpx.Client, context: str
) -> None:
    said: Any = "https://www.w3.org/2022/wot/td/v1.1"
    said = {"text": said, "list": [said, {"ex": "https://example.org/"}], "own": [said, DISCOVERY]}
    value = description(new_id(), other=[1, 1.5, None, {"a": []}], **{"@context": said[context]})
    put(directory, value)
    found = get(directory, value["id"])
    assert found["@context"].count(DISCOVERY) == 1
    assert found.pop("registration").keys() == {"created", "modified", "retrieved"}
    assert {**found, "@context": value["@context"]} == value


def test_a_thing_under_an_iri_with_a_path_is_found(directory: httpx.Client) -> None:
    thing = "https://example.org/things/ä?a=b&c=%20#top"
    assert directory.put(
        f"/things/{quote(thing, safe='')}", content=json.dumps(description(thing)), headers=TD
    ).status_code == 201  # fmt: skip
    assert get(directory, quote(thing, safe=""))["id"] == thing
    listed = directory.get("/things").json()
    assert thing in [one["id"] for one in listed]


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        ({"title": None}, "title", "type"),
        ({"security": None, "title": 3}, "title", "type"),
        ({"properties": {"on": {"forms": [{"href": 3}]}}}, "properties.on.forms.0.href", "type"),
        ({"registration": {"ttl": -1}}, "registration.ttl", "seconds"),
        ({"registration": {"expires": "tomorrow"}}, "registration.expires", "date-time"),
        ({"registration": 3}, "registration", "object"),
        ({"id": "urn:another:one"}, "id", "address"),
        ({"@type": "tm:ThingModel"}, "@type", "Thing Model"),
    ],
)
def test_what_is_wrong_is_said_field_by_field(
    directory: httpx.Client, value: dict[str, Any], field: str, text: str
) -> None:
    thing = new_id()
    response = directory.put(
        f"/things/{thing}", content=json.dumps({**description(thing), **value}), headers=TD
    )
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    found = {one["field"]: one["description"] for one in problem["validationErrors"]}
    assert text in found[field]
    assert directory.get(f"/things/{thing}").status_code == 404


def test_all_errors_of_a_description_are_told(directory: httpx.Client) -> None:
    response = directory.post("/things", content=b'{"title": 1}', headers=TD)
    fields = [one["field"] for one in response.json()["validationErrors"]]
    assert len(fields) >= 3
    assert {"(root)", "title"} <= set(fields)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", TD, 400),
        (b"[]", TD, 400),
        (b"\xff", TD, 400),
        (b'{"a":' * 100_000, TD, 400),
        (b'{"a": 1, "a": 2}', TD, 400),
        (b"[" + b"1," * 100_000 + b"1]", TD, 400),
        (b" " * (5 << 20), TD, 413),
        (b"{}", {"Content-Type": "text/html"}, 415),
        (b"{}", {**TD, "Content-Encoding": "gzip"}, 415),
        (json.dumps(description("urn:has:id")).encode(), TD, 400),
    ],
)
def test_bad_bodies_are_refused(
    directory: httpx.Client, content: bytes, headers: dict[str, str], status: int
) -> None:
    before = directory.get("/things").json()
    response = directory.post("/things", content=content, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert len(directory.get("/things").json()) == len(before)


def test_a_merge_patch_changes_adds_and_removes(directory: httpx.Client) -> None:
    form = {"forms": [{"href": "https://lamp.example/on"}]}
    value = description(new_id(), description="old", properties={"on": form})
    put(directory, value)
    patch = {"title": "New", "description": None, "properties": {"off": form}}
    address = f"/things/{value['id']}"
    done = directory.patch(address, content=json.dumps(patch), headers=MERGE)
    assert (done.status_code, done.content) == (204, b"")
    found = get(directory, value["id"])
    assert found["title"] == "New"
    assert "description" not in found
    assert found["properties"] == {"on": form, "off": form}
    for content, headers, status in (
        ({"title": None}, MERGE, 400), ({"id": "urn:b:c"}, MERGE, 400), ({}, TD, 415),
        ([], MERGE, 400), ({"registration": {"ttl": "x"}}, MERGE, 400),
    ):  # fmt: skip
        refused = directory.patch(address, content=json.dumps(content), headers=headers)
        assert refused.status_code == status
        assert refused.json()["validationErrors"] if status == 400 else True
    assert get(directory, value["id"])["title"] == "New"
    assert directory.patch("/things/urn:not:there", content=b"{}", headers=MERGE).status_code == 404


def test_a_thing_that_is_deleted_is_gone(directory: httpx.Client) -> None:
    value = description(new_id())
    put(directory, value)
    assert directory.delete(f"/things/{value['id']}").status_code == 204
    assert directory.delete(f"/things/{value['id']}").status_code == 404
    missing = directory.get(f"/things/{value['id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert directory.get("/things/no-iri at all").status_code == 404


def test_expiry_is_computed_from_ttl_and_what_is_over_is_purged(directory: httpx.Client) -> None:
    value = description(new_id(), registration={"ttl": 1, "expires": "2100-01-01T00:00:00Z",
                                                "created": "1999-01-01T00:00:00Z"})  # fmt: skip
    put(directory, value)
    said = get(directory, value["id"])["registration"]
    modified, expires = (datetime.fromisoformat(said[one]) for one in ("modified", "expires"))
    assert expires - modified == timedelta(seconds=1)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(said["created"])) < timedelta(minutes=1)
    time.sleep(0.3)
    # An empty patch renews it.
    directory.patch(f"/things/{value['id']}", content=b"{}", headers=MERGE).raise_for_status()
    assert get(directory, value["id"])["registration"]["expires"] > said["expires"]
    deadline = time.monotonic() + 10
    while directory.get(f"/things/{value['id']}").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_an_absolute_expiry_counts_without_ttl(directory: httpx.Client) -> None:
    value = description(new_id(), registration={"expires": "2100-01-01T02:00:00.5+02:00"})
    put(directory, value)
    assert get(directory, value["id"])["registration"]["expires"] == "2100-01-01T00:00:00.500Z"


def test_the_list_is_sorted_and_comes_in_pages(tmp_path: Path) -> None:
    ids = [f"urn:thing:{number:02}" for number in range(7)]
    with running_server(tmp_path / "store") as client:
        for thing in reversed(ids):
            put(client, description(thing, title=f"T{99 - int(thing[-2:])}"))
        whole = client.get("/things")
        assert whole.headers["content-type"] == "application/ld+json"
        assert "link" not in whole.headers
        assert [one["id"] for one in whole.json()] == ids
        found, address, tags = [], "/things?limit=3", set()
        while address:
            page = client.get(address)
            found += [one["id"] for one in page.json()]
            links = page.headers.get_list("link")
            canonical = next(one for one in links if 'rel="canonical"' in one)
            tags.add(canonical.partition("etag=")[2])
            following = [one for one in links if 'rel="next"' in one]
            address = following[0][1 : following[0].index(">")] if following else ""
        assert found == ids
        assert len(tags) == 1
        collection = client.get("/things?format=collection&offset=3&limit=3").json()
        assert collection["@context"] == DISCOVERY
        assert (collection["@type"], collection["total"]) == ("ThingCollection", 7)
        assert [one["id"] for one in collection["members"]] == ids[3:6]
        assert client.get(collection["next"]).json()["members"][0]["id"] == ids[6]
        by_title = client.get("/things?sort_by=/title&limit=2")
        assert [one["id"] for one in by_title.json()] == ids[:4:-1]
        assert "sort_by" in by_title.headers.get_list("link")[0]
        down = client.get("/things?sort_order=desc&limit=1").json()
        assert down[0]["id"] == ids[-1]
        client.delete(f"/things/{ids[0]}")
        assert canonical not in client.get("/things?limit=3").headers.get_list("link")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "offset=-1", "format=xml", "sort_order=up", "sort_by=/forms"]
)
def test_bad_arguments_of_the_list_are_400(directory: httpx.Client, query: str) -> None:
    value = description(new_id(), forms=[{"href": "https://a.example/", "op": "readallproperties"}])
    put(directory, value)
    response = directory.get(f"/things?{query}")
    assert (response.status_code, response.json()["status"]) == (400, 400)


def test_a_change_can_depend_on_what_is_there(directory: httpx.Client) -> None:
    value = description(new_id())
    put(directory, value)
    address = f"/things/{value['id']}"
    tag = directory.get(address).headers["etag"]
    assert directory.get(address, headers={"If-None-Match": tag}).status_code == 304
    body = json.dumps({**value, "title": "Second"})
    stale = {**TD, "If-Match": '"stale"'}
    assert directory.put(address, content=body, headers=stale).status_code == 412
    assert directory.put(address, content=body, headers={**TD, "If-Match": tag}).status_code == 204
    assert directory.delete(address, headers={"If-Match": tag}).status_code == 412
    again = directory.put(address, content=body, headers={**TD, "If-None-Match": "*"})
    assert again.status_code == 412


def test_things_come_as_rdf_too(directory: httpx.Client) -> None:
    value = description(new_id())
    put(directory, value)
    turtle = directory.get(f"/things/{value['id']}", headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"] == "text/turtle"
    assert "https://www.w3.org/2019/wot/td#title" in turtle.text
    image = directory.get(f"/things/{value['id']}", headers={"Accept": "image/png"})
    assert image.status_code == 406


@pytest.mark.parametrize(
    "path", ["/things", "/.well-known/wot", "/events", "/search/sparql?query=ASK%7B%7D"]
)
def test_head_is_answered_wherever_get_is(directory: httpx.Client, path: str) -> None:
    response = directory.head(path)
    assert response.status_code == 200
    assert response.content == b""


def test_the_directory_describes_itself(directory: httpx.Client, shared_data: Path) -> None:
    """All affordances of the directory's Thing Model, with the same addresses and methods."""
    response = directory.get("/.well-known/wot")
    assert response.headers["content-type"] == "application/td+json"
    value = response.json()
    assert schema_errors(value) == ()
    assert value["@type"] == "ThingDirectory"
    model = json.loads((shared_data / "w3c/discovery/directory.tm.json").read_text())
    for kind in ("properties", "actions", "events"):
        assert value[kind].keys() == model[kind].keys()
        for name, affordance in model[kind].items():
            assert _forms(value[kind][name]) == _forms(affordance), name


def _forms(affordance: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (form["href"].replace("{?diff}", ""), form.get("htv:methodName", ""),
         str(form.get("response", {}).get("htv:statusCodeValue", "")))
        for form in affordance["forms"]
    }  # fmt: skip


def test_readers_register_nothing_and_operators_do(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    secrets = {role: tokens.create(role, role) for role in Role}
    may = {Role.CURATOR, Role.OPERATOR, Role.ADMIN}
    with running_server(tmp_path / "store") as client:
        body = json.dumps(description())
        assert client.post("/things", content=body, headers=TD).status_code == 401
        for role, secret in secrets.items():
            headers = {**TD, "Authorization": f"Bearer {secret}"}
            made = client.post("/things", content=body, headers=headers)
            assert made.status_code == (201 if role in may else 403)
        assert len(client.get("/things").json()) == len(may)
        described = client.get("/.well-known/wot").json()
        assert described["securityDefinitions"]["access"]["scheme"] == "bearer"
