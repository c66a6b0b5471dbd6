"""A directory that holds the assertions of the Recommendation, and requests without any polish."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from tests.support.lamps import TD, description, new_id
from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a directory of its own, which purges often."""
    folder = tmp_path_factory.mktemp("discovery")
    with running_server(folder / "store", purge_every_s=0.1) as client:
        yield client


@pytest.fixture
def known(directory: httpx.Client) -> dict[str, Any]:
    """A description that the directory has."""
    value = description(new_id(), description="old", other={"kept": [1, 2.5, None]})
    made = directory.put(f"/things/{value['id']}", json=value, headers=TD)
    assert made.status_code == 201
    return value


@pytest.fixture
def as_it_stands(directory: httpx.Client) -> Iterator[HTTPConnection]:
    """A connection whose addresses are sent as they are written, brackets and quotes too."""
    connection = HTTPConnection(directory.base_url.host, directory.base_url.port or 80, timeout=30)
    yield connection
    connection.close()
