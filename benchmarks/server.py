"""How long a server of ours takes to answer, at a fixed rate, over loopback.

    python -m benchmarks.server [--rate 200] [--seconds 10] [--store FOLDER]

Requests are sent when they are due, whether or not earlier ones have been answered, and each is
timed from when it was due: a server that falls behind cannot hide it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from fitgraph.api.first_use import fill
from fitgraph.api.server.serving import opened
from fitgraph.api.server.settings import Settings
from fitgraph.ontology.questions import questions

REPOSITORY = Path(__file__).resolve().parents[1]
MODEL = REPOSITORY / "examples" / "digits" / "digits.onnx"
CONNECTIONS = 32
#: `form=html` stands for a browser's header.
_LISTS = tuple(
    f"{path}{'&' if '?' in path else '?'}form=html"
    for path in ("/", "/?q=nrf52", "/models", "/boards", "/boards?vendor=Arduino&sort=-ram",
                 "/boards?q=cortex-m4&radio=bluetooth", "/mcus", "/mcus?sort=-flash",
                 "/mcus?isa_class=armv6-m", "/runtimes", "/things", "/sparql")
)  # fmt: skip
_OF_A_MODEL = tuple(
    f"/{path}{'&' if '?' in path else '?'}form=html"
    for path in ("models/digits", "models/digits/lineage", "matches?model=digits",
                 "matches/digits/nrf52840-dk")
)  # fmt: skip
_OF_MATCHES = tuple(
    f"/{path}form=html"
    for path in ("matches?", "matches?row=7&column=3&", "matches?boards=nrf&by=board&",
                 "matches?board=nrf52840-dk&", "rankings?board=nrf52840-dk&",
                 "matches/digits/stm32-blue-pill?")
)  # fmt: skip
#: So many of a case's addresses are asked for once before.
WARM = 20


@dataclass(frozen=True, slots=True)
class Case:
    """Requests of one kind, and the target for them in milliseconds."""

    name: str
    paths: tuple[str, ...]
    rate: float
    target: str


async def load(
    host: str, port: int, paths: Iterator[str], rate: float, seconds: float
) -> list[float]:
    """Milliseconds of each request from when it was due; an answer of 5xx counts as an error."""
    # The one that was used last comes first: a server closes those that idle for seconds.
    idle: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection(host, port))
    taken: list[float] = []

    async def send(path: str, due: float) -> None:
        reader, writer = await idle.get()
        if reader.at_eof():
            reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.split(b" ", 2)[1] == b"200", head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        taken.append((time.perf_counter() - due) * 1000)
        idle.put_nowait((reader, writer))

    started, sending = time.perf_counter(), set()
    for number, path in enumerate(islice(paths, int(rate * seconds))):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sending.add(asyncio.create_task(send(path, due)))
    await asyncio.gather(*sending)
    return sorted(taken)


def at(taken: list[float], share: float) -> float:
    """The time that this share of the requests takes at most."""
    return taken[min(len(taken) - 1, int(len(taken) * share))]


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The address of a server over a store."""
    with opened(store, Settings(port=0, query_results=100_000)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield server.url
        finally:
            server.should_exit = True
            thread.join()


def cases(address: str, rate: float) -> tuple[Case, ...]:
    """What is measured: the kinds of requests that have a target."""
    boards = httpx.get(f"{address}/boards?limit=1000", timeout=60).json()["items"]
    ids = [board["board_id"] for board in boards]
    paths = tuple(f"/boards/{one}" for one in ids)
    free = [one.sparql for one in questions() if not one.binds]
    asked = tuple(f"/sparql?query={quote(sparql)}" for sparql in free)
    models = httpx.get(f"{address}/models?limit=1000", timeout=60).json()["items"]
    names = [quote(model["name"], safe="") for model in models]
    match = tuple(f"/matches?model={name}&limit=100" for name in names)
    return (
        Case("pages that list or search", _LISTS, 10, "p95 at most 80"),
        Case(
            "pages of boards",
            tuple(f"/boards/{one}?form=html" for one in ids),
            10,
            "p95 at most 80",
        ),
        Case("pages of a model", _OF_A_MODEL, 10, "p95 at most 80"),
        Case("pages of matches", _OF_MATCHES, 10, "p95 at most 80"),
        Case("one board", paths, rate, "p99 at most 20"),
        Case("one board as Turtle", tuple(f"/id/board/{one}" for one in ids), rate, ""),
        Case("a page of boards", ("/boards?limit=50",), 20, ""),
        Case("competency questions", asked, 8, "p95 at most 120"),
        Case("any model, all boards", match, 4, "p95 at most 60"),
    )


def main() -> None:
    """Measure, and print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--store", type=Path, help="a store to copy; else one is made")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        if asked.store:
            shutil.copytree(asked.store, store)
        fill(store)
        with served(store) as address:
            parts = urlsplit(address)
            httpx.post(
                f"{address}/models?name=digits",
                content=MODEL.read_bytes(),
                headers={"Content-Type": "application/octet-stream"},
                timeout=60,
            ).raise_for_status()
            for case in cases(address, asked.rate):
                for path in case.paths[:WARM]:
                    httpx.get(f"{address}{path}", timeout=60).raise_for_status()
                taken = asyncio.run(
                    load(
                        str(parts.hostname),
                        parts.port or 80,
                        cycle(case.paths),
                        case.rate,
                        asked.seconds,
                    )
                )
                print(
                    f"{case.name:28} {case.rate:5.0f}/s  p50 {at(taken, 0.5):7.1f}  "
                    f"p95 {at(taken, 0.95):7.1f}  p99 {at(taken, 0.99):7.1f} ms  {case.target}"
                )


if __name__ == "__main__":
    main()
