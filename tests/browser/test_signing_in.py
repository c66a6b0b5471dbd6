"""Signing in with a token, building something, and signing out, in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from fitgraph.api.access import Role, TokenFile
from tests.support.browser import Browser, check_page
from tests.support.running_server import running_server

pytestmark = pytest.mark.browser

FORM = "/builds/new?model=digits-int8&board=nrf52840-dk"


@pytest.fixture(scope="module")
def tokens(proven_store: Path, tmp_path_factory: pytest.TempPathFactory) -> TokenFile:
    folder = tmp_path_factory.mktemp("closed") / "store"
    shutil.copytree(proven_store, folder)
    return TokenFile(folder / "tokens.json")


@pytest.fixture(scope="module")
def secret(tokens: TokenFile) -> str:
    return tokens.create("berta", Role.BUILDER)


@pytest.fixture
def closed(driver: Chrome, tokens: TokenFile, secret: str) -> Iterator[Browser]:
    """A browser before a server on which nobody reads without a token."""
    assert secret
    with running_server(tokens.path.parent, reading="closed") as client:
        found = Browser(driver, str(client.base_url).rstrip("/"))
        found.look("desktop")
        yield found
        driver.delete_all_cookies()


def _sign_in(browser: Browser, token: str) -> None:
    browser.find("#token").send_keys(token)
    browser.find("main form button").click()


def test_the_form_is_sound_and_says_what_is_wrong(closed: Browser) -> None:
    check_page(closed, "/sign-in")
    check_page(closed, "/boards", "status of 401")
    closed.find("main a.button").click()
    _sign_in(closed, "fitgraph_wrong")
    assert "not valid" in closed.text("[role=alert]")
    closed.require_sound("status of 401")


def test_a_builder_signs_in_builds_and_signs_out(closed: Browser, secret: str) -> None:
    """From the page that wants a token back to it, and a build is under way and is cancelled."""
    closed.open(FORM)
    closed.find("main a.button").click()
    _sign_in(closed, secret)
    closed.wait(lambda: closed.path() == FORM, "the page that was asked for")
    assert "berta" in closed.text("header")
    assert closed.driver.execute_script("return document.cookie") == ""
    closed.find("main form[method=post] button").click()
    closed.find("#live button").click()
    closed.wait(lambda: "cancelled" in closed.text(), "the end of the build")
    check_page(closed, "/")
    check_page(closed, "/sign-in")
    assert "builder" in closed.text()
    closed.find("header form.who button").click()
    closed.wait(lambda: closed.path() == "/", "the first page")
    assert "401" in closed.text()
