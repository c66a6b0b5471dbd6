"""A server of ours as a process of its own, as its users have it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    url: str
    process: int

    def resident_bytes(self) -> int:
        """Memory of the server's process, without its workers, which come and go."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) << 10


@contextmanager
def served(store: Path, log: Path, **settings: object) -> Iterator[Served]:
    """A server over a store.

    Args:
        store: that nobody else has open.
        log: file that its log goes to.
        settings: of the server, besides a port that is free.
    """
    variables = {f"FITGRAPH_SERVER_{name.upper()}": str(one) for name, one in settings.items()}
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "fitgraph.api", "--store", store, "serve", "--port", "0"],
            stderr=out,
            env={**_environment(), **variables},
        )
    try:
        yield Served(_address(log, process), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)


def _environment() -> dict[str, str]:
    return {name: one for name, one in os.environ.items() if not name.startswith("FITGRAPH_S")}


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            if said.get("event") == "listening":
                return str(said["url"])
        time.sleep(0.05)
    raise SystemExit(f"the server does not listen; see {log}")
