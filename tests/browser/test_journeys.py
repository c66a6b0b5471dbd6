"""What somebody does who comes with a question."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import DEVICE
from tests.support.browser import Browser, check_page

pytestmark = pytest.mark.browser


def test_a_board_is_found_by_words_and_opened(browser: Browser) -> None:
    browser.open("/")
    browser.find("main input[name=q]").send_keys("nrf52840 dk", Keys.ENTER)
    hit = browser.find(".hits a[href='/boards/nrf52840-dk']")
    browser.require_sound()
    hit.click()
    browser.wait(lambda: browser.path() == "/boards/nrf52840-dk")
    assert "nRF52840" in browser.text()


def test_words_that_nothing_has_are_answered_with_others(browser: Browser) -> None:
    check_page(browser, "/?q=no+such+thing+anywhere")
    assert "0 found" in browser.text()


def test_a_list_is_narrowed_by_facets_and_opened_again(browser: Browser) -> None:
    """Each choice is a link, so it works without a script, and the way back does."""
    browser.open("/boards")
    everything = browser.text("main p[aria-live] strong")
    browser.find(".facets details:first-of-type summary").click()
    choice = browser.find(".facets details[open] a")
    count = choice.find_element("css selector", ".quiet").text
    choice.click()
    browser.wait(lambda: "vendor=" in browser.path())
    assert browser.text("main p[aria-live] strong") == count != everything
    browser.require_sound()
    browser.find("ul.chips a.chip").click()
    browser.wait(lambda: "vendor=" not in browser.path())
    assert browser.text("main p[aria-live] strong") == everything


def test_a_list_is_sorted_by_its_headings(browser: Browser) -> None:
    browser.open("/boards")
    browser.find("th a[href*='sort=-ram']").click()
    heading = browser.find("th[aria-sort=descending]")
    assert heading.text.startswith("Largest RAM")
    browser.find("th[aria-sort=descending] a").click()
    assert browser.find("th[aria-sort=ascending]").text.startswith("Largest RAM")


def test_a_question_is_asked_and_its_answer_leads_on(browser: Browser) -> None:
    browser.open("/sparql")
    browser.find(".examples a[href$='question=isa-classes-by-boards']").click()
    browser.find("#answer table")
    browser.find("#answer svg[role=img]")
    assert "armv7e-m+fp" in browser.text("#answer")
    browser.require_sound()
    browser.find("#answer a[href='/id/isa/armv6-m']").click()
    browser.wait(lambda: browser.path() == "/id/isa/armv6-m")


@pytest.mark.parametrize(
    "question",
    ["memory-map-of-a-board", "operators-of-a-model", "boards-with-a-sensor-and-sram",
     "proofs-on-a-board", "things-with-a-property", "lineage-of-a-model"],
)  # fmt: skip
def test_a_question_with_values_is_asked_with_some_that_are_here(
    browser: Browser, question: str
) -> None:
    browser.open(f"/sparql?question={question}")
    browser.find("#answer, form.row input[required][value='']")
    browser.require_sound()


def test_a_query_is_coloured_run_by_keys_and_its_error_shown_in_place(browser: Browser) -> None:
    browser.open("/sparql")
    assert browser.find(".code-keyword").text == "PREFIX"
    field = browser.find("#query")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.NULL, "SELECT ?x { ?x a }")
    field.send_keys(Keys.CONTROL, Keys.ENTER)
    assert "line 1" in browser.text("[role=alert]")
    assert browser.find("#query").get_attribute("value") == "SELECT ?x { ?x a }"
    browser.require_sound("status of 400")


def test_triples_are_drawn(browser: Browser) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a fg:IsaClass ; ?p ?o } LIMIT 12"
    browser.open("/sparql")
    field = browser.find("#query")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.NULL, f"PREFIX fg: <https://w3id.org/fitgraph/ontology#> {query}")
    browser.find("#ask button").click()
    assert "12 triples" in browser.text("#answer")
    assert len(browser.all("#answer svg rect")) > 5
    browser.require_sound()


def test_a_proof_tells_where_it_comes_from(browser: Browser) -> None:
    browser.open("/proofs")
    browser.find("tbody th a").click()
    browser.find("a[href='/boards/stm32-blue-pill']")
    check_page(browser, browser.path())
    browser.look("desktop")
    browser.find("a[href$='/lineage']").click()
    browser.find("main svg")
    kinds = [cell.text for cell in browser.all("tbody td:first-child")]
    assert kinds == ["model", "recipe", "model", "board", "build", "firmware", "proof"]
    browser.require_sound()


def test_a_thing_shows_its_description_and_its_board(browser: Browser) -> None:
    check_page(browser, f"/things/{DEVICE}")
    assert '"title": "Lamp in the hall"' in browser.text("pre")
    browser.find("a[href='/boards/nrf52840-dk']")


def test_the_keyboard_is_enough(browser: Browser) -> None:
    """The first key leads past the head; a facet opens, and a choice is made, without a mouse."""

    def focused() -> str:
        return str(browser.driver.execute_script("return document.activeElement.className"))

    def press(*keys: str) -> None:
        ActionChains(browser.driver).send_keys(*keys).perform()

    browser.open("/boards")
    press(Keys.TAB)
    assert focused() == "skip"
    press(Keys.ENTER)
    assert browser.driver.execute_script("return document.activeElement.id") == "main"
    press(*[Keys.TAB] * 3)  # the words, the button, the first facet
    press(Keys.ENTER)
    browser.find(".facets details[open]")
    press(Keys.TAB, Keys.ENTER)
    browser.wait(lambda: "vendor=" in browser.path())


def test_what_is_in_focus_is_seen(browser: Browser) -> None:
    browser.open("/boards")
    ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    outline = browser.driver.execute_script(
        "return getComputedStyle(document.activeElement).outlineWidth"
    )
    assert float(outline.removesuffix("px")) >= 2
