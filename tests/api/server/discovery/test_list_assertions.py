"""What the Recommendation asserts of the list of things, and of what is noted of each.

Source: Web of Things Discovery (W3C Recommendation), sections 7.2.1, 7.2.2 and 7.3.2.1.5.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from tests.support.lamps import TD, description, get, new_id
from tests.support.running_server import running_server

DISCOVERY = "https://www.w3.org/2022/wot/discovery"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IDS = ("urn:a:Z", "urn:a:_", "urn:a:a", "urn:a:b", "urn:a:é", "urn:a:\uff21", "urn:a:\U0001f4a1")


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A directory of seven things, which came in another order."""
    with running_server(tmp_path_factory.mktemp("seven") / "store") as client:
        for thing in reversed(IDS):
            address = f"/things/{quote(thing)}"
            client.put(address, json=description(thing), headers=TD).raise_for_status()
        yield client


def _links(response: httpx.Response, relation: str) -> list[str]:
    said = response.headers.get_list("link")
    return [one for one in said if f'rel="{relation}"' in one]


def _next(response: httpx.Response) -> str:
    (link,) = _links(response, "next")
    return link[1 : link.index(">")]


def _registered(directory: httpx.Client, **registration: Any) -> dict[str, Any]:
    value = description(new_id(), registration=registration)
    directory.put(f"/things/{value['id']}", json=value, headers=TD).raise_for_status()
    found: dict[str, Any] = get(directory, value["id"])["registration"]
    return found


def _time(said: str) -> datetime:
    assert RFC_3339.fullmatch(said)
    return datetime.fromisoformat(said)


def test_tdd_things_list_method(seven: httpx.Client) -> None:
    assert len(seven.get("/things").json()) == len(IDS)


def test_tdd_things_list_resp(seven: httpx.Client) -> None:
    response = seven.get("/things")
    assert response.status_code == 200
    assert all(one["title"] and one["registration"]["created"] for one in response.json())


def test_tdd_things_list_resp_content_type(seven: httpx.Client) -> None:
    assert seven.get("/things").headers["content-type"] == "application/ld+json"
    wanted = {"Accept": "application/json"}
    assert seven.get("/things", headers=wanted).headers["content-type"] == "application/json"


def test_tdd_things_list_pagination(seven: httpx.Client) -> None:
    """Pages one after the other are the list."""
    found, address = [], "/things?limit=2"
    while address:
        page = seven.get(address)
        found += [one["id"] for one in page.json()]
        address = _next(page) if _links(page, "next") else ""
    assert found == list(IDS)


def test_tdd_things_list_pagination_limit(seven: httpx.Client) -> None:
    assert [len(seven.get(f"/things?limit={one}").json()) for one in (1, 3, 50)] == [1, 3, 7]
    assert seven.get("/things?limit=0").status_code == 400
    assert seven.get("/things?limit=-1").status_code == 400


def test_tdd_things_list_pagination_header_nextlink(seven: httpx.Client) -> None:
    assert _links(seven.get("/things?limit=3"), "next")
    assert not _links(seven.get("/things?limit=3&offset=4"), "next")
    assert not _links(seven.get("/things"), "next")


def test_tdd_things_list_pagination_header_nextlink_attr(seven: httpx.Client) -> None:
    """All arguments are in it, and where the next page begins."""
    asked = "/things?limit=3&offset=1&sort_by=/title&sort_order=desc&format=collection"
    said = parse_qs(urlsplit(_next(seven.get(asked))).query)
    assert said == {
        "limit": ["3"], "offset": ["4"], "sort_by": ["/title"], "sort_order": ["desc"],
        "format": ["collection"],
    }  # fmt: skip


def test_tdd_things_list_pagination_header_nextlink_base(seven: httpx.Client) -> None:
    response = seven.get("/things?limit=3")
    assert seven.get(response.request.url.join(_next(response))).json()[0]["id"] == IDS[3]


