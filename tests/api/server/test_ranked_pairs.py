"""Rankings are as if made anew, but made anew is only what rests on a change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from fitgraph.api.server.graph import Graph
from fitgraph.api.server.looks import Looks
from fitgraph.api.server.matching import Matching
from fitgraph.api.server.ranked_pairs import RankedPairs
from fitgraph.api.server.snapshots import Snapshots
from fitgraph.api.server.workers import Workers
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.matcher.ranking import Axis, Ranked
from fitgraph.registry.catalogue import Registry, open_registry
from tests.support.running_server import running_server

BOARD = "nrf52840-dk"
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def store(digits_store: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    shutil.copytree(digits_store, folder)
    return folder


@pytest.fixture
def client(store: Path) -> Iterator[httpx.Client]:
    with running_server(store) as opened:
        yield opened


def test_after_somebody_looked_at_a_model_the_others_are_kept(store: Path) -> None:
    """What its file tells is new for the one model: how long an inference takes."""

    async def ask(registry: Registry) -> tuple[dict[str, Ranked], dict[str, Ranked]]:
        graph, workers = Graph(registry, store), Workers(1, 8, 2 << 30)
        matching = Matching(graph, Looks(graph, Snapshots(graph), workers))
        kept = RankedPairs(matching)

        async def ranking() -> dict[str, Ranked]:
            index = await matching.whole(DEFAULT_RUNTIME, waits=False)
            found = kept.of(index, index.models_for(BOARD), {}, {})
            return {one.match.model: one for one in found}

        await workers.start()
        try:
            before = await ranking()
            await matching.looks.look(registry.get_model("digits").sha256)
            return before, await ranking()
        finally:
            await workers.stop()

    with open_registry(store) as registry:
        before, after = anyio.run(ask, registry)
    assert after["digits-int8"] is before["digits-int8"]
    assert Axis.LATENCY not in before["digits"].figures
    assert Axis.LATENCY in after["digits"].figures


def test_rankings_follow_what_is_written(client: httpx.Client, repository: Path) -> None:
    """A board that loses memory loses matches at once, whatever was ranked before."""
    text = (repository / "registry" / "boards" / f"{BOARD}.yaml").read_text(encoding="utf-8")
    for name in ("as-it-is", "another"):
        added = client.post("/boards", content=text.replace(BOARD, name, 1), headers=YAML)
        assert added.is_success, added.text
    assert _verdicts(client, "as-it-is") == _verdicts(client, "another")
    less = text.replace(BOARD, "another", 1).replace("size: 256K", "size: 2K")
    assert "size: 2K" in less
    assert client.put("/boards/another", content=less, headers=YAML).is_success
    assert _verdicts(client, "another") != _verdicts(client, "as-it-is")
    assert client.delete("/boards/another").is_success
    assert client.get("/rankings?board=another").status_code == 404


def _verdicts(client: httpx.Client, board: str) -> dict[str, str]:
    """Verdicts by model; each match is told as when it is asked for alone."""
    items = client.get(f"/rankings?board={board}").json()["items"]
    for one in items:
        match = one["match"]
        alone = client.get(f"/matches/{match['model']}/{board}").json()
        assert {key: alone[key] for key in ("verdict", "constraints")} == {
            key: match[key] for key in ("verdict", "constraints")
        }
    return {one["match"]["model"]: one["match"]["verdict"] for one in items}
