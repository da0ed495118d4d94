"""From one layout to the other and back: nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.tests.convertible import edit
from zope.app.fssync.client.workingcopy.tests.convertible import server as server
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import WorkingCopyError


def received(root: Path) -> dict[str, object]:
    """What is there, without what only servers can tell anew."""
    return {name: data for name, data in snapshot(root).items() if "Base" not in name}


@pytest.mark.parametrize("layout", [COMPACT, DESCRIBED])
def test_all_layouts_tell_the_same(client: Client, home: Path, layout: int) -> None:
    client("checkout", "co", url=URL, layout=layout)
    co = home / "co" / "demo"
    said = edit(client, co)
    before = received(co.parent)
    client("downgrade", "co/demo/sub")
    plain = snapshot(co.parent)
    assert client.each("status", "co") == said
    for what in ("Base", "Format", "Received", ".zsync", "*.meta"):
        assert not list(co.parent.rglob(what))
    assert (co / "@@Zope/Original/a.txt").read_bytes() == b"a\n"
    assert (co / "@@Zope/Extra/a.txt/@@Zope/Original/contentType").exists()
    client("downgrade", "co")
    assert snapshot(co.parent) == plain
    client("upgrade", "co", layout=layout)
    assert client.each("status", "co") == said
    assert received(co.parent) == before
    assert not list(co.parent.rglob("Original/a.txt"))
    client("downgrade", "co")
    assert snapshot(co.parent) == plain


def test_a_working_copy_of_3_6_0_is_upgraded(client: Client, home: Path) -> None:
    root = working_copy("demo-pending.tar.gz", home)
    before, said = snapshot(root), client.each("status", "co")
    client("upgrade", "co")
    assert client.each("status", "co") == said
    after = snapshot(root)
    assert len(after) < len(before) / 2
    client("downgrade", "co")
    downgraded = snapshot(root)
    assert {n: d for n, d in before.items() if d != "/"} == {
        n: d for n, d in downgraded.items() if d != "/"
    }


def test_after_an_upgrade_an_update_and_a_commit_go_on(
    client: Client, server: Server, co: Path
) -> None:
    client("downgrade", "co")
    client("upgrade", "co")
    (co / "a.txt").write_bytes(b"edited\n")
    client.each("commit", "co")
    assert server.objects["demo/a.txt"] == b"edited\n"
    server.objects["demo/sub/deep.txt"] = b"news\n"
    assert client.each("update", "co") == ["U co/demo/sub/deep.txt"]
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize("layout", [COMPACT, DESCRIBED])
@pytest.mark.parametrize("before", [PLAIN, COMPACT])
def test_the_first_look_after_an_upgrade_reads_no_more_than_one_after_a_checkout(
    client: Client,
    server: Server,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    layout: int,
) -> None:
    if before == PLAIN:
        client("downgrade", "co")
    client("upgrade", "co", layout=layout)
    server.streamed = True
    client("checkout", "fresh", url=URL, layout=layout)
    examined: list[str] = []
    examine = Unchanged._examine_file

    def counted(self: Unchanged, directory: str, name: str, parts: Any) -> Any:
        # What was checked out is found anew where its record is too young.
        if name != "demo":
            examined.append(name)
        return examine(self, directory, name, parts)

    monkeypatch.setattr(Unchanged, "_examine_file", counted)
    client("status", "fresh/demo")
    assert examined == []
    client("status", "co/demo")
    assert examined == []
    (co / "sub" / "deep.txt").write_bytes(b"edited\n")
    assert "M co/demo/sub/deep.txt" in client("status", "co/demo")
    assert examined == ["deep.txt"]


@pytest.mark.parametrize("verb", ["status", "update", "upgrade", "downgrade"])
def test_a_layout_of_a_newer_release_is_not_touched(
    client: Client, co: Path, verb: str
) -> None:
    named = control(co.parent) / "Format"
    named.write_text("4\n")
    before = snapshot(co.parent)
    with pytest.raises(WorkingCopyError, match="made by a newer zsync"):
        client(verb, "co/demo")
    named.write_text("two\n")
    with pytest.raises(MetadataDamaged, match="no number of a layout"):
        client(verb, "co/demo")
    named.write_text("4\n")
    assert snapshot(co.parent) == before
