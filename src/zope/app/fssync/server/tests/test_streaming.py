"""An archive is sent while objects are read, and says at its end what it lacks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from zope.app.file.file import File
from zope.component import getUtility
from zope.proxy import removeAllProxies
from zope.security.testing import interaction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.server import observing
from zope.app.fssync.server import streaming
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.streaming import CheckoutStream
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import ANSWER
from zope.fssync.snarf import closing_lines


@pytest.fixture
def folder(site: ServerSite) -> Any:
    site.root["folder"] = Folder()
    folder = site.root["folder"]
    for name in ("a.txt", "b.txt"):
        folder[name] = File(bytes(200_000), "text/plain")
    closed = IPrincipalPermissionManager(removeAllProxies(folder["b.txt"]))
    closed.denyPermissionToPrincipal("zope.View", "zope.local")
    site.commit()
    return folder


def stream_of(folder: Any, who: str = "manager") -> CheckoutStream:
    host = getUtility(IHost)
    with interaction(f"zope.{who}"):
        return CheckoutStream(host, host.detached(folder), "folder")


def ending(data: bytes) -> Any:
    """Return the headers at the end of an archive."""
    return closing_lines(SnarfRepository(io.BytesIO(data)).readable(ANSWER))


def test_streaming_outlives_the_request(folder: Any) -> None:
    ended: list[CheckoutStream] = []
    stream = stream_of(folder)
    stream.when_ended(ended.append)
    assert not stream.finished
    pieces = list(stream)
    assert len(pieces) > 1
    data = b"".join(pieces)
    assert (stream.finished, stream.sent) == (True, len(data))
    assert Archive.parse(data)["folder/b.txt"] == bytes(200_000)
    assert ending(data)[WITHHELD] == "0"
    for _ in range(2):
        stream.close()
    assert ended == [stream]


def test_withheld_objects_are_counted_at_the_end(folder: Any) -> None:
    stream = stream_of(folder, "local")
    data = b"".join(stream)
    stream.close()
    assert stream.withheld > 0
    assert ending(data)[WITHHELD] == str(stream.withheld)
    assert "folder/b.txt" not in Archive.parse(data)


def test_a_client_that_leaves_ends_it(folder: Any) -> None:
    ended: list[CheckoutStream] = []
    stream = stream_of(folder)
    stream.when_ended(ended.append)
    next(stream)
    stream.close()
    assert (ended, stream.finished) == ([stream], False)
    assert list(stream) == []


def test_an_object_that_fails_leaves_the_archive_without_its_end(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = FileSynchronizer.pieces

    def broken(self: FileSynchronizer) -> Iterator[bytes]:
        yield from pieces(self)
        raise ValueError("it cannot be read")

    stream = stream_of(folder)
    monkeypatch.setattr(FileSynchronizer, "pieces", broken)
    with pytest.raises(ValueError, match="it cannot be read"):
        b"".join(stream)
    stream.close()
    assert not stream.finished


@pytest.mark.parametrize(
    ("large", "pauses"), [(0, []), (1, []), (2, [1.0]), (4, [2.0])]
)
def test_large_ones_leave_every_other_turn_to_pages(
    large: int, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(streaming.time, "sleep", waited.append)
    monkeypatch.setattr(observing, "large", lambda: large)
    streaming._let_others_run(0.5)
    assert waited == pauses
