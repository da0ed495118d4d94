"""Annotations that are files and containers, which have extras of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transaction
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.container.ordered import OrderedContainer
from zope.site.folder import Folder

from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.serversite import ServerSite
from zope.app.fssync.tests.scenarios.compat.support import LiveSite
from zope.app.fssync.tests.scenarios.compat.support import serving

Zsync = Callable[..., str]


@pytest.fixture
def live(site: ServerSite) -> Iterator[LiveSite]:
    site.root["demo"] = Folder()
    file = site.root["demo"]["a.txt"] = File(b"a", "text/plain")
    annotations = IAnnotations(file)
    annotations["picture"] = File(b"GIF", "image/gif")
    annotations["shelf"] = shelf = OrderedContainer()
    for name in "ba":
        shelf[name] = File(name.encode(), "text/html")
    site.commit()
    with serving(site) as found:
        yield found


@pytest.fixture
def zsync(tmp_path: Path) -> Zsync:
    def run(*arguments: str) -> str:
        environment = {**os.environ, "HOME": str(tmp_path)}
        done = run_zsync(*arguments, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


def told(live: LiveSite, name: str) -> dict[str, Any]:
    transaction.abort()
    found = IAnnotations(live.root[name]["a.txt"])
    kinds = {each.contentType for each in found["shelf"].values()}
    return {
        "picture": (found["picture"].data, found["picture"].contentType),
        "shelf": (list(found["shelf"]), kinds),
    }


@pytest.mark.parametrize("layout", ["1", "3"])
def test_parts_of_parts_are_carried_whole(
    live: LiveSite, zsync: Zsync, layout: str
) -> None:
    zsync("checkout", "--layout", layout, f"{live.url}/demo", "wc")
    assert zsync("status", "wc/demo") == ""
    zsync("checkin", f"{live.url}/beside", "wc/demo")
    assert told(live, "beside") == {
        "picture": (b"GIF", "image/gif"),
        "shelf": (["b", "a"], {"text/html"}),
    }


def test_parts_of_parts_are_edited(
    live: LiveSite, zsync: Zsync, tmp_path: Path
) -> None:
    zsync("checkout", f"{live.url}/demo", "wc")
    description = tmp_path / "wc/demo/@@a.txt.meta"
    text = description.read_text("utf-8")
    text = text.replace("image/gif", "image/png").replace(
        "    b\n    a\n", "    a\n    b\n"
    )
    description.write_text(text, "utf-8")
    assert zsync("status", "wc/demo").split() == ["M", "wc/demo/a.txt"]
    zsync("commit", "wc/demo")
    assert zsync("status", "wc/demo") == ""
    assert told(live, "demo") == {
        "picture": (b"GIF", "image/png"),
        "shelf": (["a", "b"], {"text/html"}),
    }
    IAnnotations(live.root["demo"]["a.txt"])["picture"].contentType = "image/webp"
    transaction.commit()
    zsync("update", "wc/demo")
    assert "image/webp" in description.read_text("utf-8")
    assert zsync("status", "wc/demo") == ""
