"""Requests of the 3.6.0 client, byte for byte, to our server on a socket.

The state that each was based on is made from its Originals, so that nothing in it
is adapted but the password.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import unquote

import pytest
from zope.site.folder import Folder

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.testing import recorded
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import server_site
from zope.app.fssync.tests.scenarios.compat.described import tree
from zope.app.fssync.tests.scenarios.compat.support import LiveSite
from zope.app.fssync.tests.scenarios.compat.support import serving
from zope.fssync.metadata import dump_entries

ORIGINAL = "@@Zope/Original/"
TOKEN = b"bWFuYWdlcjptYW5hZ2VycHc="

COMMITS = [
    "commit-case",
    "commit-copies",
    "commit-demo",
    "commit-file",
    "commit-names",
    "commit-no-change",
    "commit-odd-name",
    "commit-subfolder",
]

UNCHANGED = ("commit-names", "commit-no-change")


class Recorded:
    """A request of the 3.6.0 client."""

    def __init__(self, name: str) -> None:
        data = recorded(f"{name}.request")
        data = re.sub(rb"(Authorization: Basic )[^\r]*", rb"\g<1>" + TOKEN, data)
        self.head, _, self.body = data.partition(b"\r\n\r\n")
        line = self.head.split(b"\r\n", 1)[0].decode()
        self.method, target, _ = line.split(" ")
        self.path = target.partition("/@@")[0] or "/"
        self.archive = Archive.parse(self.body)

    @property
    def base(self) -> Archive:
        """The archive as it was before its files were changed."""
        base = Archive()
        for path, data in self.archive.items():
            if ORIGINAL in path:
                base[path.replace(ORIGINAL, "")] = data
            elif path.endswith("@@Zope/Entries.xml"):
                base[path] = self._unchanged(path)
        return base

    def _unchanged(self, path: str) -> bytes:
        where = path.removesuffix("@@Zope/Entries.xml").rstrip("/")
        entries = {}
        for name, entry in self.archive.entries(where).items():
            if entry.pop("flag", None) != "added":
                entries[name] = entry
        return dump_entries(entries)

    def send(self, live: LiveSite) -> tuple[int, str, bytes]:
        """Send it as it is; return status, content type and body."""
        with socket.create_connection(("127.0.0.1", live.port), 30) as connection:
            connection.sendall(self.head + b"\r\n\r\n" + self.body)
            with connection.makefile("rb") as stream:
                answer = stream.read()
        head, _, body = answer.partition(b"\r\n\r\n")
        kind = re.search(rb"(?i)^content-type: (.*?)\r?$", head, re.M)
        assert b"chunked" not in head
        return int(head.split()[1]), kind[1].decode() if kind else "", body

    def unpack(self, live: LiveSite, place: Path) -> Path:
        """Make the working copy that it was sent from; return what was sent."""
        for path, data in self.archive.items():
            where = place / path
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_bytes(data)
        (place / "@@Zope" / "Root").write_text(f"{live.url}{self.path}\n")
        return place / self.name

    @property
    def name(self) -> str:
        """The name of what was sent."""
        return unquote(self.path).rpartition("/")[2]


def seed(live: LiveSite, request: Recorded) -> None:
    """Store what the request is based on."""
    container, _, name = request.path.rpartition("/")
    folder = live.root
    for step in filter(None, unquote(container).split("/")):
        if step not in folder:
            folder[step] = Folder()
        folder = folder[step]
    live.site.commit()
    check_in(live, container, name, request.base.dump())


def check_in(live: LiveSite, container: str, name: str, data: bytes) -> None:
    response = live.site.request(
        "POST", f"{container}/@@checkin.snarf?name={name}&src={name}", "manager", data
    )
    assert response.status_int == 200, response.text


def commit(live: LiveSite, request: Recorded, place: Path) -> None:
    """Commit the same with our own client."""
    network = Network(
        filename=str(place / "tokens"), options=TransportOptions(warn=lambda line: None)
    )
    FSSync(network=network).commit(str(request.unpack(live, place / "co")))
    network.close()


@pytest.mark.parametrize("name", COMMITS)
def test_a_commit_makes_what_our_own_client_makes(
    configured_layer, tmp_path: Path, name: str
) -> None:
    request = Recorded(name)
    with server_site(configured_layer) as site, serving(site) as live:
        seed(live, request)
        before = tree(live.root)
        status, kind, body = request.send(live)
        assert (status, kind) == (200, "application/x-snarf"), body
        theirs = tree(live.root)
    with server_site(configured_layer) as site, serving(site) as live:
        seed(live, request)
        commit(live, request, tmp_path)
        ours = tree(live.root)
    assert theirs == ours
    assert (before == theirs) is (name in UNCHANGED)


def test_a_tree_and_a_file_of_it_are_checked_in(configured_layer) -> None:
    whole, single = Recorded("checkin"), Recorded("checkin-file")
    with server_site(configured_layer) as site, serving(site) as live:
        check_in(live, "", "demo", whole.base.dump())
        for request in (whole, single):
            status, _, body = request.send(live)
            assert (status, body) == (200, b"")
        root = live.root
        imported = tree(root["imported"], dates=True)
        renamed = imported.pop("/renamed.txt")
        assert renamed == imported["/readme.txt"]
        # Adding the single file has changed the folder.
        original = tree(root["demo"], dates=True)
        assert imported.pop("") != original.pop("")
        # Without Dublin Core there it has the time of its arrival.
        assert imported.pop("/bare.txt")["data"] == original.pop("/bare.txt")["data"]
        assert imported == original


def test_lost_files_and_conflicts_are_refused(configured_layer) -> None:
    conflict, lost = Recorded("commit-conflict"), Recorded("commit-lost-file")
    with server_site(configured_layer) as site, serving(site) as live:
        seed(live, conflict)
        live.root["demo"]["readme.txt"].data = b"changed meanwhile\n"
        live.site.commit()
        before = tree(live.root, dates=True)
        status, kind, body = conflict.send(live)
        assert (status, kind) == (200, "text/plain;charset=utf-8")
        assert body.startswith(b"Up-to-date check failed:\ndemo/")
        assert b"\ndemo/readme.txt\n" in body
        assert tree(live.root, dates=True) == before
    with server_site(configured_layer) as site, serving(site) as live:
        seed(live, lost)
        status, kind, body = lost.send(live)
        assert (status, body) == (
            200,
            b"Up-to-date check failed:\ndemo/crlf.txt\n",
        )


@pytest.mark.parametrize("name", ["checkout-demo", "update-with-token"])
def test_an_archive_is_answered_as_the_old_client_reads_it(
    configured_layer, name: str
) -> None:
    """Twice a Host line is sent; the body ends with the connection."""
    request = Recorded(name)
    with server_site(configured_layer) as site, serving(site) as live:
        check_in(live, "", "demo", recorded("demo.snarf"))
        status, kind, body = request.send(live)
        assert (status, kind) == (200, "application/x-snarf")
        assert Archive.parse(body)["demo/crlf.txt"] == b"one\r\ntwo\r\n"
