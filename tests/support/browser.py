"""A real browser that looks at a real server, and what must hold of every page in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.tools import in_ci, require_tool

_AXE: Final = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
_ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",  # CI is root, whom Chromium's sandbox refuses
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for pages
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)
PATIENCE_S: Final = 20.0
#: Widths in CSS pixels, with what is preferred there; both are looked at, and both schemes.
LOOKS: Final = {"desktop": (1280, 900, "light"), "phone": (390, 844, "dark")}
_RUN_AXE: Final = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})
  .then(found => done(found.violations.map(v => v.id + ': ' + v.help + '\\n  ' +
    v.nodes.slice(0, 5).map(n => n.target.join(' ') + ' | ' + n.failureSummary).join('\\n  '))))
  .catch(error => done(['axe failed: ' + error]));
"""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser before a server.

    Attributes:
        address: of the server.
    """

    driver: Chrome
    address: str

    def open(self, path: str) -> None:
        """Goes to a page; what earlier ones logged is forgotten."""
        self._logged()
        self.driver.get(self.address + path)

    def look(self, name: str) -> None:
        """Looks as from a desktop or a phone."""
        width, height, scheme = LOOKS[name]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )

    def find(self, css: str) -> WebElement:
        """The first element that a selector means, once it is there."""
        found = self.wait(lambda: next(iter(self.all(css)), None), css)
        assert isinstance(found, WebElement)
        return found

    def all(self, css: str) -> list[WebElement]:
        """All elements that a selector means by now."""
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def wait(self, condition: Any, what: str = "what the test waits for") -> Any:
        """What a condition gives, once it gives something."""
        # A script may put new elements in the place of those just found.
        passing = (StaleElementReferenceException,)
        waiting = WebDriverWait(self.driver, PATIENCE_S, 0.05, ignored_exceptions=passing)
        return waiting.until(lambda _: condition(), what)

    def text(self, css: str = "main") -> str:
        """The text that an element shows."""
        (found,) = self.wait(lambda: (self.find(css).text,), css)
        return str(found)

    def path(self) -> str:
        """The address shown, without the server's."""
        return self.driver.current_url.removeprefix(self.address)

    def require_sound(self, *allowed: str) -> None:
        """Makes sure that the page logs no errors, is accessible, and no wider than the window.

        Args:
            allowed: parts of messages that are no fault, such as the page's own status 404.
        """
        wrong = [one for one in self._logged() if not any(part in one for part in allowed)]
        assert not wrong, wrong
        excess = self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert excess <= 0, f"{self.path()} is {excess} pixels wider than the window"
        self.driver.execute_script(_axe())
        violations = self.driver.execute_async_script(_RUN_AXE)
        assert not violations, f"{self.path()}\n" + "\n".join(violations)

    def _logged(self) -> list[str]:
        """What the console has been told since this was asked last."""
        logged = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(one["message"]) for one in logged]


def check_page(browser: Browser, path: str, *allowed: str) -> None:
    """Opens a page as from a desktop by day, and a phone by night; it must be sound in both."""
    for name in reversed(LOOKS):
        browser.look(name)
        browser.open(path)
        browser.require_sound(*allowed)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """Chromium without a window; skips where there is none, fails in CI."""
    options = ChromeOptions()
    options.binary_location = str(require_tool("chromium"))
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(str(require_tool("chromedriver"))))
    driver.set_page_load_timeout(PATIENCE_S)
    driver.set_script_timeout(PATIENCE_S)
    try:
        yield driver
    finally:
        driver.quit()


def _axe() -> str:
    if not _AXE.is_file():
        reason = "axe-core is not installed: `make test-browser` does it, with npm"
        pytest.fail(reason, pytrace=False) if in_ci() else pytest.skip(reason)
    return _AXE.read_text(encoding="utf-8")
