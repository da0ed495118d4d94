"""An object whose description goes without saying has none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.description import Defaults
from zope.fssync.description import defaults

PLAIN = b"<pickle>\n  <string>text/plain</string>\n</pickle>\n"
HTML = PLAIN.replace(b"plain", b"html")
PART = "co/demo/@@Zope/Extra/a.txt/contentType"


@pytest.fixture
def texts(client: Client, server: Server, home: Path) -> dict[str, str]:
    """The descriptions of a file and of a folder, where these are written."""
    server.extras["demo/a.txt"] = PLAIN
    client("checkout", "written", url=URL, layout=layout.DESCRIBED)
    demo = home / "written" / "demo"
    found = {
        "file": (demo / "@@a.txt.meta").read_text(),
        "directory": (demo / "sub" / "@@.meta").read_text(),
    }
    shutil.rmtree(home / "written")
    return found


@pytest.fixture
def co(
    client: Client, texts: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setitem(defaults._defaults, "Folder", Defaults(**texts))
    client("checkout", "co", url=URL, layout=layout.DESCRIBED)
    return home / "co" / "demo"


def changes(client: Client) -> list[str]:
    return [line for line in client("status", "co/demo") if line[0] not in "=/"]


def test_described_defaults_has_no_file(client: Client, co: Path) -> None:
    assert {str(path.relative_to(co)) for path in co.rglob("*.meta")} == {
        *("@@.meta", "@@b.txt.meta", "sub/@@deep.txt.meta"),
    }
    assert changes(client) == []


def test_described_defaults_gets_one_when_the_server_changes_it_and_loses_it_again(
    client: Client, server: Server, co: Path
) -> None:
    before = snapshot(co)
    server.extras["demo/a.txt"] = HTML
    client("update", "co/demo")
    assert b"text/html" in (co / "@@a.txt.meta").read_bytes()
    assert changes(client) == []
    server.extras["demo/a.txt"] = PLAIN
    client("update", "co/demo")
    assert snapshot(co) == before
    assert changes(client) == []


def test_one_that_is_written_by_hand_is_an_edit(
    client: Client, server: Server, texts: dict[str, str], co: Path
) -> None:
    assert changes(client) == []
    (co / "@@a.txt.meta").write_text(texts["file"])
    assert changes(client) == []
    (co / "@@a.txt.meta").write_text(texts["file"].replace("plain", "html"))
    assert changes(client) == [f"M {PART}"]
    client("commit", "co/demo")
    assert server.submission is not None
    assert server.submission.readFile("demo/@@Zope/Extra/a.txt/contentType") == HTML


def test_without_a_file_it_is_what_goes_without_saying(
    client: Client, server: Server, texts: dict[str, str], co: Path
) -> None:
    server.extras["demo/a.txt"] = HTML
    client("update", "co/demo")
    edited = (co / "@@a.txt.meta").read_text()
    assert changes(client) == []
    (co / "@@a.txt.meta").unlink()
    assert changes(client) == [f"M {PART}"]
    client("revert", "co/demo/a.txt")
    assert (co / "@@a.txt.meta").read_text() == edited
    (co / "@@a.txt.meta").unlink()
    client("commit", "co/demo")
    assert server.submission is not None
    assert server.submission.readFile("demo/@@Zope/Extra/a.txt/contentType") == PLAIN


def test_values_removed_from_it_do_not_become_defaults(
    client: Client, server: Server, co: Path
) -> None:
    del server.extras["demo/a.txt"]
    client("update", "co/demo")
    assert b"contentType" not in (co / "@@a.txt.meta").read_bytes()
    assert changes(client) == []


def test_one_that_another_type_needs_is_lost(
    client: Client, server: Server, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = defaults._defaults["Folder"]
    other = texts._replace(file=texts.file.replace("= File", "= Other"))
    monkeypatch.setitem(defaults._defaults, "Folder", other)
    server.extras["demo/a.txt"] = HTML
    client("update", "co/demo")
    assert changes(client) == []
    before = (co / "@@a.txt.meta").read_bytes()
    (co / "@@a.txt.meta").unlink()
    assert changes(client) == [f"lost {PART}"]
    client("revert", "co/demo/a.txt")
    assert (co / "@@a.txt.meta").read_bytes() == before


def test_a_lost_object_comes_back_as_it_was(client: Client, co: Path) -> None:
    before = snapshot(co)
    (co / "a.txt").unlink()
    shutil.rmtree(co / "sub")
    assert changes(client) == ["lost co/demo/a.txt", "lost co/demo/sub"]
    client("update", "co/demo")
    assert snapshot(co) == before
    assert changes(client) == []


def test_all_ways_lead_to_the_same_files(
    client: Client, server: Server, home: Path, co: Path
) -> None:
    before = snapshot(co)
    for old in (layout.PLAIN, layout.COMPACT):
        client("checkout", f"from{old}", url=URL, layout=old)
        client("upgrade", f"from{old}", layout=layout.DESCRIBED)
        assert snapshot(home / f"from{old}" / "demo") == before
    client("downgrade", "co")
    assert not list(co.rglob("*.meta"))
    client("upgrade", "co", layout=layout.DESCRIBED)
    assert snapshot(co) == before
    shutil.rmtree(co.parent / ".zsync")
    client("attach", "co", url=URL)
    assert snapshot(co) == before
    assert changes(client) == []


def test_a_new_folder_is_described_as_in_a_checkout(
    client: Client, server: Server, home: Path, co: Path
) -> None:
    server.objects.update({"demo/new": None, "demo/new/a.txt": b"new\n"})
    server.extras["demo/new/a.txt"] = PLAIN
    client("update", "co/demo")
    client("checkout", "fresh", url=URL, layout=layout.DESCRIBED)
    assert snapshot(co) == snapshot(home / "fresh" / "demo")
    server.objects.pop("demo/new/a.txt")
    client("update", "co/demo")
    assert not list((co / "new").iterdir())


def test_items_of_a_folder_of_another_type_get_descriptions(
    client: Client,
    server: Server,
    home: Path,
    co: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = Server._entry

    def other(self: Server, path: str) -> dict[str, str]:
        found = entry(self, path)
        return {**found, "type": "Other"} if path == "demo" else found

    monkeypatch.setattr(Server, "_entry", other)
    client("update", "co/demo")
    assert (co / "@@a.txt.meta").exists()
    assert (co / "sub" / "@@.meta").exists()
    client("checkout", "fresh", url=URL, layout=layout.DESCRIBED)
    assert snapshot(co) == snapshot(home / "fresh" / "demo")
    assert changes(client) == []
