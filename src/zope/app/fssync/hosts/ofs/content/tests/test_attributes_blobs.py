"""Blobs among the attributes that nobody described stay where they are."""

import pytest
import transaction
from OFS.Image import File
from ZODB.blob import Blob

from zope.fssync.errors import SynchronizationError


def make(folder):
    folder._setObject("a.txt", File("a.txt", "", b"text", "text/plain"))
    folder["a.txt"].remark = "first"
    folder["a.txt"].preview = Blob(b"preview")
    return "a.txt"


def test_a_change_beside_a_blob_keeps_it(site):
    obj = site.make(make)
    transaction.commit()
    files = site.checkout("/folder")
    path = "folder/@@Zope/Extra/a.txt/attributes"
    assert b"preview" not in files[path]
    files.edit(path, files[path].replace(b"first", b"second"))
    site.commit("/folder", files)
    assert obj.remark == "second"
    with obj.preview.open() as stream:
        assert stream.read() == b"preview"


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
