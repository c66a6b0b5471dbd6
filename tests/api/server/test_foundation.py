"""What holds for every request, whatever it asks."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fitgraph.api.server.settings import Settings, SettingsError, read_settings
from tests.support.command import Command
from tests.support.running_server import running_server


def test_the_command_serves_and_ends_on_sigterm(first_store: Path) -> None:
    """`fitgraph serve` says where it listens, answers, holds the store, and ends with 0."""
    with subprocess.Popen(
        [sys.executable, "-m", "fitgraph.api", "--store", first_store, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = (json.loads(line) for line in process.stderr)
        url = next(line["url"] for line in lines if line["event"] == "listening")
        assert url.startswith("http://127.0.0.1:")
        response = httpx.get(f"{url}/health/ready")
        assert response.json() == {"status": "ok"}
        busy = Command(first_store)("board", "list")
        assert busy.code == 3
        assert "is open in" in busy.err
        logged = next(line for line in lines if line["event"] == "request")
        assert logged["request_id"] == response.headers["x-request-id"]
        assert (logged["method"], logged["path"], logged["status"]) == ("GET", "/health/ready", 200)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_request_keeps_the_id_that_it_brings(client: httpx.Client) -> None:
    mine = str(uuid.uuid4())
    assert (
        client.get("/health/live", headers={"X-Request-Id": mine}).headers["x-request-id"] == mine
    )
    made = client.get("/health/live", headers={"X-Request-Id": "not one"}).headers["x-request-id"]
    assert str(uuid.UUID(made)) == made


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no/such/place", 404, "no-such-address"),
        ("GET", "/../../etc/passwd", 404, "no-such-address"),
        ("DELETE", "/health/live", 405, "method-not-allowed"),
        ("BREW", "/health/live", 405, "method-not-allowed"),
    ],
)
def test_every_error_is_a_problem_document(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(f"/{code}")
    assert problem["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    assert (status == 405) == ("allow" in response.headers)


def test_head_gives_the_headers_of_get(client: httpx.Client) -> None:
    got, head = client.get("/health/live"), client.head("/health/live")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


def test_pages_of_other_origins_may_read(client: httpx.Client) -> None:
    response = client.get("/health/live", headers={"Origin": "https://example.org"})
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x00c\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["nul in a header", "TLS"],
)
def test_what_is_no_http_is_refused_and_the_server_lives(client: httpx.Client, raw: bytes) -> None:
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(raw)
        assert b" 400 " in connection.recv(4096)
    assert client.get("/health/live").status_code == 200


def test_prometheus_gets_figures_by_route_and_not_by_address(client: httpx.Client) -> None:
    """An address is what somebody sends; a figure for each would fill the memory."""
    for path in ("/boards/nrf52840-dk", "/boards/none", "/no/such/place", "/nor/this"):
        client.get(path)
    client.request("BREW", "/nowhere")
    text = client.get("/metrics").text
    route = 'method="GET",route="/boards/{key:path}"'
    assert f'fitgraph_requests_total{{{route},status="200"}} 1.0' in text
    assert f'fitgraph_requests_total{{{route},status="404"}} 1.0' in text
    assert "none-such" not in text
    assert "BREW" not in text
    assert "nowhere" not in text
    assert 'fitgraph_request_seconds_bucket{le="0.02"' in text


def test_a_slow_body_is_408(tmp_path: Path) -> None:
    with running_server(tmp_path / "store", body_timeout_s=0.3) as client:
        parts = urlsplit(str(client.base_url))
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
            connection.sendall(
                b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                b"Content-Type: application/td+json\r\n\r\n{"
            )
            answer = connection.recv(4096)
            assert b" 408 " in answer
        assert client.get("/things").json() == []


def test_settings_come_from_file_environment_and_command_line(tmp_path: Path) -> None:
    """The later wins: file, environment, command line."""
    file = tmp_path / "server.toml"
    file.write_text('port = 1\nhost = "a"\nreading = "closed"\nservice_hosts = ["x", "y"]\n')
    found = read_settings({"FITGRAPH_SERVER_PORT": "2", "FITGRAPH_SERVER_CORS_ORIGINS": "a, b"},
                          file, port=3, host=None)  # fmt: skip
    assert (found.port, found.host, found.reading) == (3, "a", "closed")
    assert found.service_hosts == ("x", "y")
    assert found.cors_origins == ("a", "b")
    assert read_settings({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "many"), ("READING", "ajar"), ("COLOUR", "red"), ("PORT", "-1")]
)
def test_a_wrong_setting_is_said(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.lower()):
        read_settings({f"FITGRAPH_SERVER_{name}": value})


def test_a_server_on_a_public_address_takes_no_writes_without_tokens() -> None:
    assert not Settings(host="0.0.0.0").is_local  # noqa: S104 - not opened
    assert Settings().is_local
