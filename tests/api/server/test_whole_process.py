"""A server as a process of its own: killed in the middle of everything, and besieged by readers.

These take seconds, which is what starting, killing and starting a server takes.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import shutil
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from benchmarks.served import Served, served
from fitgraph.api.model_files import read_whole
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from tests.support.command import Command
from tests.support.example_models import quantized_example
from tests.support.lamps import TD, description

ENDED = {"done", "failed", "cancelled"}


@dataclass
class Writer:
    """Writes things of its own, one after the other, until the server is gone.

    Attributes:
        known: what the server said it has: titles by thing, None of what is gone.
        asked: the last request, which it may have met without saying so.
    """

    url: str
    number: int
    known: dict[str, str | None] = field(default_factory=dict)
    asked: tuple[str, str | None] = ("", None)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            try:
                for count in itertools.count():
                    self._write(client, f"urn:writer:{self.number}:{count % 7}", f"{count}")
            except httpx.TransportError:
                return

    def _write(self, client: httpx.Client, thing: str, title: str) -> None:
        is_there = self.known.get(thing) is not None
        self.asked = thing, None if is_there and int(title) % 3 == 0 else title
        if self.asked[1] is None:
            response = client.delete(f"/things/{thing}")
        else:
            body = description(thing, title=title)
            response = client.put(f"/things/{thing}", json=body, headers=TD)
        if response.status_code != 503:
            assert response.status_code in {201, 204}, response.text
            self.known[thing] = self.asked[1]

    def require_kept(self, client: httpx.Client) -> None:
        """Makes sure that all is there that the server said it has."""
        for thing, title in self.known.items():
            response = client.get(f"/things/{thing}")
            found = response.json()["title"] if response.status_code == 200 else None
            assert found in {title, *(self.asked[1:] if self.asked[0] == thing else ())}


def test_what_was_acknowledged_outlives_the_process_and_a_build_is_begun_again(
    first_store: Path, tmp_path: Path
) -> None:
    """kill -9 while four write and a worker compiles; then a start over what is left."""
    store = Path(shutil.copytree(first_store, tmp_path / "store"))
    with open_registry(store) as registry:
        graph, content = read_whole(quantized_example("activity", tmp_path))
        registry.add_model(graph, model_facts(graph), content, "small")
    with served(store, tmp_path / "first.log") as server:
        writers = [Writer(server.url, number) for number in range(4)]
        threads = [threading.Thread(target=one.run) for one in writers]
        for thread in threads:
            thread.start()
        order = {"model": "small", "board": "nrf52840-dk", "package": "cmake"}
        taken = httpx.post(f"{server.url}/builds", json=order, timeout=30)
        job = taken.headers["location"]
        _wait(lambda: httpx.get(f"{server.url}{job}").json()["state"] == "running")
        _wait(lambda: all(len(one.known) >= 5 for one in writers))
        os.kill(server.process, signal.SIGKILL)
        for thread in threads:
            thread.join(30)
    with (
        served(store, tmp_path / "second.log") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        for one in writers:
            one.require_kept(client)
        _wait(lambda: client.get(job).json()["state"] in ENDED)
        ended = client.get(job).json()
        assert ended["state"] == "done", ended
        assert ended["attempts"] == 2
        assert client.get(f"{job}/artifact").content.startswith(b"PK")
    checked = Command(store)("store", "check")
    assert checked.code == 0, checked.out + checked.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "megabytes"), [(1_000, 150), (10_000, 700)], ids=["as configured", "all let in"]
)
def test_ten_thousand_streams_leave_the_server_at_work(
    first_store: Path, tmp_path: Path, most: int, megabytes: int
) -> None:
    """As many as may be are open, each other is told to come later, and all hear what happens."""
    n_streams = 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < n_streams + 1_000:
        pytest.skip(f"a process may have {hard:,} open files here, and this takes {n_streams:,}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    store = Path(shutil.copytree(first_store, tmp_path / "store"))
    try:
        with served(store, tmp_path / "log", event_streams=most) as server:
            before = server.resident_bytes()
            asyncio.run(_besiege(server, n_streams, most))
            grown = server.resident_bytes() - before
            assert httpx.get(f"{server.url}/health/ready").status_code == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert grown < megabytes << 20, f"{grown / 2**20:.0f} MiB"


async def _besiege(server: Served, n_streams: int, most: int) -> None:
    place = urlsplit(server.url)
    gate, statuses = asyncio.Semaphore(200), Counter[int]()
    open_ones: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def enter() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        statuses[status] += 1
        if status == 503:
            assert b"\r\nretry-after: " in head
            assert b"application/problem+json" in head
            writer.close()
        else:
            open_ones.append((reader, writer))

    await asyncio.gather(*(enter() for _ in range(n_streams)))
    assert statuses == Counter({200: most, 503: n_streams - most}) - Counter({503: 0})
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        assert (await client.get("/boards/nrf52840-dk")).status_code == 200
        body = description("urn:told:to:all")
        assert (await client.put("/things/urn:told:to:all", json=body, headers=TD)).is_success
    told = asyncio.gather(*(_heard(reader) for reader, _ in open_ones))
    await asyncio.wait_for(told, 120)
    for _, writer in open_ones:
        writer.close()


async def _heard(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"urn:told:to:all")


def _wait(condition: object, patience_s: float = 120.0) -> None:
    deadline = time.monotonic() + patience_s
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
