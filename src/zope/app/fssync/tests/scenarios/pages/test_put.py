"""Put in a real browser, by keyboard, on each host."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import needs_chromium
from zope.app.fssync.tests.scenarios.pages.test_get_and_look import fetch

pytestmark = [pytest.mark.slow, needs_chromium]

#: Where the picture of README.txt is to be written: docs/pages.png.
PICTURE = os.environ.get("FSSYNC_PICTURE")


def test_a_person_uploads_a_zip(browser: Browser, host: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as made:
        made.writestr("put.txt", "from <here>\n")
        made.writestr("hello.txt", "Hello from a browser!\n")
        made.writestr("folder/deep.txt", "deep\n")
    browser.open(f"{host.folder}/@@synchronize.html")
    browser.follow(".zsync-tabs a[href*=put]")
    browser.find("#zsync-upload").send_keys(str(tmp_path / "up.zip"))
    browser.reach("#zsync-note")
    browser.press("New from a browser")
    browser.follow("#zsync-rehearse")
    table = browser.text("#zsync-edits")
    assert f"added {host.top}/put.txt" in table
    assert "+from <here>" in browser.text(".zsync-main")
    assert browser.faint("div.zsync") == []
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-put.png"))
    if PICTURE and host.name == "toolkit":
        browser.driver.set_window_size(800, 760)
        browser.driver.save_screenshot(PICTURE)
    browser.driver.set_window_size(400, 800)
    assert not browser.overflows()
    browser.follow("#zsync-confirm")
    assert browser.find("[role=status]")
    browser.follow(".zsync-tabs a[href*=history]")
    assert "New from a browser" in browser.text(".zsync-main tbody tr")
    assert "added put.txt" in browser.text(".zsync-main tbody tr")


def test_a_person_drops_a_folder_that_was_downloaded(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    """Its descriptions are merged with the objects as they are."""
    browser.open(f"{host.folder}/@@synchronize.html")
    with fetch(browser.find("#zsync-zip").get_attribute("href")) as response:
        zipfile.ZipFile(io.BytesIO(response.read())).extractall(tmp_path)
    (tmp_path / host.top / "dropped.txt").write_text("dropped\n")
    browser.follow(".zsync-tabs a[href*=put]")
    browser.find("#zsync-folder").send_keys(str(tmp_path / host.top))
    browser.follow("#zsync-rehearse")
    rows = browser.text("#zsync-edits tbody").splitlines()
    assert rows == [f"added {host.top}/dropped.txt"]
    browser.follow("#zsync-confirm")
    assert browser.find("[role=status]")


def test_a_person_without_scripts_uploads_a_zip(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as made:
        made.writestr("plain.txt", "without scripts\n")
    browser.use_scripts(False)
    try:
        browser.open(f"{host.folder}/@@synchronize.html")
        assert not browser.find("[data-copy]").is_displayed()
        browser.follow(".zsync-tabs a[href*=put]")
        browser.find("#zsync-upload").send_keys(str(tmp_path / "up.zip"))
        browser.follow("#zsync-rehearse")
        browser.follow("#zsync-confirm")
        assert browser.find("[role=status]")
    finally:
        browser.use_scripts(True)
