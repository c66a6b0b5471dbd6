"""Builds in the background: progress, what comes of them, and what happens when they are ended."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.api.jobs.journal import Journal
from fitgraph.api.jobs.record import State
from fitgraph.api.model_files import read_whole
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.facts import model_facts
from tests.support.example_models import EXAMPLES, float_example, quantized_example
from tests.support.running_server import running_server

BOARD = "nrf52840-dk"


@pytest.fixture(scope="module")
def stocked(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the smallest example, in int8 and in float."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copytree(first_store, folder / "store")
    small = quantized_example("activity", folder)
    with open_registry(folder / "store") as registry:
        for name, file in (("small", small), ("float", float_example("activity"))):
            graph, content = read_whole(file)
            registry.add_model(graph, model_facts(graph), content, name)
    return folder / "store"


@pytest.fixture(scope="module")
def store(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of ``builder``."""
    return Path(shutil.copytree(stocked, tmp_path_factory.mktemp("building") / "store"))


@pytest.fixture(scope="module")
def builder(store: Path) -> Iterator[httpx.Client]:
    """A client of a server that the tests of this file share."""
    with running_server(store) as client:
        yield client


def ended(client: httpx.Client, address: str, patience_s: float = 60.0) -> dict[str, Any]:
    """A job once it has ended."""
    return until(client, address, {"done", "failed", "cancelled"}, patience_s)


def until(
    client: httpx.Client, address: str, states: set[str], patience_s: float = 60.0
) -> dict[str, Any]:
    deadline = time.monotonic() + patience_s
    while (job := client.get(address).json())["state"] not in states:
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    assert isinstance(job, dict)
    return job


def ordered(client: httpx.Client, **order: object) -> str:
    """The address of a build that was taken."""
    taken = client.post("/builds", json={"model": "small", "board": BOARD, **order})
    assert taken.status_code == 202, taken.text
    return taken.headers["Location"]


def children(of: int) -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and f"PPid:\t{of}\n" in (one / "status").read_text():
                found.append(int(one.name))
        except OSError:  # it ended meanwhile
            continue
    return found


def left_behind(store: Path, stocked: Path) -> Path:
    """The jobs that a server left, beside a graph that no thread of it may still hold open."""
    again = Path(shutil.copytree(stocked, store.with_name("again")))
    shutil.copytree(store / "jobs", again / "jobs")
    return again


def workers() -> list[int]:
    """Processes of ours that do a job."""
    found = []
    for one in children(os.getpid()):
        try:
            if b"jobs.worker_child" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
        except OSError:  # it ended meanwhile
            continue
    return found


def read_events(
    client: httpx.Client, address: str, last: str | None = None
) -> list[tuple[str, Any]]:
    """All events of a job until it ends, with their ids."""
    found, name, number = [], "", ""
    headers = {} if last is None else {"Last-Event-ID": last}
    with client.stream("GET", f"{address}/events", headers=headers) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            kind, _, said = line.partition(": ")
            if kind == "event":
                name = said
            elif kind == "data":
                data = json.loads(said)
            elif kind == "id":
                number = said
                found.append((number, {"event": name, **data}))
    return found


def test_a_build_tells_its_stages_and_delivers_firmware_with_its_proof(
    builder: httpx.Client,
) -> None:
    """The stream ends with the job; artifact, proof, graph and matches then have what was shown."""
    address = ordered(builder)
    events = read_events(builder, address)
    states = [one["state"] for _, one in events if one["event"] == "state"]
    stages = [one["stage"] for _, one in events if one["event"] == "stage"]
    assert states == ["queued", "running", "done"]
    assert stages[0] == "generate C"
    assert "emulate" in stages
    job = builder.get(address).json()
    assert (job["state"], job["model"], job["board"]) == ("done", "small", BOARD)
    archive = builder.get(f"{address}/artifact")
    assert archive.headers["Content-Type"] == "application/zip"
    digest = hashlib.sha256(archive.content).hexdigest()
    assert archive.headers["ETag"] == f'"{digest}"' == f'"{job["artifact_sha256"]}"'
    again = builder.get(f"{address}/artifact", headers={"If-None-Match": f'"{digest}"'})
    assert again.status_code == 304
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        assert any(name.endswith("/firmware.elf") for name in files.namelist())
    assert "@graph" in builder.get(f"{address}/proof").json()
    assert builder.get(f"/proofs/{job['proof']}").json()["board_id"] == BOARD
    verdict = builder.get(f"/matches/small/{BOARD}").json()
    assert verdict["verdict"] == "fits"
    log = builder.get(f"{address}/log").text
    assert "emulate" in log
    assert log.count("\n") == len(events)


