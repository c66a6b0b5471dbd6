"""A real server of ours on a free port of this machine, with an HTTP client for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from fitgraph.api.server.serving import opened
from fitgraph.api.server.settings import Settings

_PATIENCE_S = 20.0


@contextmanager
def running_server(store: Path, **settings: Any) -> Iterator[httpx.Client]:
    """A server over a store within the block, and a client that knows where it is."""
    with opened(store, Settings(port=0, **settings)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        deadline = time.monotonic() + _PATIENCE_S
        while not server.started:
            assert thread.is_alive(), "the server ended at once"
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.01)
        try:
            with httpx.Client(base_url=server.url, timeout=30.0) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_S)
