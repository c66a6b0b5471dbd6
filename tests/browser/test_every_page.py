"""What holds of every page: no errors in the console, accessible, no wider than its window."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DEVICE
from tests.support.browser import Browser, check_page

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/?q=digits",
    "/things",
    "/sparql",
    "/terms",
    "/boards?vendor=Arduino&sort=-ram",
    "/models/digits-int8/lineage",
    "/models",
    "/boards",
    "/mcus",
    "/runtimes",
    "/devices",
    "/footprints",
    "/proofs",
    "/models/digits-int8",
    "/boards/nrf52840-dk",
    "/mcus/nrf52840",
    "/runtimes/fitgraph-c",
    f"/devices/{DEVICE}",
    "/id/isa/armv6-m",
    "/id/operator/onnx/Conv",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(browser: Browser, path: str) -> None:
    check_page(browser, path)


def test_what_is_not_there_is_said_on_a_page(browser: Browser) -> None:
    check_page(browser, "/boards/nrf52840-kd", "status of 404")
    assert "nrf52840-dk" in browser.text()
