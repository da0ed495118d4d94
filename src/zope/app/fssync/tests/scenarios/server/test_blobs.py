"""Blobs in objects that nobody described: never sent as empty files."""

from __future__ import annotations

import pickle

import pytest
from persistent import Persistent
from ZODB.blob import Blob
from zope.app.file.file import File
from zope.component import provideUtility
from zope.container.contained import Contained
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import WITHHELD
from zope.fssync import binarypickle
from zope.fssync import xmlpickle
from zope.fssync.blobs import holds_blob
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.registry.globals import find_global


class Body(Persistent):
    """What keeps a blob, as NamedBlobFile does."""

    def __init__(self, data):
        self.blob = Blob(data)


class Document(Contained, Persistent):
    title = "Title"

    def __init__(self, data):
        self.bodies = {"en": [Body(data)]}


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["plain.txt"] = File(b"plain", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["paper"] = Document(b"%PDF" * 100)
    site.commit()
    return site


def test_an_object_with_a_blob_is_withheld_and_counted(demo, caplog):
    answer = demo.request("GET", "/demo/@@toFS.snarf", "manager")
    assert answer.headers[WITHHELD] == "1"
    assert b"plain" in answer.body
    assert b"paper" not in answer.body
    assert "/demo/sub/paper is withheld: it holds a blob" in caplog.text


def test_a_streamed_checkout_counts_it_too(demo):
    answer = demo.request(
        "GET", "/demo/@@toFS.snarf", "manager", **{"X-Zsync-State": "none"}
    )
    assert f"{WITHHELD} 1\n".encode() in answer.body
    assert b"paper" not in answer.body


def test_alone_it_is_refused_with_the_reason(demo):
    answer = demo.request("GET", "/demo/sub/paper/@@toFS.snarf", "manager")
    assert answer.status_int == 400
    assert "paper cannot be checked out: a blob has no bytes in a pickle" in answer.text


def test_its_folder_is_not_removed_unseen(demo):
    archive = demo.checkout("/demo")
    archive.remove("demo/sub")
    answer = demo.request(
        "POST", "/demo/@@fromFS.snarf?raise=1", "manager", archive.dump()
    )
    assert answer.status_int == 403
    assert "paper" in demo.root["demo"]["sub"]


def test_what_is_beside_it_is_committed(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/plain.txt", b"edited")
    answer = demo.request("POST", "/demo/@@fromFS.snarf", "manager", archive.dump())
    assert answer.status_int == 200
    assert demo.root["demo"]["plain.txt"].data == b"edited"
    with demo.root["demo"]["sub"]["paper"].bodies["en"][0].blob.open() as stream:
        assert stream.read() == b"%PDF" * 100


def test_no_pickler_writes_a_blob(tmp_path):
    with pytest.raises(PickleRefused, match="a blob has no bytes"):
        xmlpickle.dumps({"body": Blob(b"data")})
    with (tmp_path / "pickle").open("wb") as stream, pytest.raises(PickleRefused):
        binarypickle.dump([Blob(b"data")], stream)


def test_a_blob_cannot_be_allowed(configured_layer):
    provideUtility(Blob, IAllowedGlobal, name="ZODB.blob.Blob")
    with pytest.raises(PickleRefused, match="a blob has no bytes"):
        find_global("ZODB.blob", "Blob")
    with pytest.raises(PickleRefused):
        binarypickle.load(pickle.dumps(Blob, 2))


def test_nobody_is_told_to_allow_a_blob():
    with pytest.raises(PickleRefused) as caught:
        find_global("ZODB.blob", "Blob")
    assert "IAllowedGlobal" not in str(caught.value)


def test_the_search_ends_where_the_pickle_does():
    folder = {"blob": Blob(b"data")}
    inside = [folder]
    assert holds_blob(inside, None)
    assert not holds_blob(inside, lambda obj: ".." if obj is folder else None)


def test_a_search_that_goes_too_far_is_made_again_exactly():
    folder = {"cannot be pickled": lambda: None}
    inside = [folder, Blob(b"data")]
    assert holds_blob([folder, inside], lambda obj: ".." if obj is folder else None)
    assert not holds_blob(folder, None)


def test_nothing_is_asked_about_text():
    def ask(obj):
        raise AssertionError(obj)

    assert not holds_blob("text", ask)


def test_the_search_passes_long_trees():
    from BTrees.OOBTree import OOBTree

    tree = OOBTree({number: str(number) for number in range(100_000)})
    assert not holds_blob(tree, None)
    tree[7] = Blob(b"data")
    assert holds_blob(tree, None)
