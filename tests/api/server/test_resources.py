"""Models, boards, runtimes, devices, matches and proofs over HTTP."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from tests.support.running_server import running_server

MODEL = {"Content-Type": "application/octet-stream"}
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def mine(first_store: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server whose store a test may change."""
    shutil.copytree(first_store, tmp_path / "store")
    with running_server(tmp_path / "store", model_bytes=1 << 20) as client:
        yield client


@pytest.fixture(scope="module")
def digits(digits_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("digits-served") / "store"
    shutil.copytree(digits_store, folder)
    with running_server(folder) as client:
        yield client


@pytest.mark.parametrize("noun", ["boards", "mcus", "runtimes"])
def test_all_pages_together_are_the_list(client: httpx.Client, noun: str) -> None:
    whole = client.get(f"/{noun}?limit=1000").json()
    assert whole["next"] is None
    assert whole["total"] == len(whole["items"]) > 10
    found, address = [], f"/{noun}?limit=7"
    while address:
        page = client.get(address)
        assert (page.json()["next"] is None) == ("link" not in page.headers)
        found += page.json()["items"]
        address = page.json()["next"]
    assert found == whole["items"]


def test_a_list_is_filtered_sorted_and_searched(client: httpx.Client) -> None:
    fast = client.get("/boards?isa_class=armv7e-m%2Bfp&sort=-clock_hz,name&limit=5").json()["items"]
    clocks = [board["clock_hz"] for board in fast if board["clock_hz"] is not None]
    assert clocks == sorted(clocks, reverse=True)
    assert {board["isa_class"] for board in fast} == {"armv7e-m+fp"}
    words = client.get("/boards?q=nano 33").json()["items"]
    assert [board["board_id"] for board in words] == ["arduino-nano-33-ble-sense"]
    assert client.get("/boards?vendor=nobody").json() == {"items": [], "total": 0, "next": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=²", "sort=colour", "colour=red", "cursor=x", "limit=1&limit=2"]
)
def test_bad_arguments_of_a_list_are_400(client: httpx.Client, query: str) -> None:
    response = client.get(f"/boards?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "bad-request")


def test_a_list_comes_as_a_table(client: httpx.Client) -> None:
    response = client.get("/boards", headers={"Accept": "text/csv"})
    assert response.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert rows[0]["board_id"] == "adafruit-edgebadge"
    assert int(rows[0]["clock_hz"]) > 10**6


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
    ],
)
@pytest.mark.parametrize("path", ["/boards/nrf52840-dk", "/id/board/nrf52840-dk"])
def test_a_board_comes_as_rdf(client: httpx.Client, path: str, media: str, form: RdfFormat) -> None:
    response = client.get(path, headers={"Accept": media})
    assert response.headers["content-type"] == media
    subjects = {str(quad.subject) for quad in parse(response.content, form)}
    assert "<https://w3id.org/fitgraph/id/board/nrf52840-dk>" in subjects


def test_an_iri_leads_to_the_record(client: httpx.Client) -> None:
    """Also one that is written with percent signs."""
    for runtime in ("tflm+cmsis-nn", "fitgraph-c"):
        iri = client.get(f"/runtimes/{runtime}").json()["iri"]
        address = iri.removeprefix("https://w3id.org/fitgraph")
        asked = client.get(address, headers={"Accept": "application/json"}, follow_redirects=True)
        assert asked.json()["name"] == runtime
    assert client.get("/id/board/none-such").status_code == 404
    assert client.get("/boards/none-such").json()["code"] == "not-found"


