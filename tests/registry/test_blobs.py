"""Blobs are named by their bytes, whole or not there, and go when nothing speaks of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.registry.blobs import Blobs, digest
from fitgraph.registry.errors import NotFoundError, StorageError
from tests.support.full_disk import fill_up, small_disk

CONTENT = b"some bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files(blobs: Blobs) -> list[Path]:
    return [path for path in Path(blobs.url).rglob("*") if path.is_file()]


@given(content=st.binary(max_size=200))
def test_bytes_come_back_under_their_digest(content: bytes) -> None:
    blobs = Blobs("memory://round-trip")
    assert blobs.get(blobs.put(content)) == content


def test_a_blob_lies_below_the_first_digits_of_its_digest(blobs: Blobs) -> None:
    assert blobs.put(CONTENT) == SHA256
    assert files(blobs) == [Path(blobs.url) / SHA256[:2] / SHA256]


def test_a_file_and_its_bytes_are_one_blob(blobs: Blobs, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(CONTENT)
    assert blobs.put(path) == blobs.put(CONTENT) == digest(path)
    assert list(blobs) == [SHA256]


def test_a_file_larger_than_a_piece_is_stored_whole(blobs: Blobs, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * 10_000)
    assert blobs.get(blobs.put(path)) == path.read_bytes()


def test_a_blob_that_is_there_is_not_written_again(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    (path,) = files(blobs)
    before = path.stat().st_ino
    blobs.put(CONTENT)
    assert path.stat().st_ino == before


def test_a_blob_in_use_is_not_deleted(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    assert not blobs.delete(SHA256, lambda sha256: sha256 == SHA256)
    assert blobs.has(SHA256)


def test_a_blob_without_use_is_deleted_once(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    assert blobs.delete(SHA256, lambda _: False)
    assert not blobs.delete(SHA256, lambda _: False)
    assert list(blobs) == []


def test_a_damaged_blob_is_not_handed_out(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    (path,) = files(blobs)
    path.write_bytes(b"other bytes")
    with pytest.raises(StorageError, match="damaged") as caught:
        blobs.get(SHA256)
    assert SHA256 in caught.value.message


def test_a_missing_blob_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(NotFoundError, match=SHA256):
        blobs.get(SHA256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256.upper(), SHA256[:-1]])
def test_what_is_no_digest_names_no_blob(blobs: Blobs, name: str) -> None:
    with pytest.raises(NotFoundError, match="does not name a blob"):
        blobs.get(name)


def test_a_file_that_is_not_there_is_not_stored(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nothing\.onnx"):
        blobs.put(tmp_path / "nothing.onnx")
    assert files(blobs) == []


def test_a_disk_that_fills_up_keeps_no_part_of_a_blob(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        blobs = Blobs(disk / "blobs")
        blobs.put(CONTENT)
        fill_up(disk, leave_bytes=64 * 1024)
        with pytest.raises(StorageError, match="No space left") as caught:
            blobs.put(b"x" * (256 * 1024))
        assert caught.value.hint
        assert list(blobs) == [SHA256]
        assert [path.name for path in files(blobs)] == [SHA256]


def test_what_a_killed_process_left_is_deleted(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    partial = Path(blobs.url) / "partial" / "half-written"
    partial.write_bytes(b"half")
    blobs.delete_partial()
    assert files(blobs) == [Path(blobs.url) / SHA256[:2] / SHA256]
    blobs.delete_partial()


def test_a_folder_of_blobs_may_be_any_file_system_of_fsspec() -> None:
    blobs = Blobs("memory://somewhere/blobs")
    blobs.put(CONTENT)
    assert list(blobs) == [SHA256]
    assert Blobs("memory://somewhere/blobs").get(SHA256) == CONTENT
