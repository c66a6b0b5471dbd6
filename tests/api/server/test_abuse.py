"""What somebody sends who means harm: it gets its 4xx as a problem, and nothing changes."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.lamps import TD, description
from tests.support.running_server import running_server

_PROBLEM = "application/problem+json"
#: Everything that takes a body, and what it takes.
_WITH_BODY = (
    ("POST", "/things", "application/td+json"),
    ("PUT", "/things/urn:a", "application/td+json"),
    ("PATCH", "/things/urn:a", "application/merge-patch+json"),
    ("POST", "/models?name=a", "application/octet-stream"),
    ("POST", "/boards", "application/yaml"),
    ("PUT", "/boards/a", "application/yaml"),
    ("POST", "/sparql", "application/sparql-update"),
    ("POST", "/search/sparql", "application/sparql-query"),
    ("POST", "/builds", "application/json"),
    ("POST", "/variants", "application/json"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("abuse")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    with running_server(
        folder / "store", body_timeout_s=1.0, event_streams=20, purge_every_s=3600.0
    ) as client:
        yield client


@pytest.fixture(autouse=True)
def _nothing_changes(server: httpx.Client) -> Iterator[None]:
    """By the count of writes, and of what is listed."""
    yield
    assert server.get("/things").json() == []
    assert server.get("/models").json()["total"] == 0
    assert server.get("/audit").json()["total"] == 0


def _raw(server: httpx.Client, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """All that the server says to bytes that no library would send."""
    place = urlsplit(str(server.base_url))
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        said = b""
        while part := connection.recv(65536):
            said += part
        return said


def _is_problem(said: bytes, status: int) -> bool:
    head, _, body = said.partition(b"\r\n\r\n")
    return f" {status} ".encode() in head.split(b"\r\n")[0] and body.startswith(b'{"type": "https')


def test_a_head_that_never_ends_is_408(server: httpx.Client) -> None:
    """A byte now and then does not keep the connection, nor does a second request on it."""
    lines = [b"GET /things HTTP/1.1\r\n", *[b"X: y\r\n"] * 3]
    assert _is_problem(_raw(server, *lines, pause_s=0.2), 408)
    assert _is_problem(_raw(server), 408)
    whole = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    said = _raw(server, whole, b"GET /th", pause_s=0.2)
    assert b" 200 " in said
    assert b" 408 " in said


def test_many_slow_clients_keep_nobody_else_waiting(server: httpx.Client) -> None:
    place = urlsplit(str(server.base_url))
    slow = [socket.create_connection((place.hostname, place.port)) for _ in range(200)]
    for one in slow:
        one.sendall(
            b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/td+json\r\n"
        )
    started = time.monotonic()
    assert server.get("/health/ready").status_code == 200
    assert time.monotonic() - started < 1.0
    for one in slow:
        one.settimeout(10)
        assert b" 408 " in one.recv(65536)
        one.close()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000, 431),
        (b"GET /" + b"a" * 70_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 12_000, 431),
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n", 400),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
        ),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_is_refused(server: httpx.Client, said: bytes, status: int) -> None:
    answer = _raw(server, said)
    assert _is_problem(answer, status) or (status == 501 and _is_problem(answer, 400))


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), ("/none-such", 404)])
def test_who_asks_for_a_web_socket_is_answered_as_everybody(
    server: httpx.Client, path: str, status: int
) -> None:
    asked = (
        "Upgrade: websocket\r\nConnection: Upgrade, close\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    said = _raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{asked}\r\n".encode())
    assert said.startswith(f"HTTP/1.1 {status} ".encode())
    assert status == 200 or _is_problem(said, status)


@pytest.mark.parametrize(("method", "path", "kind"), _WITH_BODY)
def test_a_bomb_is_not_unpacked(server: httpx.Client, method: str, path: str, kind: str) -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {"Content-Type": kind, "Content-Encoding": encoding}
        response = server.request(method, path, content=bomb, headers=headers)
        assert (response.status_code, response.headers["content-type"]) == (415, _PROBLEM)


@pytest.mark.parametrize(("method", "path", "kind"), _WITH_BODY)
def test_a_body_that_is_slow_too_large_cut_off_or_of_another_kind_is_refused(
    server: httpx.Client, method: str, path: str, kind: str
) -> None:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    assert _is_problem(_raw(server, f"{head}Content-Length: 99\r\n\r\n{{".encode()), 408)
    large = _raw(server, f"{head}Content-Length: {1 << 40}\r\nConnection: close\r\n\r\n".encode())
    assert _is_problem(large, 413)
    place = urlsplit(str(server.base_url))
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(f"{head}Content-Length: 99\r\n\r\n{{".encode())
    for other in ("text/html", "multipart/form-data; boundary=x", "", "application/x-" + "a" * 500):
        refused = server.request(method, path, content=b"{}", headers={"Content-Type": other})
        assert (refused.status_code, refused.headers["content-type"]) == (415, _PROBLEM)


@pytest.mark.parametrize(
    "path",
    [
        "/models/..%2f..%2ftokens.json/file",
        "/models/..%2f..%2ftokens.json",
        "/boards/..%2f..%2f..%2fetc%2fpasswd",
        "/boards/%2e%2e/%2e%2e/etc/passwd",
        "/id/board/..%2f..%2ftokens.json",
        "/id/..%2f..%2ftokens.json",
        "/things/..%2f..%2ftokens.json",
        "/proofs/%00",
        "/policies/..%2ftokens.json",
        "/plans/..%2f..%2ftokens.json",
        "/jobs/..%2f..%2ftokens.json",
        "/builds/..%2f..%2ftokens.json",
        "/static/..%2f..%2fserver%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fserver%2fapp.py",
    ],
)
def test_no_name_leads_out_of_its_folder(server: httpx.Client, folder: Path, path: str) -> None:
    place = urlsplit(str(server.base_url))
    said = _raw(
        server, f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode()
    )
    assert _is_problem(said, 404) or _is_problem(said, 400)
    before = sorted(one.name for one in folder.iterdir())
    for method in ("PUT", "DELETE", "POST", "PATCH"):
        for kind in ("text/turtle", "application/json", "application/yaml"):
            response = server.request(method, path, content=b"{}", headers={"Content-Type": kind})
            assert 400 <= response.status_code < 500
    assert sorted(one.name for one in folder.iterdir()) == before


@pytest.mark.parametrize(
    "path",
    [
        "/things/urn:a%0d%0aX-Evil:%201",
        "/boards?limit=1&q=%0d%0aX-Evil:%201",
        "/boards?limit=1&sort=name%0d%0aX-Evil:%201",
        "/matches?model=a%0d%0aX-Evil:%201",
        "/id/board/a%0d%0aX-Evil:%201",
        "/things?limit=1&sort_by=%2Ftitle%0d%0aX-Evil:%201",
        "/models/a%0d%0aX-Evil:%201/file",
    ],
)
def test_no_name_becomes_a_header(server: httpx.Client, path: str) -> None:
    for method in ("GET", "PUT", "POST", "DELETE"):
        body = b"" if method in {"GET", "DELETE"} else b"{}"
        response = server.request(method, path, content=body, headers=TD)
        assert "x-evil" not in response.headers
        assert response.status_code < 500
    thing = description("urn:a\r\nX-Evil: 1")
    refused = server.put(path, json=thing, headers=TD)
    assert 400 <= refused.status_code < 500


def test_streams_beyond_the_limit_leave_nothing_behind(server: httpx.Client) -> None:
    """Each is turned away for a while, and those who read go on reading."""
    address = f"{str(server.base_url).rstrip('/')}/events"
    readers = [httpx.Client() for _ in range(20)]
    streams = [one.stream("GET", address) for one in readers]
    for stream in streams:
        assert stream.__enter__().status_code == 200
    for _ in range(1000):
        refused = server.get("/events")
        assert refused.status_code == 503
    assert refused.headers["content-type"] == _PROBLEM
    assert refused.headers["retry-after"]
    assert "fitgraph_event_streams 20.0" in server.get("/metrics").text
    for one in readers:
        one.close()
