"""Files with names that a conversion needs are kept beside."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.tests.convertible import server as server
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client


def test_files_named_like_descriptions_are_kept(client: Client, co: Path) -> None:
    client("downgrade", "co")
    (co / "@@a.txt.meta").write_bytes(b"my own notes")
    client("upgrade", "co", layout=DESCRIBED)
    assert (co / "@@a.txt.meta.mine").read_bytes() == b"my own notes"
    assert b"text/plain" in (co / "@@a.txt.meta").read_bytes()


def test_files_in_the_place_of_control_data_are_kept(
    client: Client, home: Path
) -> None:
    client("checkout", "co", url=URL, layout=DESCRIBED)
    co = home / "co" / "demo"
    (co / "sub" / "deep.txt").write_bytes(b"edited\n")
    said = client.each("status", "co")
    for directory, name in ((co / "sub", "notes"), (home / "co", "Format")):
        (directory / "@@Zope").mkdir()
        (directory / "@@Zope" / name).write_bytes(b"my own notes")
    told = client("downgrade", "co")
    kept = ["co/@@Zope/Format.mine", "co/demo/sub/@@Zope.mine"]
    assert sorted(told) == [f"C {path}" for path in kept]
    assert (home / kept[0]).read_bytes() == b"my own notes"
    assert (home / kept[1] / "notes").read_bytes() == b"my own notes"
    known = [line for line in client.each("status", "co") if line[0] != "?"]
    assert known == said
