"""A server over a store with the built-in boards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def served_store(first_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of ``client``, which the tests of one file share."""
    folder = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(first_store, folder)
    return folder


@pytest.fixture(scope="module")
def client(served_store: Path) -> Iterator[httpx.Client]:
    """A client of a server with the built-in boards, which the tests of one file share."""
    with running_server(served_store) as client:
        yield client


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server without things, which purges often and has eight streams."""
    folder = tmp_path_factory.mktemp("directory")
    with running_server(folder / "store", purge_every_s=0.2, event_streams=8) as client:
        yield client
