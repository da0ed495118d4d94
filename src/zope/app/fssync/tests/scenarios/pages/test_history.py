"""History in a real browser, by keyboard, on each host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import needs_chromium
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment

pytestmark = [pytest.mark.slow, needs_chromium]

#: One pixel.
IMAGE = (
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0"
    b"\x02\x02D\x01\0;"
)


def commit(host: Any, place: Path) -> str:
    """Change a text, and add an image, as somebody at a terminal does.

    Returns the first line of what the text was: tests share the hosts.
    """

    def zsync(*args: str) -> None:
        done = run_zsync(*args, cwd=place, env=environment(place))
        assert done.returncode == 0, done.stderr

    url = f"{host.url.replace('//', '//zsync:zsync@')}/{host.folder}"
    zsync("checkout", "--layout", "3", url, "co")
    text = place / "co" / host.top / "hello.txt"
    before = text.read_text().splitlines()[0]
    text.write_text("<b>Hello</b> again\n")
    (place / "co" / host.top / "dot.gif").write_bytes(IMAGE)
    zsync("add", f"co/{host.top}/dot.gif")
    zsync("commit", "-m", "A <new> text", f"co/{host.top}")
    return before


def test_a_person_sees_who_changed_what_and_takes_it_back(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    before = commit(host, tmp_path)
    browser.open(f"{host.folder}/@@synchronize.html")
    browser.follow(".zsync-tabs a[href*=history]")
    first = browser.text(".zsync-main tbody tr")
    assert "A <new> text" in first
    assert "zsync" in first
    assert "changed hello.txt" in first
    assert "added dot.gif" in first
    browser.follow(".zsync-main td a")
    lines = browser.driver.find_elements(By.CSS_SELECTOR, ".zsync-diff ins")
    assert "+<b>Hello</b> again" in [line.text for line in lines]
    assert f"-{before}" in browser.text(".zsync-main")
    image = browser.find("img[alt=After]")
    assert image.get_property("naturalWidth") == 1
    assert browser.faint("div.zsync") == browser.unlabelled("div.zsync") == []
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-history.png"))
    browser.driver.set_window_size(400, 800)
    assert not browser.overflows()
    browser.driver.set_window_size(1200, 900)
    browser.follow("#zsync-undo")
    table = browser.text("#zsync-edits")
    assert f"changed {host.top}/hello.txt" in table
    assert f"removed {host.top}/dot.gif" in table
    assert f"+{before}" in browser.text(".zsync-main")
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-undo.png"))
    browser.driver.set_window_size(400, 800)
    assert not browser.overflows()
    browser.follow("#zsync-confirm")
    assert browser.find("[role=status]")
    browser.follow(".zsync-tabs a[href*=history]")
    first = browser.text(".zsync-main tbody tr")
    assert re.search("Undo [0-9a-f]{16}: A <new> text", first)
    assert "removed dot.gif" in first
