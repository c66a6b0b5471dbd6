"""An HTTP server that answers what a test tells it, right or wrong, and notes what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

YES = b'{"head":{},"boolean":true}'
RESULTS = {"Content-Type": "application/sparql-results+json"}


@dataclass
class Answer:
    """What comes back; ``promised_bytes`` more than there are makes an answer that breaks off."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: RESULTS)
    body: bytes = YES
    promised_bytes: int | None = None
    wait: threading.Event | None = None


@dataclass
class RudeServer:
    """Answers in turn, the last one again and again."""

    url: str
    answers: list[Answer]
    requests: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def rude_server(*answers: Answer) -> Iterator[RudeServer]:
    """A server that runs within the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append(dict(self.headers))
            at = min(len(server.requests), len(server.answers)) - 1
            answer = server.answers[at]
            if answer.wait is not None:
                answer.wait.wait(10)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.promised_bytes is None else answer.promised_bytes
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = RudeServer(f"http://127.0.0.1:{http.server_port}/sparql", list(answers))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
