"""Blobs among the attributes that nobody described stay where they are."""

import pytest
import transaction
from Acquisition import aq_base
from OFS.Image import File
from persistent.mapping import PersistentMapping
from ZODB.blob import Blob
from zope.annotation.interfaces import IAnnotations
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.interface import classImplements
from zope.interface import implementedBy

from zope.fssync.errors import SynchronizationError


def make(folder):
    folder._setObject("a.txt", File("a.txt", "", b"text", "text/plain"))
    folder["a.txt"].remark = "first"
    folder["a.txt"].preview = Blob(b"preview")
    return "a.txt"


ATTRIBUTES = "folder/@@Zope/Extra/a.txt/attributes"
BLOB = "folder/@@Zope/Extra/a.txt/blob-1"


def stored(blob):
    with blob.open() as stream:
        return stream.read()


def test_a_change_beside_a_blob_keeps_it(site):
    obj = site.make(make)
    blob = obj.preview
    files = site.checkout("/folder")
    assert b"blob:1" in files[ATTRIBUTES]
    assert files[BLOB] == b"preview"
    files.edit(ATTRIBUTES, files[ATTRIBUTES].replace(b"first", b"second"))
    site.commit("/folder", files)
    assert (obj.remark, obj.preview is blob) == ("second", True)
    assert stored(obj.preview) == b"preview"


def test_its_bytes_are_changed(site):
    obj = site.make(make)
    files = site.checkout("/folder")
    files.edit(BLOB, b"edited" * 100_000)
    site.commit("/folder", files)
    assert stored(obj.preview) == b"edited" * 100_000


def test_a_copy_has_it_wherever_it_is(site, other):
    def deep(folder):
        make(folder)
        folder["a.txt"].more = PersistentMapping(deep=[Blob(b"deep"), Blob(b"")])
        return "a.txt"

    site.make(deep)
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    copy = other.app.folder["a.txt"]
    assert stored(copy.preview) == b"preview"
    assert [stored(blob) for blob in copy.more["deep"]] == [b"deep", b""]


def test_attributes_blobs_goes_with_its_attribute(site):
    obj = site.make(make)
    files = site.checkout("/folder")
    files.remove(BLOB)
    with pytest.raises(SynchronizationError, match="the attributes refer to blob-1"):
        site.commit("/folder", files)
    head, _, rest = files[ATTRIBUTES].partition(b'<item key="preview">')
    files.edit(ATTRIBUTES, head + rest.partition(b"</item>")[2])
    site.commit("/folder", files)
    assert not hasattr(aq_base(obj), "preview")


def test_a_reference_of_another_number_is_refused(site):
    site.make(make)
    files = site.checkout("/folder")
    files.edit(ATTRIBUTES, files[ATTRIBUTES].replace(b"blob:1", b"blob:7"))
    with pytest.raises(SynchronizationError, match="are not numbered in the order"):
        site.commit("/folder", files)


def test_a_user_who_may_not_pickle_does_not_see_it(site):
    site.make(make)
    folder = site.app.folder
    for permission in ("View management screens", "Access contents information"):
        folder.manage_permission(permission, ["Manager", "Authenticated"])
    transaction.commit()
    site.user = "reader"
    files = site.checkout("/folder")
    assert "folder/a.txt" in files
    assert BLOB not in files


def test_no_attribute_becomes_an_empty_blob(site):
    obj = site.make(make)
    files = site.checkout("/folder")
    path = "folder/@@Zope/Extra/a.txt/attributes"
    blob = b'<object><klass><global name="Blob" module="ZODB.blob"/></klass></object>'
    item = b'<item key="remark"><string>first</string></item>'
    planted = item + b'<item key="preview">' + blob + b"</item>"
    files.edit(path, b"<pickle><dictionary>" + planted + b"</dictionary></pickle>")
    with pytest.raises(SynchronizationError, match="a blob has no bytes in a pickle"):
        site.commit("/folder", files)
    with obj.preview.open() as stream:
        assert stream.read() == b"preview"


NOTE = "folder/@@Zope/Annotations/a.txt/note"
CLIP = f"{NOTE}.blob-1"
WHOLE = "folder/@@Zope/Annotations/a.txt/whole"


@pytest.fixture
def annotatable():
    """Let files have annotations, as ZCML of an application does."""
    specification = implementedBy(File)
    before = specification.declared, specification.__bases__
    classImplements(File, IAttributeAnnotatable)
    yield
    specification.declared, specification.__bases__ = before


def annotated(folder):
    folder._setObject("a.txt", File("a.txt", "", b"text", "text/plain"))
    annotations = IAnnotations(folder["a.txt"])
    annotations["note"] = PersistentMapping(text="first", clip=Blob(b"clip"))
    annotations["whole"] = Blob(b"whole")
    return "a.txt"


def test_blobs_in_annotations_are_files_beside_them(site, annotatable):
    obj = site.make(annotated)
    clip = IAnnotations(obj)["note"]["clip"]
    files = site.checkout("/folder")
    assert (files[CLIP], files[WHOLE]) == (b"clip", b"whole")
    files.edit(NOTE, files[NOTE].replace(b"first", b"second"))
    site.commit("/folder", files)
    assert IAnnotations(obj)["note"]["text"] == "second"
    assert IAnnotations(obj)["note"]["clip"] is clip
    assert stored(clip) == b"clip"
    files = site.checkout("/folder")
    files.edit(CLIP, b"longer" * 100_000)
    files.edit(WHOLE, b"more" * 100_000)
    site.commit("/folder", files)
    assert stored(IAnnotations(obj)["note"]["clip"]) == b"longer" * 100_000
    assert stored(IAnnotations(obj)["whole"]) == b"more" * 100_000


def test_a_copy_has_the_blobs_of_annotations(site, other, annotatable):
    site.make(annotated)
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    annotations = IAnnotations(other.app.folder["a.txt"])
    assert stored(annotations["note"]["clip"]) == b"clip"
    assert stored(annotations["whole"]) == b"whole"


def test_blobs_in_annotations_are_for_who_may_import(site, annotatable):
    site.make(annotated)
    site.app.folder.manage_permission("View management screens", ["Anonymous"])
    site.app.folder.manage_permission("View", ["Anonymous"])
    transaction.commit()
    site.user = "reader"
    assert not {NOTE, CLIP, WHOLE} & site.checkout("/folder").keys()
