"""``fitgraph store``: what a killed command leaves is found, and a backup gives all back."""

from __future__ import annotations

import gzip
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgraph.registry.blobs import Blobs
from tests.support.command import Command
from tests.support.oxigraph_server import oxigraph_server


@pytest.fixture
def added(fitgraph: Command, repository: Path) -> Command:
    """A store with a small model."""
    model = repository / "examples" / "anomaly" / "anomaly.onnx"
    assert fitgraph("model", "add", model, "--name", "small").code == 0
    return fitgraph


def test_a_blob_without_use_is_found_and_deleted_and_no_other(added: Command) -> None:
    stray = Blobs(added.store / "blobs").put(b"left behind")
    health = added("store", "check", "--json").json
    assert (health["unused"], health["missing"], health["damaged"]) == ([stray], [], [])
    assert added("store", "clean", "--json").json == {"deleted": [stray]}
    assert added("store", "check", "--json").json["unused"] == []
    assert "deleted 0 files" in added("store", "clean").out
    assert added("model", "show", "small").code == 0


def test_a_file_that_is_damaged_or_missing_ends_with_one(added: Command) -> None:
    (sha256,) = Blobs(added.store / "blobs")
    path = added.store / "blobs" / sha256[:2] / sha256
    path.write_bytes(path.read_bytes()[:-1])
    damaged = added("store", "check", "--json")
    assert (damaged.code, damaged.json["damaged"]) == (1, [sha256])
    path.unlink()
    missing = added("store", "check")
    assert missing.code == 1
    assert f"missing   {sha256}" in missing.out


def test_a_young_file_stays_where_others_may_be_writing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha256 = blobs.put(b"just put")
    assert blobs.age_s(sha256) < 60
    os.utime(tmp_path / sha256[:2] / sha256, (1, 1))
    assert blobs.age_s(sha256) > 1e6
    blobs.put(b"just put")
    assert blobs.age_s(sha256) < 60


def test_a_backup_gives_back_every_graph_and_file(added: Command, tmp_path: Path) -> None:
    file, other = tmp_path / "all.tar.gz", Command(tmp_path / "other")
    assert added("store", "backup", file).code == 0
    assert other("store", "restore", file).code == 0
    assert other.contents() == added.contents()
    assert (
        other("model", "show", "small", "--json").json
        == added("model", "show", "small", "--json").json
    )
    assert (other.store / "built-in.json").read_text() == (
        added.store / "built-in.json"
    ).read_text()


def test_a_backup_of_a_folder_is_restored_on_a_server(
    added: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FITGRAPH_BLOBS", str(tmp_path / "blobs"))
    assert added("store", "backup", tmp_path / "all.tar.gz").code == 0
    with oxigraph_server(tmp_path / "server") as server:
        there = ("--store", server.url)
        assert added(*there, "store", "restore", tmp_path / "all.tar.gz").code == 0
        assert (
            added(*there, "model", "list", "--json").json == added("model", "list", "--json").json
        )
        assert added(*there, "store", "check").code == 0
        assert added(*there, "store", "clean").out == "deleted 0 files\n"


def test_a_backup_does_not_overwrite_nor_a_restore_what_is_in_use(
    added: Command, tmp_path: Path
) -> None:
    file = tmp_path / "all.tar.gz"
    assert added("store", "backup", file).code == 0
    assert "is there already" in added("store", "backup", file).err
    before = added.contents()
    assert "is in use" in added("store", "restore", file).err
    assert added.contents() == before


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def no_archive(_: bytes) -> bytes:
    return b"PK"


def other_graph(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content).replace(b"> <", b"> >", 1))


@pytest.mark.parametrize("damage", [cut, no_archive, other_graph])
def test_a_damaged_backup_is_refused_and_nothing_is_restored(
    added: Command, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file, other = tmp_path / "all.tar.gz", Command(tmp_path / "other")
    assert added("store", "backup", file).code == 0
    file.write_bytes(damage(file.read_bytes()))
    ended = other("store", "restore", file)
    assert ended.code == 2
    assert "no backup that can be restored" in ended.err
    assert other("model", "list", "--json").json == []


def test_a_backup_with_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(__file__, "../../evil.py")
    ended = Command(tmp_path / "other")("store", "restore", file)
    assert "does not belong there" in ended.err
    assert not (tmp_path.parent / "evil.py").exists()
