"""Files of zope.file, whose bodies are blobs."""

from __future__ import annotations

import pytest
from zope.file.file import File as BlobFile
from zope.interface.verify import verifyObject
from zope.site.folder import Folder

from zope.app.fssync.content.blob.adapter import BlobFileSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer


@pytest.mark.parametrize("interface", [IFileSynchronizer, IStreamedSerializer])
def test_blob_adapter_keeps_its_contract(interface):
    assert verifyObject(interface, BlobFileSynchronizer(BlobFile()))


def test_a_blob_is_checked_out_and_committed(site):
    file = site.root["blob"] = BlobFile("text/plain", {"charset": "utf-8"})
    with file.open("w") as stream:
        stream.write(b"in a blob")
    site.commit()
    archive = site.checkout("/blob")
    assert archive["blob"] == b"in a blob"
    assert "binary" not in archive.entries()["blob"]
    archive.edit("blob", b"out of a file" * 100_000)
    archive.edit(
        "@@Zope/Extra/blob/mimeType",
        archive["@@Zope/Extra/blob/mimeType"].replace(b"plain", b"html"),
    )
    site.accept("/blob", archive)
    file = site.root["blob"]
    assert file.size == 1_300_000
    assert (file.mimeType, file.parameters) == ("text/html", {"charset": "utf-8"})


def test_a_new_blob_is_made(site):
    site.root["demo"] = Folder()
    site.commit()
    archive = site.checkout("/demo")
    archive.add("demo/new", b"new", factory="zope.file.file.File")
    site.accept("/demo", archive)
    with site.root["demo"]["new"].openDetached() as stream:
        assert stream.read() == b"new"


@pytest.mark.parametrize(
    "extras",
    [
        *({"mimeType": 1}, {"parameters": []}, {"parameters": {"a": 1}}),
        *({"mimeType": "a\nb"}, {"parameters": {"charset": "a\r\nX: y"}}),
    ],
)
def test_extras_are_texts(extras):
    with pytest.raises(SynchronizationError):
        BlobFileSynchronizer(BlobFile()).setextras(extras)
