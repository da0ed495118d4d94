"""Synchronizers that fail, and names that cannot be written: the rest is sent."""

from __future__ import annotations

import re

import pytest
from persistent import Persistent
from zope.app.file.file import File
from zope.component import provideUtility
from zope.container.contained import Contained
from zope.interface import implementer
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import AGAIN
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.snarf import ANSWER
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import dottedname


class Thing(Contained, Persistent):
    """What is synchronized badly."""


def fail(*args):
    raise ZeroDivisionError("a secret of the server")


class Made(FileSynchronizer):
    """It cannot even be made."""

    def __init__(self, context):
        fail()


class Metadata(FileSynchronizer):
    metadata = fail


class ListOfMetadata(FileSynchronizer):
    def metadata(self):
        return ["factory"]


class ObjectMetadata(FileSynchronizer):
    def metadata(self):
        return {"factory": object()}


class Annotations(FileSynchronizer):
    annotations = fail


class Extras(FileSynchronizer):
    extras = fail


class Dump(FileSynchronizer):
    def dump(self, writeable):
        writeable.write(b"half")
        fail()


class TextDump(FileSynchronizer):
    def dump(self, writeable):
        writeable.write("text")


@implementer(IStreamedSerializer)
class Size(StreamedBody, FileSynchronizer):
    length = fail


@implementer(IDirectorySynchronizer)
class Items(Synchronizer):
    iteritems = fail


@implementer(IDirectorySynchronizer)
class OddItems(Synchronizer):
    def iteritems(self):
        return [1, 2]


class Neither(Synchronizer):
    """It is for neither a file nor a directory."""


OBJECT: list[type[Synchronizer]] = [
    *(Made, Metadata, ListOfMetadata, ObjectMetadata, Dump, TextDump, Size, Items),
    *(OddItems, Neither),
]
PART: list[type[Synchronizer]] = [Annotations, Extras]


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["thing"] = Thing()
    folder["sub"]["b.txt"] = File(b"b", "text/plain")
    folder["z.txt"] = File(b"z", "text/plain")
    site.commit()
    return site


def use(synchronizer):
    provideUtility(synchronizer, ISynchronizerFactory, name=dottedname(Thing))


def asked(demo, *more):
    """Ask for a checkout as a client of this release does."""
    headers = {STATE: NO_STATE, **dict(more)}
    return demo.request("GET", "/demo/@@toFS.snarf", "manager", **headers)


def spooled(demo):
    return asked(demo, (STREAMED, UNSTREAMED))


def complete(archive):
    """Has every entry what it tells of?"""
    for path in archive:
        found = re.fullmatch(r"(?:(.*)/)?@@Zope/Entries\.xml", path)
        if found and "@@Zope" not in (found.group(1) or ""):
            for name in archive.entries(found.group(1) or ""):
                where = f"{found.group(1)}/{name}" if found.group(1) else name
                below = f"{where}/@@Zope/Entries.xml"
                assert where in archive or below in archive


@pytest.mark.parametrize("synchronizer", OBJECT + PART)
def test_the_others_are_sent_and_the_object_is_named(demo, caplog, synchronizer):
    use(synchronizer)
    answer = spooled(demo)
    archive = Archive.parse(answer.body)
    assert (archive["demo/a.txt"], archive["demo/sub/b.txt"]) == (b"a", b"b")
    complete(archive)
    assert answer.headers[WITHHELD] == "1"
    assert STATE not in answer.headers
    [path] = answer.headers[LEFT_OUT].split()
    if synchronizer in OBJECT:
        assert path == "demo/sub/thing"
        assert not any("thing" in each for each in archive)
    else:
        assert path.startswith("demo/sub/%40%40Zope/")
        assert "demo/sub/thing" in archive
    assert "/thing cannot be read" in caplog.text
    assert b"secret" not in answer.body


@pytest.mark.parametrize("synchronizer", OBJECT + PART)
def test_a_streamed_answer_does_the_same_or_asks_to_ask_again(demo, synchronizer):
    use(synchronizer)
    answer = asked(demo)
    if STREAMED in answer.headers:
        closing = Archive.parse(answer.body)[ANSWER].decode()
        assert f"{AGAIN} yes\n" in closing or f"{LEFT_OUT} demo/sub/" in closing
    else:
        assert answer.body == spooled(demo).body


@pytest.mark.parametrize("synchronizer", OBJECT + PART)
def test_clients_that_would_delete_it_are_refused(demo, synchronizer):
    use(synchronizer)
    answer = demo.request("GET", "/demo/@@toFS.snarf", "manager")
    assert answer.status_int == 500
    assert "thing cannot be read" in answer.text


@pytest.mark.parametrize("synchronizer", OBJECT)
def test_objects_that_failed_are_hidden_and_not_removed(demo, synchronizer):
    use(synchronizer)
    answer = demo.request(
        "POST", "/demo/@@hidden.snarf", "manager", b"demo/sub/thing\ndemo/sub/gone\n"
    )
    assert answer.text == "demo/sub/thing\n"


@pytest.mark.parametrize("synchronizer", [Made, TextDump, Metadata])
def test_a_commit_names_it(demo, caplog, synchronizer):
    use(FileSynchronizer)
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"edited")
    use(synchronizer)
    answer = demo.request("POST", "/demo/@@fromFS.snarf", "manager", archive.dump())
    assert answer.status_int == 500
    assert "demo/sub/thing: the server failed" in answer.text
    assert "demo/sub/thing" in caplog.text
    assert "secret" not in answer.text
    assert demo.root["demo"]["a.txt"].data == b"a"


class TestNames:
    """Names that no entry can hold."""

    @pytest.fixture
    def named(self, demo):
        demo.root["demo"]["sub"]["bad\x01name"] = File(b"kept", "text/plain")
        del demo.root["demo"]["sub"]["thing"]
        demo.commit()
        return demo

    def test_objects_without_a_name_are_counted_and_mentioned(self, named, caplog):
        answer = spooled(named)
        assert answer.headers[WITHHELD] == "1"
        assert answer.headers[LEFT_OUT] == "demo/sub/bad%01name"
        assert "demo/sub/bad\\x01name has a name that no entry can hold" in caplog.text
        closing = Archive.parse(asked(named).body)[ANSWER].decode()
        assert f"{LEFT_OUT} demo/sub/bad%01name\n" in closing

    def test_their_folder_is_not_removed_unseen(self, named):
        archive = named.checkout("/demo")
        archive.remove("demo/sub")
        answer = named.request(
            "POST", "/demo/@@fromFS.snarf", "manager", archive.dump()
        )
        assert answer.status_int == 403
        assert "it holds bad\\x01name" in answer.text
        assert "bad\x01name" in named.root["demo"]["sub"]
