"""Many clients at once, mixing reads, writes, queries and builds, and what becomes of it.

    python -m benchmarks.server_soak [--seconds 300] [--clients 50] [--store FOLDER]

Each client sends its next request when it has the answer to the last. What a client has written
and was acknowledged is read again at the end: whatever differs is a lost write. Turned away for a
while (429, 503) is no error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from benchmarks.served import Served, served
from fitgraph.api.first_use import fill
from fitgraph.ontology.questions import questions

REPOSITORY = Path(__file__).resolve().parents[1]
MODEL = REPOSITORY / "examples" / "anomaly" / "anomaly.onnx"
TURNED_AWAY = {429, 503}
#: Of the time, until which the server has not met every kind of request often.
WARM_UP = 0.25
#: What was removed is looked for, too.
CHECK = "check"
TD = "application/td+json"


@dataclass(slots=True)
class Tally:
    """What all clients saw."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    resident: list[tuple[float, int]] = field(default_factory=list)


@dataclass(slots=True)
class Client:
    """One connection, which is opened anew when it breaks."""

    host: str
    port: int
    tally: Tally
    number: int
    written: dict[str, str | None] = field(default_factory=dict)
    _open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, kind: str, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of a response; status 0 where there was none."""
        started = time.perf_counter()
        is_used, status, content = self._open is not None, 0, b""
        for _ in range(1 + is_used):  # one that was idle for long may have been closed meanwhile
            try:
                status, content = await self._exchange(method, path, body, headers)
                break
            except (OSError, asyncio.IncompleteReadError):
                self._open = None
        self.tally.taken[kind].append((time.perf_counter() - started) * 1000)
        self.tally.statuses[kind, status] += 1
        return status, content

    async def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        if self._open is None:
            self._open = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._open
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += [f"Host: {self.host}:{self.port}", f"Content-Length: {len(body)}"]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        writer.write(head.encode() + body)
        said = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(said.split(b" ", 2)[1])
        length = said.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        content = await reader.readexactly(int(length)) if length and status != 204 else b""
        if b"connection: close" in said:
            self._open = None
        return status, content


async def work(
    client: Client, boards: list[str], targets: list[str], asked: list[str], until: float
) -> None:
    """What one client does, again and again."""
    draw = random.Random(client.number)
    while time.monotonic() < until:
        chance = draw.random()
        if chance < 0.45:
            board = draw.choice(boards)
            media = draw.choice(("application/json", "text/turtle", "text/html"))
            await client.send(f"read {media}", "GET", f"/boards/{board}", Accept=media)
        elif chance < 0.6:
            await client.send("match", "GET", "/matches?model=anomaly&limit=20")
        elif chance < 0.7:
            await client.send("question", "GET", draw.choice(asked))
        elif chance < 0.99 or client.number % 10:
            await write(client, draw)
        else:
            await build(client, draw.choice(targets), until)


async def write(client: Client, draw: random.Random) -> None:
    """Puts or removes a thing of its own, and reads it at once."""
    thing = f"urn:soak:{client.number}:{draw.randrange(5)}"
    if client.written.get(thing) and draw.random() < 0.3:
        status, _ = await client.send("write", "DELETE", f"/things/{thing}")
        if status == 204:
            client.written[thing] = None
        return
    title = f"{draw.getrandbits(64):x}"
    said = {
        "@context": "https://www.w3.org/2022/wot/td/v1.1", "id": thing, "title": title,
        "security": "n", "securityDefinitions": {"n": {"scheme": "nosec"}},
    }  # fmt: skip
    body = json.dumps(said).encode()
    status, _ = await client.send("write", "PUT", f"/things/{thing}", body, Content_Type=TD)
    if status in {201, 204}:
        client.written[thing] = title


async def build(client: Client, board: str, until: float) -> None:
    """Asks for a build, and looks at it until it has ended."""
    order = json.dumps({"model": "anomaly", "board": board}).encode()
    status, content = await client.send(
        "build", "POST", "/builds", order, Content_Type="application/json"
    )
    if status != 202:
        return
    address = json.loads(content)["id"]
    while time.monotonic() < until:
        status, content = await client.send("build", "GET", f"/jobs/{address}")
        if status == 200 and json.loads(content)["state"] not in {"queued", "running"}:
            return
        await asyncio.sleep(0.5)


def is_buildable(match: dict[str, Any]) -> bool:
    """Whether a build may be asked for: nothing speaks against it, and the ISA class is known."""
    held = {one["name"]: one["satisfied"] for one in match["constraints"]}
    return match["verdict"] != "no" and held["isa_class"] is not None


async def lost(clients: list[Client]) -> int:
    """Writes that were acknowledged and are not there."""
    n_lost = 0
    for client in clients:
        for thing, title in client.written.items():
            status, content = 503, b""
            while status in TURNED_AWAY | {0}:
                status, content = await client.send(CHECK, "GET", f"/things/{thing}")
            found = json.loads(content).get("title") if status == 200 else None
            n_lost += found != title
    return n_lost


async def soak(
    server: Served, boards: list[str], targets: list[str], n_clients: int, seconds: float
) -> tuple[Tally, int]:
    """What happened, and how many writes were lost."""
    parts, tally = urlsplit(server.url), Tally()
    asked = [f"/sparql?query={quote(one.sparql)}" for one in questions() if not one.binds]
    clients = [
        Client(str(parts.hostname), parts.port or 80, tally, number) for number in range(n_clients)
    ]
    started = time.monotonic()

    async def watch() -> None:
        while True:
            tally.resident.append((time.monotonic() - started, server.resident_bytes()))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(work(one, boards, targets, asked, started + seconds) for one in clients))
    watching.cancel()
    return tally, await lost(clients)


def report(tally: Tally, n_lost: int, seconds: float) -> bool:
    """Prints what happened, and tells whether it is as it should be."""
    for kind, taken in sorted(tally.taken.items()):
        taken.sort()
        statuses = {status: n for (one, status), n in sorted(tally.statuses.items()) if one == kind}
        at = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
        print(f"{kind:24} {len(taken):7,}  p95 {at:8.1f} ms  {statuses}")
    errors = sum(
        n
        for (kind, s), n in tally.statuses.items()
        if kind != CHECK and s not in TURNED_AWAY and not 200 <= s < 400
    )
    warm = [size for at, size in tally.resident if at >= seconds * WARM_UP]
    tenth = max(1, len(warm) // 10)
    before, after = (sum(part) / len(part) for part in (warm[:tenth], warm[-tenth:]))
    growth = after / before - 1
    step = max(1, len(tally.resident) // 15)
    shown = " ".join(f"{size / 1e6:.0f}" for _, size in tally.resident[::step])
    print(f"memory meanwhile             {shown}")
    print(f"errors besides 429 and 503   {errors}  (at most 0)")
    print(f"lost writes                  {n_lost}  (at most 0)")
    print(f"memory of the server         {before / 1e6:.0f} MB to {after / 1e6:.0f} MB, "
          f"{growth:+.1%}  (at most +10 %)")  # fmt: skip
    return not errors and not n_lost and growth <= 0.1


def main() -> None:
    """Let clients work for a while, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--store", type=Path, help="a store to copy; else one is made")
    parser.add_argument("--log", type=Path, default=Path("build/server-soak.log"))
    asked = parser.parse_args()
    asked.log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        if asked.store:
            shutil.copytree(asked.store, store)
        fill(store)
        with served(store, asked.log) as server:
            httpx.post(
                f"{server.url}/models?name=anomaly",
                content=MODEL.read_bytes(),
                headers={"Content-Type": "application/octet-stream"},
                timeout=60,
            ).raise_for_status()
            listed = httpx.get(f"{server.url}/boards?limit=200").json()["items"]
            boards = [one["board_id"] for one in listed]
            could = httpx.get(f"{server.url}/matches?model=anomaly&limit=100", timeout=60).json()
            targets = [one["board"] for one in could["items"] if is_buildable(one)]
            tally, n_lost = asyncio.run(soak(server, boards, targets, asked.clients, asked.seconds))
    raise SystemExit(0 if report(tally, n_lost, asked.seconds) else 1)


if __name__ == "__main__":
    main()
