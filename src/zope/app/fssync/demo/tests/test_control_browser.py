"""The management interface in a real browser, beside zsync on the command line."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import script
from zope.app.fssync.testing.processes import environment

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="needs Debian's chromium and chromium-driver; .ci/run installs them",
    ),
]


class Browser:
    """A headless Chromium that is logged in."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str) -> None:
        self.driver.get(f"http://{self.address}/{path}")

    def find(self, selector: str) -> WebElement:
        """The element, once the page has it."""
        return WebDriverWait(self.driver, TIMEOUT).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
        )

    def add(self, kind: str) -> None:
        """Choose a kind of content in the list of things to add."""
        self.find("#commonTasks")
        link = f"//*[@id='commonTasks']//a[normalize-space()='{kind}']"
        self.driver.find_element(By.XPATH, link).click()

    def text(self) -> str:
        return self.find("body").text


@pytest.fixture
def browser(demo: Demo, tmp_path: Path) -> Iterator[Browser]:
    demo("start", "--port", "0")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
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
        f"user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=DRIVER)
    with webdriver.Chrome(options=options, service=service) as driver:
        driver.set_page_load_timeout(TIMEOUT)
        yield Browser(driver, f"localhost:{demo.running.port}")


def test_a_file_added_in_the_browser_is_edited_with_zsync(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "welcome.html"
    page.write_text("<html><body><p>Made in the browser.</p></body></html>\n")

    # The login is asked for at /manage.
    browser.driver.get(f"http://zsync:zsync@{browser.address}/manage")
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
        "checkout", f"http://zsync:zsync@{browser.address}/demo", "./parts/checkout"
    )
    copy = tmp_path / "parts/checkout/demo" / page.name
    assert copy.read_text() == page.read_text()
    copy.write_text(copy.read_text().replace("in the browser", "with zsync"))
    assert "Committed 1 object" in zsync("commit", "./parts/checkout")

    browser.driver.refresh()
    assert browser.text() == "Made with zsync."