def test_events_that_were_seen_are_not_told_again(builder: httpx.Client) -> None:
    """Who comes back gets the rest; who has seen the end is told not to come again."""
    address = ordered(builder, package="cmake")
    everything = read_events(builder, address)
    assert read_events(builder, address, everything[2][0]) == everything[3:]
    last = {"Last-Event-ID": everything[-1][0]}
    assert builder.get(f"{address}/events", headers=last).status_code == 204


def test_builds_are_listed_filtered_and_paged(builder: httpx.Client) -> None:
    address = ended(builder, ordered(builder, package="cmake"))["id"]
    listed = builder.get("/builds", params={"package": "cmake", "sort": "-queued_at", "limit": 1})
    assert listed.json()["items"][0]["id"] == address
    assert builder.get("/builds", params={"state": "nonsense"}).json()["total"] == 0
    assert builder.get("/builds", params={"colour": "red"}).status_code == 400
    rows = builder.get("/builds", headers={"Accept": "text/csv"}).text.splitlines()
    assert rows[0].startswith("id,kind,state,model")


def test_a_cancelled_build_leaves_nothing(builder: httpx.Client, store: Path) -> None:
    """Its worker and all that it started are gone, as is what they wrote."""
    before = builder.get("/proofs").json()["total"]
    address = ordered(builder, reserve={"RAM": 1024})
    until(builder, address, {"running"})
    cancelled = builder.delete(address)
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["state"] == "cancelled"
    assert not workers()
    place = store / "jobs" / cancelled.json()["id"]
    assert sorted(one.name for one in place.iterdir()) == ["events.jsonl"]
    assert builder.get("/proofs").json()["total"] == before
    assert builder.get(f"{address}/artifact").status_code == 404
    assert builder.delete(address).status_code == 409


def test_a_worker_that_is_killed_fails_its_build_alone(builder: httpx.Client) -> None:
    address = ordered(builder)
    until(builder, address, {"running"})
    for _ in range(100):
        if found := workers():
            os.kill(found[0], signal.SIGKILL)
            break
        time.sleep(0.02)
    job = ended(builder, address)
    assert (job["state"], job["error"]["code"]) == ("failed", "worker-ended")
    assert "SIGKILL" in job["error"]["detail"]
    assert job["error"]["hint"]
    assert ended(builder, ordered(builder))["state"] == "done"


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"job_timeout_s": 0.5}, "0.5 seconds"),
        ({"job_cpu_s": 1}, "CPU time"),
        ({"job_memory_bytes": 400 << 20}, "memory"),
    ],
    ids=["time", "CPU time", "memory"],
)
def test_a_build_over_a_limit_fails_and_says_which(
    stocked: Path, tmp_path: Path, limit: dict[str, Any], words: str
) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    test = base64.b64encode((EXAMPLES / "activity" / "test.npz").read_bytes()).decode()
    with running_server(tmp_path / "store", **limit) as client:
        job = ended(client, ordered(client, model="float", test=test))
    assert job["state"] == "failed"
    assert words in job["error"]["detail"] + job["error"]["hint"]


def test_jobs_survive_a_restart(stocked: Path, tmp_path: Path) -> None:
    """What waits is done after it, and what a server that died had begun is begun again."""
    shutil.copytree(stocked, tmp_path / "store")
    with running_server(tmp_path / "store", job_workers=0) as client:
        waiting, begun = ordered(client), ordered(client, package="cmake")
        unwanted = ordered(client, package="zephyr")
        assert client.delete(unwanted).json()["state"] == "cancelled"
    journal = Journal(tmp_path / "store" / "jobs", 100)
    journal.change(begun.rpartition("/")[2], state=State.RUNNING, attempts=1)
    journal.close()
    with running_server(left_behind(tmp_path / "store", stocked)) as client:
        assert ended(client, waiting)["state"] == "done"
        job = ended(client, begun)
        assert (job["state"], job["attempts"]) == ("done", 2)
        assert client.get(unwanted).json()["state"] == "cancelled"
        assert "started again" in client.get(f"{begun}/log").text


