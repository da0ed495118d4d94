"""Get and Look in a real browser, by keyboard, on each host."""

from __future__ import annotations

import base64
import io
import re
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import needs_chromium
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment

pytestmark = [pytest.mark.slow, needs_chromium]


def fetch(url: str | None) -> Any:
    assert url is not None
    token = base64.b64encode(b"zsync:zsync").decode()
    headers = {"Authorization": f"Basic {token}"}
    request = urllib.request.Request(url, headers=headers)
    return urllib.request.urlopen(request, timeout=120)


def test_a_person_gets_a_line_to_copy_and_a_zip(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    browser.open(f"{host.folder}/@@synchronize.html")
    line = browser.find("#zsync-command").get_attribute("value")
    place = host.url.partition("://")[2]
    assert line == f"zsync checkout http://zsync@{place}/{host.folder}"
    assert browser.find(".zsync-tabs a[aria-current=page]").text == "Get"
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-get.png"))
    browser.driver.set_window_size(400, 800)
    assert not browser.overflows()
    browser.reach("#zsync-zip")
    with fetch(browser.find("#zsync-zip").get_attribute("href")) as response:
        zipfile.ZipFile(io.BytesIO(response.read())).extractall(tmp_path / "zip")
    url = f"{host.url.replace('//', '//zsync:zsync@')}/{host.folder}"
    env = environment(tmp_path)
    arguments = ("checkout", "--layout", "3", url, "co")
    assert run_zsync(*arguments, cwd=tmp_path, env=env).returncode == 0
    (copied,) = (tmp_path / "co").glob("[!.]*")
    assert files(tmp_path / "zip" / host.top) == files(copied)


def files(top: Path) -> dict[str, bytes]:
    """The files below a directory, without control data."""
    return {
        str(path.relative_to(top)): path.read_bytes()
        for path in top.rglob("*")
        if path.is_file() and ".zsync" not in path.parts and path.name != "@@.base"
    }


def test_a_person_looks_at_all_objects_by_keyboard(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    browser.open(f"{host.folder}/@@synchronize.html")
    browser.follow(".zsync-tabs a[href*=look]")
    assert "Synchronizer" in browser.text(".zsync-main")
    browser.follow("#zsync-all")
    (number,) = re.findall(r"Objects: (\d+)", browser.text(".zsync-main"))
    assert int(number) > 2
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-look.png"))


def test_a_person_sees_what_is_withheld_from_others_and_who_was_there(
    browser: Browser, host: Any, tmp_path: Path
) -> None:
    browser.open(f"{host.folder}/@@synchronize-look.html")
    browser.reach("#zsync-principal")
    browser.press(host.principal)
    browser.follow("#zsync-principal + button")
    told = browser.text(".zsync-main")
    assert f"Withheld from {host.principal}: 0" in told
    browser.follow(".zsync-tabs a[href*=activity]")
    first = browser.text(".zsync-main tbody tr")
    assert "synchronize-look.html" in first
    assert first.endswith(" 200")
    browser.driver.save_screenshot(str(tmp_path / f"{host.name}-activity.png"))