def test_tdd_things_list_pagination_header_canonicallink(seven: httpx.Client) -> None:
    """Pages of one state have one tag, and those of another have another."""
    first, second = (
        _links(seven.get(f"/things?limit=3&offset={at}"), "canonical") for at in (0, 3)
    )
    assert first == second
    assert re.fullmatch(r'</things>; rel="canonical"; etag="[^"]+"', first[0])
    made = seven.post("/things", json=description(), headers=TD)
    assert _links(seven.get("/things?limit=3"), "canonical") != first
    seven.delete(made.headers["location"]).raise_for_status()


def test_tdd_things_list_pagination_order_default(seven: httpx.Client) -> None:
    """By code points, not by what any language thinks of letters, nor by UTF-16."""
    assert [one["id"] for one in seven.get("/things").json()] == sorted(IDS)
    assert [one["id"] for one in seven.get("/things?limit=7").json()] == list(IDS)


def test_tdd_things_list_pagination_collection(seven: httpx.Client) -> None:
    said = seven.get("/things?format=collection&limit=3").json()
    assert (said["@type"], said["total"]) == ("ThingCollection", len(IDS))
    assert [one["id"] for one in said["members"]] == list(IDS[:3])
    assert seven.get(said["next"]).json()["members"][0]["id"] == IDS[3]


def test_tdd_context_injection(seven: httpx.Client) -> None:
    one = get(seven, quote(IDS[0]))
    assert DISCOVERY in one["@context"]
    assert all(DISCOVERY in found["@context"] for found in seven.get("/things").json())


def test_tdd_absolute_time(directory: httpx.Client) -> None:
    found = _registered(directory, expires="2100-01-01T02:00:00+02:00")
    assert _time(found["expires"]) == datetime(2100, 1, 1, tzinfo=UTC)
    assert all(_time(found[one]) for one in ("created", "modified", "retrieved"))


def test_tdd_registrationinfo_vocab_created(directory: httpx.Client) -> None:
    """The client does not choose it, and a change leaves it."""
    found = _registered(directory, created="1999-01-01T00:00:00Z")
    assert abs(datetime.now(UTC) - _time(found["created"])) < timedelta(minutes=1)


def test_tdd_registrationinfo_vocab_modified(directory: httpx.Client) -> None:
    value = description(new_id())
    directory.put(f"/things/{value['id']}", json=value, headers=TD).raise_for_status()
    before = get(directory, value["id"])["registration"]
    time.sleep(0.01)
    directory.put(f"/things/{value['id']}", json=value, headers=TD).raise_for_status()
    after = get(directory, value["id"])["registration"]
    assert after["created"] == before["created"]
    assert _time(after["modified"]) > _time(before["modified"])


def test_tdd_registrationinfo_vocab_expires(directory: httpx.Client) -> None:
    """What the client says holds only where it says no ``ttl``."""
    said = "2100-01-01T00:00:00.000Z"
    assert _registered(directory, expires=said)["expires"] == said
    assert _registered(directory, expires=said, ttl=60)["expires"] != said


def test_tdd_registrationinfo_vocab_ttl(directory: httpx.Client) -> None:
    found = _registered(directory, ttl=3600)
    assert _time(found["expires"]) - _time(found["modified"]) == timedelta(hours=1)
    assert found["ttl"] == 3600


def test_tdd_registrationinfo_vocab_retrieved(directory: httpx.Client) -> None:
    said = _time(_registered(directory)["retrieved"])
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)


def test_tdd_registrationinfo_expiry_purge(directory: httpx.Client) -> None:
    value = description(new_id(), registration={"ttl": 0.2})
    directory.put(f"/things/{value['id']}", json=value, headers=TD).raise_for_status()
    deadline = time.monotonic() + 10
    while directory.get(f"/things/{value['id']}").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert value["id"] not in [one["id"] for one in directory.get("/things").json()]