def test_a_server_that_ends_queues_again_what_is_under_way(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    with running_server(tmp_path / "store", shutdown_s=0) as client:
        address = ordered(client)
        until(client, address, {"running"})
    assert not workers()
    journal = Journal(tmp_path / "store" / "jobs", 100)
    assert [job.state for job in journal.jobs()] == [State.QUEUED]
    journal.close()
    with running_server(left_behind(tmp_path / "store", stocked)) as client:
        assert ended(client, address)["state"] == "done"


def test_a_server_that_ends_lets_a_build_end_if_there_is_time(
    stocked: Path, tmp_path: Path
) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    with running_server(tmp_path / "store", shutdown_s=20) as client:
        address = ordered(client)
        until(client, address, {"running"})
    journal = Journal(tmp_path / "store" / "jobs", 100)
    assert [job.state for job in journal.jobs()] == [State.DONE]
    journal.close()


def test_only_so_many_jobs_wait(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    with running_server(tmp_path / "store", job_workers=0, jobs_waiting=2) as client:
        ordered(client)
        ordered(client)
        refused = client.post("/builds", json={"model": "small", "board": BOARD})
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        assert refused.json()["code"] == "overloaded"


def test_streams_of_jobs_count_as_those_of_things(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    with running_server(tmp_path / "store", job_workers=0, event_streams=1) as client:
        at = ordered(client)
        with client.stream("GET", f"{at}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines)  # who lets go of the lines closes the stream
            assert client.get(f"{at}/events").status_code == 503
        assert client.delete(at).json()["state"] == "cancelled"
        metrics = client.get("/metrics").text
    assert "fitgraph_jobs_waiting 0.0" in metrics


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"model": "nowhere", "board": BOARD}, 404),
        ({"model": "small", "board": "nowhere"}, 404),
        ({"model": "small"}, 400),
        ({"model": "small", "board": BOARD, "isa": "armv6-m"}, 400),
        ({"model": "small", "isa": "host"}, 404),
        ({"model": "small", "board": BOARD, "colour": "red"}, 400),
        ({"model": "small", "board": BOARD, "package": "../../x"}, 400),
        ({"model": "small", "board": BOARD, "weights_in": "PSRAM"}, 400),
        ({"model": "small", "board": BOARD, "reserve": {"nowhere": 1}}, 400),
        ({"model": "small", "board": BOARD, "arena_budget": -1}, 400),
        ({"model": "small", "board": BOARD, "inputs": "no Base64!"}, 400),
        ({"model": "small", "board": BOARD, "runtime": "nowhere"}, 400),
        ([], 400),
    ],
)
def test_an_order_that_cannot_be_met_is_refused(
    builder: httpx.Client, order: object, status: int
) -> None:
    before = builder.get("/jobs").json()["total"]
    answer = builder.post("/builds", json=order)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert builder.get("/jobs").json()["total"] == before


def test_inputs_that_are_no_arrays_fail_the_build_with_a_hint(builder: httpx.Client) -> None:
    job = ended(builder, ordered(builder, inputs="AAAA"))
    assert (job["state"], job["error"]["code"]) == ("failed", "invalid-data")
    assert str(Path("/")) + "tmp" not in job["error"]["detail"]


def test_only_who_builds_may_order_and_cancel(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "store")
    tokens = TokenFile(tmp_path / "store" / "tokens.json")
    shown = {
        role: {"Authorization": f"Bearer {tokens.create(role, role)}"}
        for role in (Role.READER, Role.CURATOR, Role.BUILDER)
    }
    order = {"model": "small", "board": BOARD}
    with running_server(tmp_path / "store", job_workers=0) as client:
        assert client.post("/builds", json=order).status_code == 401
        for role in (Role.READER, Role.CURATOR):
            assert client.post("/builds", json=order, headers=shown[role]).status_code == 403
        taken = client.post("/builds", json=order, headers=shown[Role.BUILDER])
        assert taken.json()["who"] == Role.BUILDER
        at = taken.headers["Location"]
        assert client.get(at).json()["state"] == "queued"
        assert client.delete(at, headers=shown[Role.READER]).status_code == 403
        assert client.delete(at, headers=shown[Role.BUILDER]).json()["state"] == "cancelled"
