"""The management interface in a real browser, beside zsync on the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import chromium
from zope.app.fssync.testing.chromium import needs_chromium
from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import script
from zope.app.fssync.testing.processes import environment

pytestmark = [pytest.mark.slow, needs_chromium]


class Management(Browser):
    """The management interface."""

    def add(self, kind: str) -> None:
        """Choose a kind of content in the list of things to add."""
        self.find("#commonTasks")
        link = f"//*[@id='commonTasks']//a[normalize-space()='{kind}']"
        self.driver.find_element(By.XPATH, link).click()


@pytest.fixture
def browser(demo: Demo, tmp_path: Path) -> Iterator[Management]:
    demo("start", "--port", "0")
    with chromium(tmp_path / "profile") as driver:
        yield Management(driver, f"http://localhost:{demo.running.port}")


def test_a_file_added_in_the_browser_is_edited_with_zsync(
    browser: Management, demo: Demo, tmp_path: Path
) -> None:
    page = tmp_path / "welcome.html"
    page.write_text("<html><body><p>Made in the browser.</p></body></html>\n")

    # The login is asked for at /manage.
    browser.log_in("manage")
    browser.add("Folder")
    name = browser.find("input[name=new_value]")
    name.send_keys("demo")
    browser.find("input[type=submit][value=Apply]").click()
    assert browser.find("a[href='demo/@@SelectedManagementView.html']")

    browser.open("demo/@@contents.html")
    browser.add("File")
    browser.find("input[type=file]").send_keys(str(page))
    browser.find("input[name=add_input_name]").send_keys(page.name)
    browser.find("input[name=UPDATE_SUBMIT]").click()
    assert browser.find(f"a[href='{page.name}/@@SelectedManagementView.html']")
    browser.open(f"demo/{page.name}")
    assert browser.text() == "Made in the browser."

    port = demo.running.port

    def zsync(*args: str) -> str:
        return subprocess.check_output(
            script("bin/zsync", *args),
            cwd=tmp_path,
            env=environment(HOME=str(tmp_path)),
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )

    assert "Checked out " in zsync(
        "checkout", f"http://zsync:zsync@localhost:{port}/demo", "./parts/checkout"
    )
    copy = tmp_path / "parts/checkout/demo" / page.name
    assert copy.read_text() == page.read_text()
    copy.write_text(copy.read_text().replace("in the browser", "with zsync"))
    assert "Committed 1 object" in zsync("commit", "./parts/checkout")

    browser.driver.refresh()
    assert browser.text() == "Made with zsync."
