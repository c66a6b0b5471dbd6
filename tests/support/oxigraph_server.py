"""A real Oxigraph server on a free port of this machine, which may be killed and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PATIENCE_S = 20.0


class OxigraphServer:
    """``oxigraph serve`` over a folder."""

    def __init__(self, folder: Path, *, union: bool = True) -> None:
        self.folder = folder
        self.union = union
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/query"

    def start(self) -> None:
        """Starts the server and waits until it listens."""
        program = shutil.which("oxigraph", path=sysconfig.get_path("scripts"))
        assert program is not None
        command = [program, "serve", "--location", str(self.folder)]
        command += ["--bind", f"127.0.0.1:{self.port}"]
        command += ["--union-default-graph"] if self.union else []
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._listens():
            assert self._process.poll() is None, "the server ended at once"
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.02)

    def kill(self) -> None:
        """Kills the server, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False


@contextmanager
def oxigraph_server(folder: Path, *, union: bool = True) -> Iterator[OxigraphServer]:
    """A server that runs within the block."""
    server = OxigraphServer(folder, union=union)
    server.start()
    try:
        yield server
    finally:
        server.kill()
