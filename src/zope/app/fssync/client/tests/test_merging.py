"""An archive of the server is merged into a working copy."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.app.fssync.client.merging import Merged
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.missing import MissingObjects
from zope.app.fssync.client.response import WENT_BACK
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.repository import SnarfRepository


class Merging:
    """Merges what a server has into a checkout."""

    def __init__(self, server: Server, co: Path) -> None:
        self.co = co
        self.server = server
        self.network = CannedNetwork(server, co.parent)
        self.told: list[str] = []

    def __call__(self, top: str = "demo", back: bool = False) -> Merged:
        archive = SnarfRepository(io.BytesIO(self.server.archive(top)))
        missing = MissingObjects(self.network, "/demo", "0")
        response = Response(archive, missing, None, back=back)
        copy = WorkingCopy.find(str(self.co))
        with changing(copy, "update", self.told.append) as session:
            parent = str(self.co.parent)
            return merge(session, self.network, response, parent, "demo")


@pytest.fixture
def merging(server: Server, co: Path) -> Merging:
    return Merging(server, co)


def test_added_objects_come_and_removed_ones_go(merging: Merging) -> None:
    del merging.server.objects["demo/b.txt"]
    merging.server.objects["demo/new.txt"] = b"new\n"
    found = merging()
    assert sorted(line[0] for line in found.lines if line[:1] in "ADU") == ["D", "U"]
    assert merging.told == found.lines
    assert (found.conflicts, found.resend) == ([], False)
    assert (merging.co / "new.txt").read_bytes() == b"new\n"
    assert not (merging.co / "b.txt").exists()


def test_a_conflict_is_named_and_marked(merging: Merging) -> None:
    merging.server.objects["demo/b.txt"] = b"theirs\n"
    (merging.co / "b.txt").write_bytes(b"mine\n")
    found = merging()
    assert found.conflicts == [str(merging.co / "b.txt")]
    assert found.resend


def test_a_database_that_went_back_is_told(merging: Merging) -> None:
    merging(back=True)
    assert merging.network.warnings == [WENT_BACK]


def test_an_object_that_is_not_sent_may_not_be_read(merging: Merging) -> None:
    with pytest.raises(AccessDenied, match="the server sent nothing for demo"):
        merging("demo/sub")


def test_another_object_in_its_place_is_refused(
    merging: Merging, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"id": "/elsewhere/demo", "type": "Folder", "factory": "Folder"}
    monkeypatch.setattr(merging.server, "_entry", lambda path: dict(entry))
    with pytest.raises(Error, match="the server answered with another object"):
        merging()
    assert (merging.co / "b.txt").exists()
