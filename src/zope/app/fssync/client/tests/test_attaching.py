"""Control data for files that came without it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error

PLAIN = b"<pickle>\n  <string>text/plain</string>\n</pickle>\n"


@pytest.fixture
def cloned(client: Client, server: Server, home: Path) -> Path:
    """What git has of a working copy."""
    server.extras["demo/a.txt"] = PLAIN
    server.extras["demo/sub"] = b"\0\1"
    client("checkout", "co", url=URL, layout=DESCRIBED)
    shutil.move(home / "co" / ".zsync", home / "control")
    return home / "co" / "demo"


def changes(client: Client) -> list[str]:
    return [line for line in client("status", "co/demo") if line[0] not in "=/"]


def test_the_control_data_is_that_of_a_checkout(
    client: Client, cloned: Path, home: Path
) -> None:
    files = snapshot(cloned)
    client("attach", "co", url=URL)
    assert snapshot(cloned) == files
    assert changes(client) == []
    made = snapshot(cloned.parent / ".zsync")
    assert made == snapshot(home / "control")


def test_files_that_differ_can_be_committed(
    client: Client, server: Server, cloned: Path
) -> None:
    (cloned / "a.txt").write_bytes(b"mine\n")
    text = cloned / "@@a.txt.meta"
    text.write_bytes(text.read_bytes().replace(b"text/plain", b"text/html"))
    (cloned / "b.txt").unlink()
    (cloned / "new.txt").write_bytes(b"new\n")
    shutil.rmtree(cloned / "sub")
    files = snapshot(cloned)
    client("attach", "co", url=URL)
    assert snapshot(cloned) == files
    assert changes(client) == [
        "M co/demo/a.txt",
        "M co/demo/@@Zope/Extra/a.txt/contentType",
        "lost co/demo/b.txt",
        "? co/demo/new.txt",
        "lost co/demo/sub",
    ]
    client("update", "co/demo")
    assert (cloned / "b.txt").read_bytes() == b"b\n"
    assert (cloned / "sub" / "deep.txt").read_bytes() == b"deep\n"
    assert (cloned / "sub" / "@@.meta").exists()
    client("commit", "co/demo")
    assert server.objects["demo/a.txt"] == b"mine\n"


@pytest.mark.parametrize("layout", [COMPACT, DESCRIBED])
def test_a_working_copy_is_not_attached(
    client: Client, home: Path, layout: int
) -> None:
    client("checkout", "co", url=URL, layout=layout)
    before = snapshot(home / "co")
    with pytest.raises(Error, match="is a working copy already"):
        client("attach", "co", url=URL)
    assert snapshot(home / "co") == before


def test_attached_objects_have_to_exist(client: Client, home: Path) -> None:
    with pytest.raises(Error, match="is no directory"):
        client("attach", "nowhere", url=URL)
    (home / "co").mkdir()
    with pytest.raises(Error, match="there is no directory 'co/demo'"):
        client("attach", "co", url=URL)
    assert list((home / "co").iterdir()) == []
