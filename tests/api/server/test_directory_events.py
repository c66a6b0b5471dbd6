"""The events of the directory of things."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from tests.support.lamps import description, put
from tests.support.listener import Listener
from tests.support.running_server import running_server


def test_events_tell_of_every_change_and_of_what_was_missed(tmp_path: Path) -> None:
    with running_server(tmp_path / "store") as client:
        plain, full = Listener(client, "/events"), Listener(client, "/events?diff=true")
        deletions = Listener(client, "/events/thing_deleted?diff=true")
        value = description("urn:a:lamp", description="old")
        put(client, value)
        put(client, {**description("urn:a:lamp"), "title": "New"}, status=204)
        client.delete("/things/urn:a:lamp").raise_for_status()
        names = ["thing_created", "thing_updated", "thing_deleted"]
        told = plain.wait_for(3)
        assert [one["event"] for one in told] == names
        assert [one["data"] for one in told] == [{"id": "urn:a:lamp"}] * 3
        created, updated, deleted = (one["data"] for one in full.wait_for(3))
        assert created["title"] == "Lamp"
        assert created["registration"]["created"]
        assert (updated["title"], updated["description"]) == ("New", None)
        assert updated["id"] == "urn:a:lamp"
        assert deleted == {"id": "urn:a:lamp"}
        assert deletions.wait_for(1)[0]["data"] == {"id": "urn:a:lamp"}
        missed = Listener(client, "/events", last=told[0]["id"]).wait_for(2)
        assert [one["event"] for one in missed] == names[1:]


def test_streams_are_few_and_unknown_types_are_400(directory: httpx.Client) -> None:
    assert directory.get("/events/thing_painted").status_code == 400
    assert directory.get("/events?diff=perhaps").status_code == 400
    address = f"{str(directory.base_url).rstrip('/')}/events"
    open_ones = [httpx.Client() for _ in range(8)]
    streams = [one.stream("GET", address) for one in open_ones]
    for stream in streams:
        assert stream.__enter__().status_code == 200
    refused = directory.get("/events")
    assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
    for one in open_ones:
        one.close()
    deadline = time.monotonic() + 10
    while True:
        with httpx.stream("GET", address) as again:
            if again.status_code == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.05)
