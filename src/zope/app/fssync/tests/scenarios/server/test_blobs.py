"""Blobs in objects that nobody described: files of their own, never empty ones."""

from __future__ import annotations

import pickle

import pytest
from BTrees.OOBTree import OOBTree
from persistent import Persistent
from ZODB.blob import Blob
from zope.app.file.file import File
from zope.component import provideUtility
from zope.component.globalregistry import base
from zope.container.contained import Contained
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.serversite import Archive
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
    def __init__(self, data):
        self.title = "Title"
        self.bodies = {"en": [Body(data)]}


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["plain.txt"] = File(b"plain", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["paper"] = Document(b"%PDF" * 100)
    site.commit()
    for each in (Body, Document):
        provideUtility(each, IAllowedGlobal, name=f"{__name__}.{each.__name__}")
    yield site
    for each in (Body, Document):
        base.unregisterUtility(
            provided=IAllowedGlobal, name=f"{__name__}.{each.__name__}"
        )


PAPER = "demo/sub/paper"
BLOB = "demo/sub/@@Zope/Extra/paper/blob-1"


def content(site, path="sub"):
    (body,) = site.root["demo"][path]["paper"].bodies["en"]
    with body.blob.open() as stream:
        return stream.read()


def test_a_blob_is_a_file_beside_the_pickle(demo):
    archive = demo.checkout("/demo")
    assert archive[BLOB] == b"%PDF" * 100
    assert b"<persistent> <string>blob:1</string> </persistent>" in archive[PAPER]
    entry = archive.entries("demo/sub/@@Zope/Extra/paper")["blob-1"]
    assert (entry["type"], entry["binary"]) == ("ZODB.blob.Blob", "true")
    assert dict(demo.checkout("/demo")) == dict(archive)


def test_blobs_is_for_those_who_may_read_pickles(demo):
    archive = demo.checkout("/demo", "editor")
    assert not {PAPER, BLOB} & archive.keys()


def test_blobs_is_kept_when_only_the_rest_changes(demo):
    archive = demo.checkout("/demo")
    blob = demo.root["demo"]["sub"]["paper"].bodies["en"][0].blob
    archive.edit(PAPER, archive[PAPER].replace(b"Title", b"Other"))
    archive = demo.accept("/demo", archive)
    paper = demo.root["demo"]["sub"]["paper"]
    assert paper.title == "Other"
    assert paper.bodies["en"][0].blob._p_oid == blob._p_oid
    assert content(demo) == archive[BLOB] == b"%PDF" * 100


def test_its_file_is_committed(demo):
    archive = demo.checkout("/demo")
    archive.edit(BLOB, b"new" * 100_000)
    archive.edit(PAPER, archive[PAPER].replace(b"Title", b"Other"))
    archive = demo.accept("/demo", archive)
    assert content(demo) == b"new" * 100_000
    archive.edit(BLOB, b"newer")
    demo.accept("/demo", archive)
    assert content(demo) == b"newer"
    assert demo.root["demo"]["sub"]["paper"].title == "Other"


def test_blobs_goes_elsewhere_and_back(demo):
    archive = demo.checkout("/demo/sub")
    answer = demo.request(
        "POST", "/demo/@@checkin.snarf?name=copy&src=sub", "manager", archive.dump()
    )
    assert answer.status_int == 200, answer.text
    assert content(demo, "copy") == b"%PDF" * 100
    copy, old = (demo.root["demo"][n]["paper"].bodies["en"][0] for n in ("copy", "sub"))
    assert copy.blob._p_oid != old.blob._p_oid


def test_a_pickle_without_the_file_of_its_blob_is_refused(demo):
    archive = demo.checkout("/demo/sub")
    del archive["sub/@@Zope/Extra/paper/blob-1"]
    answer = demo.request(
        "POST", "/demo/@@checkin.snarf?name=copy&src=sub", "manager", archive.dump()
    )
    assert answer.status_int == 409
    assert "refers to a blob, and there is no extra blob-1" in answer.text
    assert "copy" not in demo.root["demo"]


@pytest.mark.parametrize("number", ["2", "0", "../../x"])
def test_references_are_those_of_the_checkout(demo, number):
    archive = demo.checkout("/demo")
    archive.edit(PAPER, archive[PAPER].replace(b"blob:1", f"blob:{number}".encode()))
    answer = demo.submit("/demo", archive)
    assert answer.status_int in (400, 409)
    assert content(demo) == b"%PDF" * 100


def test_a_blob_that_the_pickle_no_longer_names_is_gone(demo):
    archive = demo.checkout("/demo")
    reference = b"<persistent> <string>blob:1</string> </persistent>"
    archive.edit(PAPER, archive[PAPER].replace(reference, b"<none/>"))
    changed = Archive(archive)
    changed.edit(BLOB, b"edited as well")
    answer = demo.submit("/demo", changed)
    assert (answer.status_int, content(demo)) == (409, b"%PDF" * 100)
    archive = demo.accept("/demo", archive)
    assert BLOB not in archive
    assert demo.root["demo"]["sub"]["paper"].bodies["en"][0].blob is None


NOTE = "demo/@@Zope/Annotations/plain.txt/note"
BESIDE = f"{NOTE}.blob-1"


@pytest.fixture
def noted(demo):
    """A file with an annotation that keeps blobs."""
    notes = demo.root["demo"]["plain.txt"].__annotations__ = OOBTree()
    notes["note"] = Document(b"note" * 50_000)
    notes["other"] = "text"
    notes["photo"] = Blob(b"itself a blob")
    demo.commit()
    return demo


def note(site, path="demo"):
    place = site.root
    for name in path.split("/"):
        place = place[name]
    return place["plain.txt"].__annotations__["note"]


def noted_content(site, path="demo"):
    with note(site, path).bodies["en"][0].blob.open() as stream:
        return stream.read()


def test_in_an_annotation_it_is_a_file_beside_it(noted):
    answer = noted.request("GET", "/demo/@@toFS.snarf", "manager")
    assert WITHHELD not in answer.headers
    archive = noted.checkout("/demo")
    assert archive[BESIDE] == b"note" * 50_000
    assert archive["demo/@@Zope/Annotations/plain.txt/photo"] == b"itself a blob"
    assert b"<string>blob:1</string>" in archive[NOTE]
    entry = archive.entries("demo/@@Zope/Annotations/plain.txt")["note.blob-1"]
    assert (entry["type"], entry["binary"]) == ("ZODB.blob.Blob", "true")
    assert BESIDE not in noted.checkout("/demo", "editor")


def test_in_an_annotation_it_is_kept_when_the_rest_changes(noted):
    archive = noted.checkout("/demo")
    blob = note(noted).bodies["en"][0].blob
    archive.edit(NOTE, archive[NOTE].replace(b"Title", b"Other"))
    archive = noted.accept("/demo", archive)
    assert note(noted).title == "Other"
    assert note(noted).bodies["en"][0].blob._p_oid == blob._p_oid
    assert noted_content(noted) == archive[BESIDE] == b"note" * 50_000


def test_in_an_annotation_it_is_committed(noted):
    archive = noted.checkout("/demo")
    archive.edit(BESIDE, b"new" * 100_000)
    archive = noted.accept("/demo", archive)
    assert noted_content(noted) == b"new" * 100_000
    archive.edit(BESIDE, b"newer")
    archive.edit(NOTE, archive[NOTE].replace(b"Title", b"Other"))
    noted.accept("/demo", archive)
    assert (noted_content(noted), note(noted).title) == (b"newer", "Other")


def test_an_annotation_goes_elsewhere_with_its_blob(noted):
    archive = noted.checkout("/demo")
    answer = noted.request(
        "POST", "/demo/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )
    assert answer.status_int == 200, answer.text
    assert noted_content(noted, "demo/copy") == b"note" * 50_000
    with noted.root["demo"]["copy"]["plain.txt"].__annotations__["photo"].open() as s:
        assert s.read() == b"itself a blob"
    blobs = [note(noted, path).bodies["en"][0].blob for path in ("demo", "demo/copy")]
    assert blobs[0]._p_oid != blobs[1]._p_oid


def test_an_annotation_without_the_file_of_its_blob_is_refused(noted):
    archive = noted.checkout("/demo")
    del archive[BESIDE]
    answer = noted.request(
        "POST", "/demo/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )
    assert answer.status_int == 409
    assert "refers to a blob, and there is no extra note.blob-1" in answer.text


def test_a_blob_that_an_annotation_no_longer_names_is_gone(noted):
    archive = noted.checkout("/demo")
    reference = b"<persistent> <string>blob:1</string> </persistent>"
    archive.edit(NOTE, archive[NOTE].replace(reference, b"<none/>"))
    changed = Archive(archive)
    changed.edit(BESIDE, b"edited as well")
    answer = noted.submit("/demo", changed)
    assert (answer.status_int, noted_content(noted)) == (409, b"note" * 50_000)
    assert "the pickle of 'note' refers to no blob-1" in answer.text
    archive = noted.accept("/demo", archive)
    assert BESIDE not in archive
    assert note(noted).bodies["en"][0].blob is None


def test_a_blob_that_an_annotation_names_is_not_removed(noted):
    archive = noted.checkout("/demo")
    archive.remove(BESIDE)
    answer = noted.submit("/demo", archive)
    assert answer.status_int == 409
    assert "the pickle of 'note' refers to blob-1" in answer.text


def test_an_annotation_is_removed_with_its_blob(noted):
    archive = noted.checkout("/demo")
    archive.remove(NOTE)
    archive.remove(BESIDE)
    archive = noted.accept("/demo", archive)
    assert {NOTE, BESIDE}.isdisjoint(archive)
    assert "note" not in noted.root["demo"]["plain.txt"].__annotations__


def test_a_blob_whose_name_is_taken_is_withheld(noted, caplog):
    notes = noted.root["demo"]["plain.txt"].__annotations__
    notes["note.blob-1"] = "mine"
    noted.commit()
    answer = noted.request("GET", "/demo/@@toFS.snarf", "manager")
    assert int(answer.headers[WITHHELD]) > 0
    assert "has a name that no entry can hold" in caplog.text
    archive = noted.checkout("/demo")
    archive.edit(BESIDE, archive[BESIDE].replace(b"mine", b"yours"))
    archive.edit(NOTE, archive[NOTE].replace(b"Title", b"Other"))
    noted.accept("/demo", archive)
    notes = noted.root["demo"]["plain.txt"].__annotations__
    assert (notes["note.blob-1"], note(noted).title) == ("yours", "Other")
    assert noted_content(noted) == b"note" * 50_000
    answer = noted.request(
        "POST", "/demo/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )
    assert (answer.status_int, "copy" in noted.root["demo"]) == (409, False)


def test_files_beside_an_object_with_blobs_are_committed(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/plain.txt", b"edited")
    demo.accept("/demo", archive)
    assert demo.root["demo"]["plain.txt"].data == b"edited"
    assert content(demo) == b"%PDF" * 100


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
