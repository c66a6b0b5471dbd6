"""From a form to firmware with its proof, and from a fleet to a plan, in a browser."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By

from tests.support.browser import Browser, check_page

pytestmark = pytest.mark.browser

FORM = "/builds/new?model=digits-int8&board=nrf52840-dk"
FLEET = """fleet: halls
groups: [{name: benches, board: stm32-blue-pill, count: 40}]
demands: [{name: read, task: digits, models: [digits-int8]}, {name: hear, task: nothing}]
"""


@pytest.mark.parametrize("path", ["/builds", "/builds/new", FORM, "/plans"])
def test_a_page_is_sound(browser: Browser, path: str) -> None:
    check_page(browser, path)


def test_a_build_is_watched_until_its_proof_is_there(browser: Browser) -> None:
    """The page shows stages as they come, and then what was shown, without a touch."""
    browser.open(FORM)
    browser.find("form[method=post] button").click()
    browser.find("#live progress")
    browser.wait(lambda: "measured" in browser.text(), "figures with their evidence")
    assert "Where it lies" in browser.text()
    assert "emulate" in browser.text("#log")
    link = browser.find("a.button[href$='/artifact']")
    assert "digits" in link.text
    built = browser.driver.current_url.removeprefix(browser.address)
    check_page(browser, built)
    check_page(browser, "/builds")


def test_a_build_is_cancelled_by_its_button(browser: Browser) -> None:
    browser.open(FORM)
    browser.find("form[method=post] button").click()
    browser.find("#live button").click()
    browser.wait(lambda: "cancelled" in browser.text(), "the end of the build")
    assert not browser.all("a.button[href$='/artifact']")


def test_a_fleet_is_planned_in_a_form(browser: Browser) -> None:
    """What is wrong is said above the form; what is right leads to the plan."""
    browser.open("/plans")
    browser.find("#fleet").clear()
    browser.find("#fleet").send_keys("fleet: [")
    browser.find("form[method=post] button").click()
    assert browser.find("[role=alert]").text
    field = browser.find("#fleet")
    browser.driver.execute_script("arguments[0].value = arguments[1]", field, FLEET)
    browser.driver.find_element(By.CSS_SELECTOR, "form[method=post] button").click()
    browser.wait(lambda: "Plan for halls" in browser.text(), "the plan")
    assert "Who is left out" in browser.text()
    assert browser.find("figure svg title").get_attribute("textContent") == "Plan for halls"
    check_page(browser, "/plans/halls")
