"""From a model to a board that it runs on, and why it does not run on another."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.support.browser import Browser, check_page

pytestmark = pytest.mark.browser

PAGES = (
    "/matches",
    "/matches?model=digits-int8",
    "/matches?board=nrf52840-dk&verdict=no",
    "/matches/digits-int8/nrf52840-dk",
    "/models/digits?timeline=1",
    "/rankings",
    "/rankings?board=nrf52840-dk&x=sram&y=flash",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_about_matches_is_sound(browser: Browser, path: str) -> None:
    check_page(browser, path)


def test_a_board_for_a_model_is_found_by_clicks(browser: Browser) -> None:
    """From the model to its boards that fit, and to the explanation of the first."""
    browser.open("/models/digits-int8")
    browser.find("a .verdict-fits").click()
    browser.wait(lambda: "verdict=fits" in browser.path())
    browser.find("table td:last-child a").click()
    browser.wait(lambda: browser.path().startswith("/matches/digits-int8/"))
    assert "Every constraint is shown" in browser.text(".answer")
    assert "fitgraph build digits-int8" in browser.text(".copy")
    browser.require_sound()


def test_remedies_come_behind_the_page(browser: Browser) -> None:
    browser.open("/matches/digits/stm32-blue-pill")
    assert "A fact rules it out" in browser.text(".answer")
    heading = browser.find("#remedies-heading")
    browser.driver.execute_script("arguments[0].scrollIntoView()", heading)
    browser.wait(lambda: "fitgraph quantize digits" in browser.text("#explained"))
    assert browser.path() == "/matches/digits/stm32-blue-pill"
    browser.require_sound()


def test_the_memory_timeline_comes_behind_the_page(browser: Browser) -> None:
    browser.open("/models/digits")
    browser.driver.execute_script("document.getElementById('timeline').scrollIntoView()")
    browser.find("#timeline svg")
    browser.require_sound()


def test_arrow_keys_go_through_the_matrix(browser: Browser) -> None:
    browser.open("/matches?by=board&boards=nrf")
    cells = browser.all("table.matrix tbody tr:first-child td a")
    assert [cell.get_attribute("tabindex") for cell in cells[:2]] == ["0", "-1"]
    cells[0].send_keys(Keys.ARROW_RIGHT)
    assert browser.driver.switch_to.active_element == cells[1]
    assert cells[1].get_attribute("title") == browser.text("#cell-words")
    cells[1].send_keys(Keys.ARROW_DOWN)
    below = browser.all("table.matrix tbody tr:nth-child(2) td a")[1]
    assert browser.driver.switch_to.active_element == below
    below.send_keys(Keys.ENTER)
    browser.wait(lambda: browser.path().startswith("/matches/"))


def test_the_matrix_is_filtered_by_its_form(browser: Browser) -> None:
    browser.open("/matches")
    field = browser.find("input[name=models]")
    field.send_keys("int8", Keys.ENTER)
    browser.wait(lambda: "models=int8" in browser.path())
    rows = browser.all("table.matrix tbody th")
    assert [row.text for row in rows] == ["digits-int8"]