def test_what_is_known_is_not_sent_again(client: httpx.Client) -> None:
    for path in ("/boards", "/boards/nrf52840-dk", "/id/board/nrf52840-dk"):
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_a_model_is_uploaded_matched_and_removed(mine: httpx.Client, repository: Path) -> None:
    content = (repository / "examples" / "digits" / "digits.onnx").read_bytes()
    added = mine.post("/models?name=my digits", content=content, headers=MODEL)
    assert added.status_code == 201, added.text
    assert added.json()["is_new"]
    model = mine.get(added.headers["location"]).json()
    assert (model["names"], model["file_bytes"]) == (["my digits"], len(content))
    assert mine.get("/models/my digits/file").content == content
    again = mine.post("/models?name=my digits", content=content, headers=MODEL)
    assert (again.status_code, again.json()["is_new"]) == (200, False)
    assert [one["name"] for one in mine.get("/models").json()["items"]] == ["my digits"]
    found = mine.get("/matches", params={"model": "my digits", "verdict": "no"}).json()
    assert found["items"][0]["verdict"] == "no"
    stale = mine.delete("/models/my digits", headers={"If-Match": '"other"'})
    assert stale.status_code == 412
    tag = mine.get("/models/my digits").headers["etag"]
    assert mine.delete("/models/my digits", headers={"If-Match": tag}).status_code == 204
    assert mine.get("/models/my digits").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "headers", "status", "code"),
    [
        ("bad", b"no model", MODEL, 400, "invalid-model"),
        ("bad", b"", MODEL, 400, "invalid-model"),
        ("bad", b"\0" * (2 << 20), MODEL, 413, "too-large"),
        ("bad", b"x", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        ("", b"x", MODEL, 400, "invalid-record"),
        ("a\nb", b"x", MODEL, 400, "invalid-record"),
    ],
)
def test_a_bad_upload_leaves_nothing(
    mine: httpx.Client, name: str, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = mine.post("/models", params={"name": name}, content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "/tmp" not in response.text  # noqa: S108 - nothing is told of our own files
    assert mine.get("/models").json()["total"] == 0


def test_boards_are_added_replaced_and_removed(mine: httpx.Client, repository: Path) -> None:
    text = (repository / "registry" / "boards" / "nrf52840-dk.yaml").read_text()
    other = text.replace("nrf52840-dk", "my-board", 1)
    assert mine.post("/boards", content=other, headers=YAML).status_code == 201
    assert mine.get("/boards/my-board").status_code == 200
    changed = re.sub(r"clock_hz: [\d_]+", "clock_hz: 32000000", other)
    assert changed != other
    conflict = mine.post("/boards", content=changed, headers=YAML)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "conflict")
    assert mine.put("/boards/my-board", content=changed, headers=YAML).status_code == 200
    assert mine.get("/boards/my-board").json()["clock_hz"] == 32_000_000
    listed = mine.get("/boards?board_id=my-board").json()["items"]
    assert listed[0]["clock_hz"] == 32_000_000
    assert mine.put("/boards/another", content=changed, headers=YAML).status_code == 400
    assert mine.post("/boards", content="board_id: [", headers=YAML).status_code == 400
    assert mine.delete("/boards/my-board").status_code == 204
    assert mine.delete("/boards/my-board").status_code == 404


def test_devices_are_the_things_of_boards(mine: httpx.Client) -> None:
    board = mine.get("/boards/nrf52840-dk").json()["iri"]
    value = {
        "@context": "https://www.w3.org/2022/wot/td/v1.1", "id": "urn:pump:7", "title": "Pump 7",
        "security": "none", "securityDefinitions": {"none": {"scheme": "nosec"}},
        "links": [{"rel": "type", "href": board}],
    }  # fmt: skip
    put = mine.put("/things/urn:pump:7", content=json.dumps(value),
                   headers={"Content-Type": "application/td+json"})  # fmt: skip
    assert put.status_code == 201
    (device,) = mine.get("/devices?board=nrf52840-dk").json()["items"]
    assert (device["thing"], device["title"]) == ("urn:pump:7", "Pump 7")
    assert mine.get("/devices/urn:pump:7").json() == device
    unknown = {**value, "links": [{"rel": "type", "href": f"{board}-x"}]}
    refused = mine.put("/things/urn:pump:7", content=json.dumps(unknown),
                       headers={"Content-Type": "application/td+json"})  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")


def test_matches_and_explanations_say_what_the_command_says(digits: httpx.Client) -> None:
    found = digits.get("/matches", params={"model": "digits-int8", "limit": 3}).json()
    assert len(found["items"]) == 3
    assert found["total"] > 70
    following = digits.get(found["next"]).json()
    assert following["items"][0] not in found["items"]
    one = digits.get("/matches/digits-int8/stm32-blue-pill").json()
    assert {part["name"] for part in one["constraints"]} >= {"flash", "sram", "operators"}
    assert digits.get("/matches").status_code == 400
    assert digits.get("/matches?model=none-such").status_code == 404


def test_footprints_are_listed(digits: httpx.Client) -> None:
    (found,) = digits.get("/footprints?isa_class=armv6-m").json()["items"]
    assert found["evidence"] == "measured"
    key = found["iri"].rpartition("/")[2]
    assert digits.get(f"/footprints/{key}").json() == found


def test_the_openapi_document_types_every_response(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 30
    for operation in operations:
        problems = operation["responses"]["4XX"]["content"]
        assert list(problems) == ["application/problem+json"]
        good = [code for code in operation["responses"] if code[0] in "23"]
        assert good, operation["operationId"]
        assert operation.get("summary")
