"""A real Chromium without a screen, for tests of what people see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

__all__ = ["Browser", "chromium", "needs_chromium"]

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

#: How long a page may take, in seconds.
PATIENCE = 100

#: How often the key is pressed until an element has the focus.
TABS = 200

needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="needs Debian's chromium and chromium-driver; .ci/run installs them",
)


class Browser:
    """A person at a browser, logged in at the server with the URL ``url``."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def log_in(self, path: str) -> None:
        """Give name and password for a page that asks for them, and from now on."""
        scheme, _, place = self.url.partition("://")
        # Browsers send them once they are asked for them.
        self.driver.get(f"{scheme}://zsync:zsync@{place}/{path}")
        self.console()

    def open(self, path: str) -> None:
        self.driver.get(f"{self.url}/{path}")

    def find(self, selector: str) -> WebElement:
        """The element, once the page has it."""
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
        )

    def has(self, selector: str) -> bool:
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str = "body") -> str:
        return self.find(selector).text

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def reach(self, selector: str) -> None:
        """Move the focus to an element with the key Tab alone."""
        wanted = self.find(selector)
        for _ in range(TABS):
            self.press(Keys.TAB)
            if self.driver.switch_to.active_element == wanted:
                return
        raise AssertionError(f"{selector} is not reached by keyboard")

    def follow(self, selector: str) -> None:
        """Reach a link or a button by keyboard, press Enter, wait for the page."""
        page = self.find("html")
        self.reach(selector)
        self.press(Keys.ENTER)
        WebDriverWait(self.driver, PATIENCE).until(lambda _: _is_gone(page))
        self.find("body")

    def console(self) -> list[str]:
        """What the console of the browser tells since the last call."""
        return [each["message"] for each in self.driver.get_log("browser")]

    def prefer(self, **features: str) -> None:
        """Have the pages shown as somebody prefers: ``prefers_color_scheme="dark"``."""
        media = [
            {"name": name.replace("_", "-"), "value": value}
            for name, value in features.items()
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})

    def use_scripts(self, wanted: bool) -> None:
        """Let the pages run scripts, or not."""
        self.driver.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": not wanted}
        )

    def overflows(self) -> bool:
        """Whether a page is wider than the window."""
        script = "return document.documentElement.scrollWidth > window.innerWidth"
        return bool(self.driver.execute_script(script))

    def faint(self, selector: str) -> list[str]:
        """Texts in an element that are hard to read: WCAG 2 wants a contrast of 4.5."""
        found: list[str] = self.driver.execute_script(_FAINT, self.find(selector))
        return found

    def unlabelled(self, selector: str) -> list[str]:
        """Fields and images in an element that a screen reader has no name for."""
        found: list[str] = self.driver.execute_script(_UNLABELLED, self.find(selector))
        return found


_FAINT = """
function parts(color) { return color.match(/[0-9.]+/g).map(Number); }
function light(color) {
  var linear = color.slice(0, 3).map(function (each) {
    each /= 255;
    return each <= 0.04045 ? each / 12.92 : Math.pow((each + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}
function behind(element) {
  for (; element; element = element.parentElement) {
    var color = parts(getComputedStyle(element).backgroundColor);
    if (color.length === 3 || color[3] === 1) { return color; }
  }
  return [255, 255, 255];
}
var texts = document.createTreeWalker(arguments[0], NodeFilter.SHOW_TEXT), found = [];
while (texts.nextNode()) {
  var text = texts.currentNode.data.trim(), element = texts.currentNode.parentElement;
  if (!text || !element.checkVisibility()) { continue; }
  var pair = [parts(getComputedStyle(element).color), behind(element)].map(light);
  if ((Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5) {
    found.push(text);
  }
}
return found;
"""

_UNLABELLED = """
return Array.from(
  arguments[0].querySelectorAll("input:not([type=hidden]), select, textarea, img")
).filter(function (each) {
  return !(each.labels && each.labels.length) && !each.getAttribute("aria-label") &&
    !(each.tagName === "IMG" && each.hasAttribute("alt"));
}).map(function (each) { return each.outerHTML; });
"""


def _is_gone(element: WebElement) -> bool:
    from selenium.common.exceptions import WebDriverException

    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


@contextmanager
def chromium(profile: Path, **preferences: Any) -> Iterator[webdriver.Chrome]:
    """Run a Chromium with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", preferences)
    for flag in (
        "headless",
        "no-sandbox",  # root cannot have one
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
        "no-proxy-server",
        f"user-data-dir={profile}",
    ):
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=DRIVER)
    with webdriver.Chrome(options=options, service=service) as driver:
        driver.set_page_load_timeout(PATIENCE)
        yield driver
