"""Packs hold many control data, and are readable by later releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.tests.convertible import edit
from zope.app.fssync.client.workingcopy.tests.convertible import server as server
from zope.app.fssync.client.workingcopy.tests.packs import contents_of
from zope.app.fssync.client.workingcopy.tests.packs import first_version
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import pristine


@pytest.mark.layout(2)
def test_packs_of_the_first_version_serve_until_their_directory_changes(
    client: Client, server: Server, co: Path
) -> None:
    for pack in co.parent.rglob("Base"):
        pack.write_bytes(first_version(contents_of(pack)))
    said = edit(client, co)
    first = (co / "sub/@@Zope/Base").read_bytes()
    assert first.startswith(b"zsync base 1 ")
    assert said == client.each("status", "co")
    assert client("doctor", "co") == []
    client.each("commit", "co/demo/a.txt")
    assert (co / "@@Zope/Base").read_bytes().startswith(b"zsync base 2\n")
    assert pristine(co / "a.txt") == b"edited\n"
    client.each("update", "co")
    assert (co / "sub/@@Zope/Base").read_bytes() == first
    client("downgrade", "co")
    assert (co / "@@Zope/Original/a.txt").read_bytes() == b"edited\n"
    assert (co / "sub/@@Zope/Original/deep.txt").read_bytes() == b"deep\n"


def test_an_object_takes_few_files(client: Client, server: Server, home: Path) -> None:
    server.objects = {"demo": None}
    for number in range(20):
        server.objects[f"demo/{number}"] = b"%d" % number * 500
        server.extras[f"demo/{number}"] = b"'text/plain'" * 10
    client("checkout", "co", url=URL)
    found = snapshot(home / "co")
    size = sum(len(data) for data in found.values())
    content = sum(len(d or b"") for d in server.objects.values())
    content += sum(map(len, server.extras.values()))
    assert len(found) <= 20 * 3 + 10
    assert size <= 3 * content
