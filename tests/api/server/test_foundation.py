"""What holds for every request, whatever it asks."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fitgraph.api.server.logs import LOGGER, JsonLines, TextLines
from fitgraph.api.server.serving import opened
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


@pytest.mark.parametrize(
    "text", ["port = inf", "reading = {}", "cors_origins = 1", "host = 3", "port = true", "port"]
)
def test_a_wrong_file_of_settings_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "server.toml"
    file.write_text(text)
    with pytest.raises(SettingsError):
        read_settings({}, file)
    with pytest.raises(SettingsError, match=r"absent\.toml cannot be read: No such file"):
        read_settings({}, tmp_path / "absent.toml")


def test_a_server_on_a_public_address_takes_no_writes_without_tokens(tmp_path: Path) -> None:
    """Not even from this machine: a proxy before it would be on this machine, too."""
    with running_server(tmp_path / "store", host="0.0.0.0") as client:  # noqa: S104 - the test
        assert client.get("/things").status_code == 200
        headers = {"Host": "localhost", "Content-Type": "application/td+json"}
        refused = client.post("/things", content=b"{}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "fitgraph token create" in refused.json()["hint"]


def test_a_request_under_way_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    """And a stream of events, which has no end of its own, is ended."""
    slow = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9)) + " }"
    with ThreadPoolExecutor(1) as threads:
        with running_server(tmp_path / "store", query_timeout_s=1.5) as client:
            address = str(client.base_url).rstrip("/")
            answer = threads.submit(
                httpx.get, f"{address}/sparql", params={"query": slow}, timeout=30
            )
            stream = httpx.Client().stream("GET", f"{address}/events", timeout=30)
            events = stream.__enter__()
            time.sleep(0.5)
        assert answer.result().status_code == 504
        assert b"events" in events.read()


def test_no_write_of_many_clients_is_lost(tmp_path: Path) -> None:
    """Writers, readers and questions side by side; each reads its own write at once."""
    td = {"Content-Type": "application/td+json"}

    with running_server(tmp_path / "store") as client:

        def work(number: int) -> None:
            for turn in range(6):
                thing = f"urn:lamp:{number}-{turn}"
                value = {
                    "@context": "https://www.w3.org/2022/wot/td/v1.1", "id": thing, "title": "L",
                    "security": "n", "securityDefinitions": {"n": {"scheme": "nosec"}},
                }  # fmt: skip
                put = client.put(f"/things/{thing}", content=json.dumps(value), headers=td)
                assert put.status_code == 201
                assert client.get(f"/things/{thing}").status_code == 200
                asked = client.get("/search/sparql", params={"query": f"ASK {{ <{thing}> ?p ?o }}"})
                assert asked.json()["boolean"] is True

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(8)))
        assert len(client.get("/things").json()) == 48


def test_a_server_that_is_about_to_end_says_so_and_goes_on_for_a_while(tmp_path: Path) -> None:
    """A proxy has time to notice; who asks meanwhile is answered."""
    with opened(tmp_path / "store", Settings(port=0, drain_s=1.5)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        url = server.url
        assert httpx.get(f"{url}/health/ready").status_code == 200
        server.should_exit = True
        deadline = time.monotonic() + 1.2
        while (ready := httpx.get(f"{url}/health/ready")).status_code == 200:
            assert time.monotonic() < deadline
        assert (ready.status_code, ready.json()["code"]) == (503, "overloaded")
        assert httpx.get(f"{url}/things").status_code == 200
        assert httpx.get(f"{url}/health/live").status_code == 200
        thread.join(20)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health/live")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_text_of_a_client_begins_a_line_of_the_log(form: str) -> None:
    record = LOGGER.makeRecord(
        LOGGER.name, logging.INFO, "", 0, "request", (), None, extra={"fields": {"path": "/a\nb\r"}}
    )
    line = (TextLines() if form == "text" else JsonLines()).format(record)
    assert line.splitlines() == [line]
    assert "request" in line
    assert (line[0] == "{") == (form == "json")
