"""A backup of a running server: whole, as of one moment, and with the digest that it says."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from pathlib import Path

import httpx
import pytest

from fitgraph.api.access import Role, TokenFile
from fitgraph.api.client import Client
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.errors import StorageError
from tests.support.command import Command
from tests.support.lamps import TD, description
from tests.support.running_server import running_server
from tests.support.small_network import small_network

_MODEL = {"Content-Type": "application/octet-stream"}


def test_a_backup_that_is_made_during_writes_is_of_one_moment(tmp_path: Path) -> None:
    """Things come in pairs of one update; no backup has half a pair, or a model without file."""
    pair = """INSERT DATA {{ GRAPH <urn:left:{0}> {{ <urn:left:{0}> <urn:of> {0} }}
      GRAPH <urn:right:{0}> {{ <urn:right:{0}> <urn:of> {0} }} }}"""
    update = {"Content-Type": "application/sparql-update"}
    done = threading.Event()
    content = small_network(tmp_path).read_bytes()
    with running_server(tmp_path / "store") as client:

        def write() -> None:
            number = 0
            while not done.is_set():
                client.post("/sparql", content=pair.format(number), headers=update)
                client.post("/models?name=small", content=content, headers=_MODEL)
                client.delete("/models/small")
                number += 1

        writing = threading.Thread(target=write)
        writing.start()
        with Client(str(client.base_url)) as own:
            counts = [own.backup(tmp_path / f"{turn}.tar.gz") for turn in range(3)]
        done.set()
        writing.join()
    assert min(counts) > 1000
    for turn in range(3):
        place = tmp_path / f"restored-{turn}"
        assert Command(place)("restore", str(tmp_path / f"{turn}.tar.gz")).code == 0
        assert Command(place)("store", "check").code == 0
        with open_registry(place, read_only=True) as registry:
            graphs = [iri for iri in registry.store.graphs() if iri.startswith("urn:")]
            left = {iri.rpartition(":")[2] for iri in graphs if iri.startswith("urn:left:")}
            right = {iri.rpartition(":")[2] for iri in graphs if iri.startswith("urn:right:")}
            assert left == right
            for model in registry.list_models():
                assert registry.model_bytes(model.name)


def _wait_until_gone(folder: Path) -> None:
    """The server removes what it sent after the client has it."""
    deadline = time.monotonic() + 20
    while list(folder.rglob("fitgraph-backup-*")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_only_admins_get_a_backup_and_tokens_are_not_in_it(tmp_path: Path) -> None:
    store, file = tmp_path / "store", tmp_path / "all.tar.gz"
    with running_server(store) as client:
        client.put("/things/urn:lamp", json=description("urn:lamp"), headers=TD)
        tokens = TokenFile(store / "tokens.json")
        admin, curator = tokens.create("a", Role.ADMIN), tokens.create("c", Role.CURATOR)
        refused = client.post("/backup", headers={"Authorization": f"Bearer {curator}"})
        assert refused.status_code == 403
        response = client.post("/backup", headers={"Authorization": f"Bearer {admin}"})
        digest = base64.b64encode(hashlib.sha256(response.content).digest()).decode()
        assert response.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert response.headers["content-disposition"].endswith('.tar.gz"')
        url = str(client.base_url)
        done = Command(tmp_path / "none")("backup", str(file), "--server", url, "--token", admin)
        assert done.code == 0, done.err
        assert "saved" in done.out
        _wait_until_gone(store / "snapshots")
    restored = Command(tmp_path / "restored")
    assert restored("restore", str(file), "--json").json["graphs"] > 0
    assert "urn:lamp" in restored("thing", "list").out
    assert not (tmp_path / "restored" / "tokens.json").exists()


def test_a_backup_that_does_not_come_is_no_file(tmp_path: Path) -> None:
    fitgraph, file = Command(tmp_path / "store"), tmp_path / "all.tar.gz"
    refused = fitgraph("backup", str(file), "--server", "http://127.0.0.1:9")
    assert (refused.code, list(tmp_path.glob("all*"))) == (3, [])
    assert "is it running?" in refused.err
    file.write_bytes(b"mine")
    with Client("http://127.0.0.1:9") as client, pytest.raises(StorageError, match="there already"):
        client.backup(file)
    assert file.read_bytes() == b"mine"
    with running_server(tmp_path / "served") as client:
        other = httpx.get(f"{client.base_url}/backup")
        assert other.status_code == 405


def test_without_a_server_the_folder_is_saved(tmp_path: Path) -> None:
    fitgraph, file = Command(tmp_path / "store"), tmp_path / "all.tar.gz"
    assert fitgraph("backup", str(file)).code == 0
    assert Command(tmp_path / "other")("restore", str(file)).code == 0
