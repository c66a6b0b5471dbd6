"""A client of server-sent events that listens in a thread."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx


class Listener:
    """Reads a stream of events in a thread."""

    def __init__(self, client: httpx.Client, path: str, last: str | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self._opened = threading.Event()
        self._news = threading.Condition()
        headers = {} if last is None else {"Last-Event-ID": last}
        self._arguments = (f"{str(client.base_url).rstrip('/')}{path}", headers)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._opened.wait(10)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.events) >= count, 10), self.events
            return self.events[:count]

    def _listen(self) -> None:
        address, headers = self._arguments
        event: dict[str, Any] = {}
        with httpx.stream("GET", address, headers=headers, timeout=30) as response:
            assert response.headers["content-type"] == "text/event-stream"
            for line in response.iter_lines():
                self._opened.set()
                name, _, said = line.partition(": ")
                if name:
                    event[name] = json.loads(said) if name == "data" else said
                elif "event" in event:
                    with self._news:
                        self.events.append(event)
                        self._news.notify_all()
                    event = {}
                else:
                    event = {}
