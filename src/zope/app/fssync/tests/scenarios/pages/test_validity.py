"""The pages are valid: a browser has nothing to mend."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import needs_chromium
from zope.app.fssync.testing.validhtml import BUILD
from zope.app.fssync.testing.validhtml import parsed
from zope.app.fssync.testing.validhtml import part
from zope.app.fssync.tests.scenarios.pages.test_get_and_look import fetch

pytestmark = [pytest.mark.slow, needs_chromium]

#: The part of a page that is ours.
OURS = "div.zsync"

#: Returns the edges of the tabs, that of the current one first.
EDGES = """
const edge = tab => getComputedStyle(tab).borderBottomColor;
const tabs = Array.from(document.querySelectorAll(".zsync-tabs a"));
const isCurrent = tab => tab.hasAttribute("aria-current");
tabs.sort((tab, other) => isCurrent(other) - isCurrent(tab));
return tabs.map(edge);
"""

PAGES = (
    *("synchronize.html", "synchronize-look.html", "synchronize-look.html?all=1"),
    *("synchronize-put.html", "synchronize-history.html", "synchronize-activity.html"),
)


def test_a_browser_has_nothing_to_mend(browser: Browser, host: Any) -> None:
    for page in PAGES:
        with fetch(f"{host.url}/{host.folder}/@@{page}") as response:
            text = response.read().decode("utf-8")
        is_ours = host.name == "toolkit"
        checked = text if is_ours else part(text)
        selector = "html" if is_ours else OURS
        built = browser.driver.execute_script(BUILD, text, selector)
        assert parsed(checked) == built, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_can_be_read_and_fields_have_names(
    browser: Browser, host: Any, scheme: str
) -> None:
    browser.prefer(prefers_color_scheme=scheme)
    for page in PAGES:
        browser.open(f"{host.folder}/@@{page}")
        assert browser.faint(OURS) == [], page
        assert browser.unlabelled(OURS) == [], page
    browser.prefer()


def test_the_current_tab_stands_out_in_forced_colours(
    browser: Browser, host: Any
) -> None:
    browser.prefer(forced_colors="active")
    browser.open(f"{host.folder}/@@synchronize.html")
    current, *others = browser.driver.execute_script(EDGES)
    browser.prefer()
    assert len(set(others)) == 1
    assert current not in others
