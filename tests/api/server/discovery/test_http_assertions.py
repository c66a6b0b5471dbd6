"""What the Recommendation asserts of problems, HEAD, validation, and how a directory is found.

Source: Web of Things Discovery (W3C Recommendation), sections 6.3, 7.1, 7.2 and 7.3.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.registry.thing_schema import schema_errors
from tests.support.lamps import TD, description, new_id
from tests.support.running_server import running_server

HERE = Path(__file__).parent
WELL_KNOWN = "/.well-known/wot"
MERGE = {"Content-Type": "application/merge-patch+json"}


def _refused(directory: httpx.Client, known: dict[str, Any]) -> list[httpx.Response]:
    """Descriptions without a title, the four ways that they come."""
    bad = {name: value for name, value in description().items() if name != "title"}
    thing = new_id()
    return [
        directory.post("/things", json=bad, headers=TD),
        directory.put(f"/things/{thing}", json={**bad, "id": thing}, headers=TD),
        directory.put(f"/things/{known['id']}", json={**bad, "id": known["id"]}, headers=TD),
        directory.patch(f"/things/{known['id']}", json={"title": None}, headers=MERGE),
    ]


def test_tdd_http_error_response(directory: httpx.Client) -> None:
    """Of every kind of refusal, whatever a client takes."""
    for response, status in (
        (directory.get("/things/urn:not:there"), 404),
        (directory.get("/no-such-address", headers={"Accept": "application/td+json"}), 404),
        (directory.post("/things", content=b"{", headers=TD), 400),
        (directory.post("/things", content=b"{}"), 415),
        (directory.put("/things", content=b"{}", headers=TD), 405),
        (directory.post("/things", content=b" " * (5 << 20), headers=TD), 413),
        (directory.get("/things", headers={"Accept": "image/png"}), 406),
        (directory.get("/events?diff=perhaps"), 400),
        (directory.get("/search/sparql"), 400),
    ):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        said = response.json()
        assert said["status"] == status
        assert said["title"] == httpx.codes.get_reason_phrase(status)
        assert said["type"].startswith("https://")
        assert said["detail"]


def test_tdd_http_error_response_utf_8(directory: httpx.Client) -> None:
    response = directory.get("/things/urn:not:dä")
    assert "dä" in response.content.decode("utf-8")


@pytest.mark.parametrize(
    "path", ["/things", "/things/{id}", WELL_KNOWN, "/events", "/events/thing_created",
             "/search/jsonpath?query=$[0:1].id", "/search/xpath?query=*[1]/title",
             "/search/sparql?query=ASK%20%7B%7D", "/things?format=collection"],
)  # fmt: skip
def test_tdd_http_head(directory: httpx.Client, known: dict[str, Any], path: str) -> None:
    """The headers that GET has, and nothing behind them."""
    address = path.replace("{id}", known["id"])
    head = directory.head(address)
    with directory.stream("GET", address) as response:
        fixed = ("content-type", "content-length", "link", "vary", "etag", "cache-control")
        assert (head.status_code, head.content) == (response.status_code, b"")
        assert [head.headers.get(one) for one in fixed] == [
            response.headers.get(one) for one in fixed
        ]


def test_tdd_http_unsupported_feature(directory: httpx.Client) -> None:
    packed = {**TD, "Content-Encoding": "gzip"}
    assert directory.post("/things", content=b"x", headers=packed).status_code == 415
    assert directory.get("/things?format=xml").status_code == 400
    assert directory.get("/things?sort_by=/securityDefinitions").status_code == 400


def test_tdd_validation_syntactic(directory: httpx.Client, known: dict[str, Any]) -> None:
    """Nothing of what is refused gets in, or changes what is there."""
    assert [one.status_code for one in _refused(directory, known)] == [400] * 4
    assert directory.get(f"/things/{known['id']}").json()["title"] == known["title"]


@pytest.mark.parametrize(
    ("members", "is_taken"),
    [
        ({"@context": "https://www.w3.org/2019/wot/td/v1"}, True),
        ({"@context": "https://www.w3.org/2022/wot/td/v1.1"}, True),
        ({"@context": ["https://www.w3.org/2022/wot/td/v1.1", "https://www.w3.org/2022/wot/discovery"],
          "registration": {"ttl": 60}}, True),
        ({"@context": "https://example.org/no-td"}, False),
        ({"properties": {"on": {"type": "switch"}}}, False),
        ({"registration": {"ttl": "soon"}}, False),
        ({"registration": {"expires": "tomorrow"}}, False),
    ],
)  # fmt: skip
def test_tdd_validation_jsonschema(
    directory: httpx.Client, members: dict[str, Any], *, is_taken: bool
) -> None:
    made = directory.post("/things", json=description(**members), headers=TD)
    assert made.status_code == (201 if is_taken else 400)


def test_tdd_validation_result(directory: httpx.Client, known: dict[str, Any]) -> None:
    """It is said what is missing."""
    for response in _refused(directory, known):
        assert "title" in json.dumps(response.json()["validationErrors"])


def test_tdd_validation_response(directory: httpx.Client, known: dict[str, Any]) -> None:
    for response in _refused(directory, known):
        assert response.headers["content-type"] == "application/problem+json"
        found = response.json()["validationErrors"]
        assert found
        for one in found:
            assert one.keys() == {"field", "description"}
            assert all(isinstance(said, str) and said for said in one.values())


def test_tdd_validation_response_utf_8(directory: httpx.Client) -> None:
    response = directory.post("/things", json=description(properties={"ä": 1}), headers=TD)
    assert "ä" in response.content.decode("utf-8")
    assert response.json()["validationErrors"][0]["field"] == "properties.ä"


def test_introduction_well_known_uri(directory: httpx.Client) -> None:
    assert directory.get(WELL_KNOWN).status_code == 200


def test_introduction_well_known_path(directory: httpx.Client) -> None:
    said = directory.get(WELL_KNOWN).json()
    assert said["base"] == str(directory.base_url).rstrip("/")


def test_introduction_well_known_thing_description(directory: httpx.Client) -> None:
    assert schema_errors(directory.get(WELL_KNOWN).json()) == ()


def test_exploration_directory_description_type(directory: httpx.Client) -> None:
    said = directory.get(WELL_KNOWN).json()
    assert said["@type"] == "ThingDirectory"
    assert "https://www.w3.org/2022/wot/discovery" in said["@context"]


def test_exploration_server_http_method(directory: httpx.Client) -> None:
    assert directory.get(WELL_KNOWN).status_code == 200
    assert directory.post(WELL_KNOWN).status_code == 405


def test_exploration_server_http_resp(directory: httpx.Client) -> None:
    response = directory.get(WELL_KNOWN)
    assert (response.status_code, response.json()["title"]) == (200, "fitgraph directory of things")


def test_exploration_server_http_resp_content_type(directory: httpx.Client) -> None:
    assert directory.get(WELL_KNOWN).headers["content-type"] == "application/td+json"


def test_exploration_server_http_resp_json(directory: httpx.Client) -> None:
    assert directory.get(WELL_KNOWN).json()["@context"]


def test_exploration_server_http_alternate_content(directory: httpx.Client) -> None:
    for kind in ("application/json", "application/ld+json", "application/td+json"):
        response = directory.get(WELL_KNOWN, headers={"Accept": kind})
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert directory.get(WELL_KNOWN, headers={"Accept": "image/png"}).status_code == 406


def test_exploration_server_http_head(directory: httpx.Client) -> None:
    head, response = directory.head(WELL_KNOWN), directory.get(WELL_KNOWN)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == response.headers["content-length"]


def _closed(folder: Path) -> tuple[httpx.Response, httpx.Response]:
    """What a closed directory says of itself, to strangers and to who has a token."""
    secret = TokenFile(folder / "store" / "tokens.json").create("a", Role.READER)
    with running_server(folder / "store", reading="closed") as client:
        headers = {"Authorization": f"Bearer {secret}"}
        return client.get(WELL_KNOWN), client.get(WELL_KNOWN, headers=headers)


def test_security_bootstrapping_endpoints(tmp_path: Path) -> None:
    _, allowed = _closed(tmp_path)
    assert allowed.json()["securityDefinitions"]["access"]["scheme"] == "bearer"


def test_exploration_secboot_401(tmp_path: Path) -> None:
    refused, allowed = _closed(tmp_path)
    assert (refused.status_code, allowed.status_code) == (401, 200)


def test_exploration_secboot_auth(tmp_path: Path) -> None:
    refused, _ = _closed(tmp_path)
    assert refused.headers["www-authenticate"].startswith("Bearer ")


def test_the_documentation_names_each_assertion_and_where_it_is_shown() -> None:
    """docs/things.md has a row for each of these tests, and no other."""
    shown = {
        (node.name.removeprefix("test_").replace("_", "-"), file.name)
        for file in HERE.glob("test_*_assertions.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and re.match(r"test_(tdd|introduction|exploration|security)_", node.name)
    }
    text = (HERE.parents[3] / "docs" / "things.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z0-9-]+)` \| .* \| `(test_\w+\.py)` \|$", text, re.MULTILINE))
    assert told == shown
