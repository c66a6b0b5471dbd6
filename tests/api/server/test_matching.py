"""Matches over REST: the index answers as the matcher does, and follows what is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from fitgraph.api.client import Client
from fitgraph.api.compiler import compiler_for
from fitgraph.matcher import match
from fitgraph.matcher.explanation import RemedyKind
from fitgraph.matcher.ranking import Axis
from fitgraph.matcher.verdict import Match
from fitgraph.registry.catalogue import open_registry
from tests.support.running_server import running_server

MODEL = {"Content-Type": "application/octet-stream"}
MATCHES = TypeAdapter(tuple[Match, ...])


@pytest.fixture(scope="module")
def digits(digits_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("matched") / "store"
    shutil.copytree(digits_store, folder)
    with running_server(folder) as client:
        yield client


def all_of(client: httpx.Client, **asked: str) -> tuple[Match, ...]:
    """Items of all pages."""
    found: list[object] = []
    address: str | None = f"/matches?{httpx.QueryParams({**asked, 'limit': '40'})}"
    while address:
        page = client.get(address).json()
        found += page["items"]
        address = page["next"]
    return MATCHES.validate_python(found)


def test_the_server_gives_the_rows_of_the_matcher(digits: httpx.Client, digits_store: Path) -> None:
    """All of them, in the same order, with the same constraints, under any runtime."""
    with open_registry(digits_store, read_only=True) as registry:
        for runtime in ("fitgraph-c", "tflm"):
            compiler = compiler_for(registry, runtime)
            for model in ("digits", "digits-int8"):
                wanted = match(registry.store, model, None, runtime, compiler)
                assert all_of(digits, model=model, runtime=runtime) == wanted
        for board in ("nrf52840-dk", "stm32-blue-pill"):
            compiler = compiler_for(registry, "fitgraph-c")
            wanted = match(registry.store, None, board, compiler=compiler)
            assert all_of(digits, board=board) == wanted
            one = match(registry.store, "digits", board, compiler=compiler)
            assert all_of(digits, model="digits", board=board) == one


def test_a_model_is_matched_under_any_of_its_names(digits: httpx.Client, repository: Path) -> None:
    content = (repository / "examples" / "digits" / "digits.onnx").read_bytes()
    assert digits.post("/models?name=another", content=content, headers=MODEL).is_success
    first = all_of(digits, model="digits", verdict="no")
    other = all_of(digits, model="another", verdict="no")
    assert [one.board for one in first] == [one.board for one in other]
    assert {one.model for one in other} == {"another"}
    digest = digits.get("/models/another").json()["sha256"]
    assert digits.get(f"/matches?model={digest[:12]}").json()["total"] > 70


def test_matches_follow_what_is_written(digits: httpx.Client, repository: Path) -> None:
    text = (repository / "registry" / "boards" / "nrf52840-dk.yaml").read_text()
    before = digits.get("/matches?model=digits-int8").json()["total"]
    added = digits.post(
        "/boards",
        content=text.replace("nrf52840-dk", "a-new-board", 1),
        headers={"Content-Type": "application/yaml"},
    )
    assert added.status_code == 201, added.text
    assert digits.get("/matches?model=digits-int8").json()["total"] == before + 1
    (pair,) = all_of(digits, model="digits-int8", board="a-new-board")
    like = digits.get("/matches/digits-int8/nrf52840-dk").json()
    assert str(pair.verdict) == like["verdict"]
    assert digits.delete("/boards/a-new-board").status_code == 204
    assert digits.get("/matches?model=digits-int8").json()["total"] == before
    assert digits.get("/matches/digits-int8/a-new-board").status_code == 404


def test_an_explanation_has_what_the_command_tells(digits: httpx.Client) -> None:
    plain = digits.get("/matches/digits/stm32-blue-pill").json()
    assert plain["verdict"] == "no"
    assert plain["remedies"] is None
    assert plain["shortfalls"][0]["constraint"] == "flash"
    assert plain["latency_ms"]["low"] < plain["latency_ms"]["high"]
    told = digits.get("/matches/digits/stm32-blue-pill?remedies=true", timeout=120).json()
    kinds = {one["kind"] for one in told["remedies"]}
    assert {"quantization", "another board"} <= kinds
    assert all(one["match"]["verdict"] in ("fits", "likely") for one in told["remedies"])
    assert all(one["command"].startswith("fitgraph ") for one in told["remedies"])
    assert told["peak"]["operator"].startswith("Conv")


def test_a_ranking_has_figures_and_a_front(digits: httpx.Client) -> None:
    ranked = digits.get("/rankings?board=nrf52840-dk&by=sram").json()
    sizes = [one["figures"]["sram"] for one in ranked["items"] if "sram" in one["figures"]]
    assert sizes == sorted(sizes)
    front = digits.get("/rankings?model=digits-int8&pareto=true&limit=3").json()
    assert 0 < front["total"] < digits.get("/rankings?model=digits-int8").json()["total"]
    for query in ("", "?model=digits&board=nrf52840-dk", "?board=nrf52840-dk&by=colour"):
        assert digits.get(f"/rankings{query}").status_code in {400, 422}
    assert digits.get("/rankings?board=none-such").status_code == 404


def test_the_client_has_the_records_of_rankings_and_remedies(digits: httpx.Client) -> None:
    with Client(str(digits.base_url)) as client:
        front = client.rank(model="digits-int8", pareto=True)
        assert all(one.match.model == "digits-int8" and Axis.FLASH in one.figures for one in front)
        kinds = {one.kind for one in client.remedies("digits", "stm32-blue-pill")}
    assert RemedyKind.QUANTIZATION in kinds


def test_the_timeline_is_a_picture(digits: httpx.Client) -> None:
    found = digits.get("/models/digits/timeline.svg")
    assert found.headers["content-type"] == "image/svg+xml"
    assert "Memory timeline of digits" in found.text
    tag = {"If-None-Match": found.headers["etag"]}
    assert digits.get("/models/digits/timeline.svg", headers=tag).status_code == 304
    assert digits.get("/models/none-such/timeline.svg").status_code == 404
