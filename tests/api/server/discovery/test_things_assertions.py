"""What the Recommendation asserts of the Things API; each test is named by its assertion.

Source: Web of Things Discovery (W3C Recommendation), section 7.3.2.1.
"""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from tests.support.lamps import TD, description, get, new_id
from tests.support.running_server import running_server

MERGE = {"Content-Type": "application/merge-patch+json"}
URN_UUID_4 = re.compile(
    r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
Known = dict[str, Any]


def _posted(directory: httpx.Client) -> httpx.Response:
    return directory.post("/things", json=description(), headers=TD)


def _patched(directory: httpx.Client, known: Known, patch: Known, status: int = 204) -> Known:
    done = directory.patch(f"/things/{known['id']}", json=patch, headers=MERGE)
    assert done.status_code == status
    return get(directory, known["id"])


def test_tdd_things_crud(directory: httpx.Client) -> None:
    value, address = description(thing := new_id()), f"/things/{thing}"
    assert directory.put(address, json=value, headers=TD).status_code == 201
    assert directory.get(address).json()["title"] == "Lamp"
    assert directory.put(address, json={**value, "title": "B"}, headers=TD).status_code == 204
    assert directory.patch(address, json={"title": "C"}, headers=MERGE).status_code == 204
    assert directory.get(address).json()["title"] == "C"
    assert directory.delete(address).status_code == 204
    assert directory.get(address).status_code == 404


def test_tdd_things_crudl(directory: httpx.Client, known: Known) -> None:
    """Besides creating, reading, updating and deleting there is the list."""
    assert known["id"] in [one["id"] for one in directory.get("/things").json()]
    directory.delete(f"/things/{known['id']}").raise_for_status()
    assert known["id"] not in [one["id"] for one in directory.get("/things").json()]


def test_tdd_things_list_only(directory: httpx.Client, known: Known) -> None:
    assert known["id"] in [one["id"] for one in directory.get("/things").json()]


def test_tdd_things_read_only_auth(tmp_path: Path) -> None:
    """Once there are tokens, everybody reads and nobody writes without one."""
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    headers = {"Authorization": f"Bearer {tokens.create('a', Role.CURATOR)}"}
    value = description(thing := new_id())
    with running_server(tmp_path / "store") as client:
        client.put(f"/things/{thing}", json=value, headers=TD | headers).raise_for_status()
        assert client.get(f"/things/{thing}").status_code == 200
        for refused in (
            client.post("/things", json=description(), headers=TD),
            client.put(f"/things/{thing}", json=value, headers=TD),
            client.patch(f"/things/{thing}", json={}, headers=MERGE),
            client.delete(f"/things/{thing}"),
        ):
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer")


def test_tdd_things_default_representation(directory: httpx.Client, known: Known) -> None:
    one, all_ = directory.get(f"/things/{known['id']}"), directory.get("/things")
    assert one.headers["content-type"] == "application/td+json"
    assert all_.headers["content-type"] == "application/ld+json"
    assert "@context" in one.json()


@pytest.mark.parametrize("kind", ["application/td+json", "application/ld+json", "application/json"])
def test_tdd_things_representation_alternate_input(directory: httpx.Client, kind: str) -> None:
    made = directory.post("/things", json=description(), headers={"Content-Type": kind})
    assert made.status_code == 201


def test_tdd_http_representation_alternate_output(directory: httpx.Client, known: Known) -> None:
    for kind in ("application/json", "application/ld+json", "text/turtle", "application/n-triples"):
        response = directory.get(f"/things/{known['id']}", headers={"Accept": kind})
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        assert "Accept" in response.headers["vary"]


def test_tdd_things_create_known_vs_anonymous(directory: httpx.Client) -> None:
    """Neither goes the way of the other."""
    anonymous = directory.put("/things", json=description(), headers=TD)
    assert anonymous.status_code == 405
    at_an_address = directory.put(f"/things/{new_id()}", json=description(), headers=TD)
    assert at_an_address.status_code == 400
    with_id = directory.post("/things", json=description(new_id()), headers=TD)
    assert with_id.status_code == 400


def test_tdd_things_create_known_td(directory: httpx.Client, known: Known) -> None:
    found = get(directory, known["id"])
    assert {**found, "@context": known["@context"]} == {
        **known, "registration": found["registration"],
    }  # fmt: skip


def test_tdd_things_create_known_contenttype(directory: httpx.Client) -> None:
    thing = new_id()
    headers = {"Content-Type": "application/td+json; charset=utf-8"}
    made = directory.put(f"/things/{thing}", json=description(thing), headers=headers)
    assert made.status_code == 201
    other = {"Content-Type": "text/plain"}
    refused = directory.put(f"/things/{thing}", json=description(thing), headers=other)
    assert refused.status_code == 415


def test_tdd_things_create_known_td_resp(directory: httpx.Client) -> None:
    thing = new_id()
    made = directory.put(f"/things/{thing}", json=description(thing), headers=TD)
    assert (made.status_code, made.content) == (201, b"")


def test_tdd_things_create_anonymous_td(directory: httpx.Client) -> None:
    found = directory.get(_posted(directory).headers["location"]).json()
    assert found["title"] == "Lamp"


def test_tdd_things_create_anonymous_contenttype(directory: httpx.Client) -> None:
    assert _posted(directory).status_code == 201
    kind = {"Content-Type": "text/plain"}
    assert directory.post("/things", json=description(), headers=kind).status_code == 415


def test_tdd_things_create_anonymous_id(directory: httpx.Client) -> None:
    one, other = (_posted(directory).headers["location"] for _ in range(2))
    assert one != other
    assert directory.patch(one, json={"title": "Mine"}, headers=MERGE).status_code == 204
    assert directory.get(one).json()["title"] == "Mine"
    assert directory.delete(one).status_code == 204


def test_tdd_things_create_anonymous_td_resp(directory: httpx.Client) -> None:
    """201, and an address that leads to it, whether it is resolved or taken for the id."""
    made = _posted(directory)
    assert (made.status_code, made.content) == (201, b"")
    location = made.request.url.join(made.headers["location"])
    assert "urn:uuid:" in str(location)
    assert directory.get(location).json()["title"] == "Lamp"
    assert directory.get(f"/things/{location}").json()["title"] == "Lamp"


def test_tdd_anonymous_td_identifier(directory: httpx.Client) -> None:
    """The id is there wherever the description is shown."""
    made = directory.post("/things", json=description(tag=(tag := new_id())), headers=TD)
    thing = made.headers["location"].removeprefix("/things/")
    assert directory.get(f"/things/{thing}").json()["id"] == thing
    assert [one["id"] for one in directory.get("/things").json() if one.get("tag") == tag] == [
        thing
    ]
    for path, query in (("jsonpath", f"$[?@.tag=='{tag}']"), ("xpath", f"*[tag='{tag}']")):
        found = directory.get(f"/search/{path}", params={"query": query}).json()
        assert [one["id"] for one in found] == [thing]


def test_tdd_anonymous_td_local_uuid(directory: httpx.Client) -> None:
    location = _posted(directory).headers["location"]
    assert URN_UUID_4.fullmatch(location.removeprefix("/things/"))


def test_tdd_things_retrieve(
    directory: httpx.Client, known: Known, as_it_stands: HTTPConnection
) -> None:
    as_it_stands.request("GET", f"/things/{known['id']}")
    assert as_it_stands.getresponse().status == 200
    found = get(directory, known["id"])
    assert (found["id"], found["other"]) == (known["id"], known["other"])


def test_tdd_things_retrieve_resp(directory: httpx.Client, known: Known) -> None:
    response = directory.get(f"/things/{known['id']}")
    assert (response.status_code, response.json()["title"]) == (200, "Lamp")


def test_tdd_things_retrieve_resp_content_type(directory: httpx.Client, known: Known) -> None:
    address = f"/things/{known['id']}"
    assert directory.get(address).headers["content-type"] == "application/td+json"
    wanted = {"Accept": "application/json"}
    assert directory.get(address, headers=wanted).headers["content-type"] == "application/json"


def test_tdd_things_update(directory: httpx.Client, known: Known) -> None:
    """All of it is replaced: what the new description lacks is gone."""
    new = description(known["id"], title="New")
    directory.put(f"/things/{known['id']}", json=new, headers=TD).raise_for_status()
    found = get(directory, known["id"])
    assert found["title"] == "New"
    assert "other" not in found


def test_tdd_things_update_contenttype(directory: httpx.Client, known: Known) -> None:
    address = f"/things/{known['id']}"
    assert directory.put(address, json=known, headers=TD).status_code == 204
    other = {"Content-Type": "application/xml"}
    assert directory.put(address, json=known, headers=other).status_code == 415


def test_tdd_things_update_resp(directory: httpx.Client, known: Known) -> None:
    done = directory.put(f"/things/{known['id']}", json=known, headers=TD)
    assert (done.status_code, done.content) == (204, b"")


def test_tdd_things_update_partial(directory: httpx.Client, known: Known) -> None:
    found = _patched(directory, known, {"title": "New"})
    assert (found["title"], found["description"]) == ("New", "old")


def test_tdd_things_update_partial_mergepatch(directory: httpx.Client, known: Known) -> None:
    """``null`` removes, objects merge, arrays are replaced."""
    form = {"href": "https://lamp.example/on"}
    _patched(directory, known, {"properties": {"on": {"forms": [form]}}})
    _patched(directory, known, {"properties": {"off": {"forms": [form]}}, "description": None})
    found = _patched(directory, known, {"properties": {"on": {"forms": [form, form]}}})
    assert "description" not in found
    assert found["properties"] == {"on": {"forms": [form, form]}, "off": {"forms": [form]}}


def test_tdd_things_update_partial_contenttype(directory: httpx.Client, known: Known) -> None:
    refused = directory.patch(f"/things/{known['id']}", json={"title": "New"}, headers=TD)
    assert refused.status_code == 415
    assert "application/merge-patch+json" in refused.json()["hint"]


def test_tdd_things_update_partial_partialtd(directory: httpx.Client, known: Known) -> None:
    """What is no object, or leaves no description behind, changes nothing."""
    address = f"/things/{known['id']}"
    patches: list[Any] = [[], "text", {"title": None}, {"title": 1}, {"id": "urn:another:one"}]
    for wrong in patches:
        assert directory.patch(address, json=wrong, headers=MERGE).status_code == 400
    assert get(directory, known["id"])["title"] == "Lamp"


def test_tdd_things_update_partial_resp(directory: httpx.Client, known: Known) -> None:
    done = directory.patch(f"/things/{known['id']}", json={"title": "New"}, headers=MERGE)
    assert (done.status_code, done.content) == (204, b"")


def test_tdd_things_delete(directory: httpx.Client, known: Known) -> None:
    directory.delete(f"/things/{known['id']}").raise_for_status()
    assert directory.get(f"/things/{known['id']}").status_code == 404


def test_tdd_things_delete_resp(directory: httpx.Client, known: Known) -> None:
    done = directory.delete(f"/things/{known['id']}")
    assert (done.status_code, done.content) == (204, b"")
    assert directory.delete("/things/there-is-none").status_code == 404
