"""The demonstration in a real browser: its front page, names, and files."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.by import By

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import needs_chromium

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.fixture
def host(hosts: Any) -> Any:
    return hosts("toolkit")


def test_the_front_page_tells_what_one_can_do(browser: Browser, host: Any) -> None:
    browser.open("")
    told = browser.text("main p")
    assert told.count(". ") + told.endswith(".") == 3
    browser.follow("a[href*=synchronize]")
    assert browser.has("#zsync-command")


def test_names_of_all_scripts_are_shown(browser: Browser, host: Any) -> None:
    browser.open("demo/@@contents.html")
    shown = browser.text()
    assert "\u65e5\u672c\u8a9e" in shown
    assert "\u00dcbersicht.txt" in shown
    browser.driver.find_element(By.LINK_TEXT, "\u65e5\u672c\u8a9e").click()
    assert "\u3053\u3093\u306b\u3061\u306f.txt" in browser.text("#viewspace")
    browser.console()


def test_a_click_on_a_file_stays_in_the_management_interface(
    browser: Browser, host: Any
) -> None:
    for name in ("hello.txt", "colours.png", "large.bin"):
        browser.open("demo/@@contents.html")
        browser.driver.find_element(By.LINK_TEXT, name).click()
        assert browser.find("#breadcrumbs")
        assert f"/demo/{name}/" in browser.driver.current_url
        browser.driver.find_element(By.LINK_TEXT, "Synchronize").click()
        assert name in str(browser.find("#zsync-command").get_attribute("value"))
    browser.console()
