"""Chromium before a server whose store has boards, digits models, a proof and a thing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome

from tests.api import conftest as stores
from tests.support import lamps
from tests.support.browser import Browser, chromium
from tests.support.command import Command
from tests.support.running_server import running_server

first_store = stores.first_store
digits_store = stores.digits_store
#: A device, one of a board.
DEVICE = "urn:example:lamp-in-the-hall"


@pytest.fixture(scope="session")
def proven_store(
    digits_store: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The store with a firmware that was proven on a board."""
    folder = tmp_path_factory.mktemp("proven")
    shutil.copytree(digits_store, folder / "store")
    test_set = repository / "examples" / "digits" / "test.npz"
    done = Command(folder / "store")(
        "build", "digits-int8", "--board", "stm32-blue-pill", "--test", test_set,
        "--output", folder / "build",
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder / "store"


@pytest.fixture(scope="session")
def site(proven_store: Path) -> Iterator[httpx.Client]:
    """A client of the server that the browser looks at."""
    with running_server(proven_store) as client:
        link = {"rel": "type", "href": "https://w3id.org/fitgraph/id/board/nrf52840-dk"}
        lamps.put(client, lamps.description(DEVICE, title="Lamp in the hall", links=[link]))
        yield client


@pytest.fixture(scope="session")
def driver() -> Iterator[Chrome]:
    """One browser for all tests; it starts in a second."""
    with chromium() as driver:
        yield driver


@pytest.fixture
def browser(driver: Chrome, site: httpx.Client) -> Browser:
    """The browser before the server, as from a desktop."""
    found = Browser(driver, str(site.base_url).rstrip("/"))
    found.look("desktop")
    return found
