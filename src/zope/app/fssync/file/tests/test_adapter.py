"""Files and images of zope.app.file, in pieces."""

from __future__ import annotations

import io
import tracemalloc

import pytest
import transaction
from zope.app.file.file import MAXCHUNKSIZE
from zope.app.file.file import File
from zope.app.file.file import FileChunk
from zope.app.file.image import Image
from zope.interface.verify import verifyObject
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileCheck
from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.server.registration import registration
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.registry.synchronizers import find

PIXEL = b"GIF89a\x02\x00\x03\x00"


def dumped(synchronizer) -> bytes:
    stream = io.BytesIO()
    synchronizer.dump(stream)
    return stream.getvalue()


@pytest.mark.parametrize("interface", [IFileSynchronizer, IStreamedSerializer])
def test_adapter_keeps_its_contract(interface):
    assert verifyObject(interface, FileSynchronizer(File()))
    assert verifyObject(ISourceCheck, FileCheck(File()))


def test_files_and_images_have_it_on_a_site(site):
    for each in (File(), Image()):
        found = find(each)
        assert found is not None
        assert registration(found.factory).factory is FileSynchronizer


@pytest.mark.parametrize(
    ("data", "content_type", "lines"),
    [
        (b'{"a": 1}', "application/json", []),
        (b"{\n,", "application/json", [2]),
        (b"<a>\n<b></a>", "text/xml", [2]),
        (b"{,", "text/plain", []),
        (b"", "application/json", []),
    ],
)
def test_a_check_names_the_line_of_a_fault(data, content_type, lines):
    faults = list(FileCheck(File(data, content_type)).faults())
    assert [line for line, _ in faults] == lines


@pytest.mark.parametrize(
    "size", [0, 1, MAXCHUNKSIZE - 1, MAXCHUNKSIZE, MAXCHUNKSIZE + 1, 300_000]
)
def test_any_size_comes_back(size):
    data = bytes(range(256)) * (size // 256 + 1)
    file = File()
    FileSynchronizer(file).load(io.BytesIO(data[:size]))
    assert file.data == data[:size]
    assert file.getSize() == size
    assert dumped(FileSynchronizer(file)) == data[:size]


def test_a_subclass_that_dumps_something_else_is_not_streamed():
    class Upper(FileSynchronizer):
        def dump(self, writeable):
            writeable.write(self.context.data.upper())

    class Tagged(FileSynchronizer):
        pass

    file = File(b"text")
    assert FileSynchronizer(file).size() == Tagged(file).size() == 4
    assert Upper(file).size() is None


def test_a_small_file_is_stored_as_a_form_stores_it():
    file = File(b"old" * 100_000)
    FileSynchronizer(file).load(io.BytesIO(b"small"))
    assert isinstance(file._data, FileChunk)
    assert file._data.next is None


def test_a_body_that_is_no_chunk_is_dumped():
    file = File()
    file.data = io.BytesIO(b"stored as a form stores an upload")
    assert isinstance(file._data, bytes)
    assert dumped(FileSynchronizer(file)) == file.data


def test_a_truncated_image_is_stored():
    image = Image()
    data = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff"
    for size in range(len(data) + 1):
        FileSynchronizer(image).load(io.BytesIO(data[:size]))
        assert image.data == data[:size]
        assert image.getImageSize() == (-1, -1)


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("drawing.svg", b"<svg/>", "image/svg+xml"),
        ("cut.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("cut.jpg", b"\xff\xd8\xff", "image/jpeg"),
        ("cut.gif", b"GIF89a", "image/gif"),
        ("icon.ico", b"\0\0\1\0", "image/x-icon"),
        ("scan.tiff", b"II*\0", "image/tiff"),
        ("photo.webp", b"RIFF\0\0\0\0WEBP", "image/webp"),
        ("photo.avif", b"\0\0\0\x20ftypavif", "image/avif"),
    ],
)
def test_a_new_image_has_its_type(site, name, data, content_type):
    site.root["f"] = Folder()
    site.commit()
    archive = site.checkout("/f")
    archive.add(f"f/{name}", data)
    archive = site.accept("/f", archive)
    assert content_type in archive[f"f/@@Zope/Extra/{name}/contentType"].decode()
    response = site.request("GET", f"/f/{name}", "manager")
    assert response.content_type == content_type
    assert response.body == data


@pytest.mark.parametrize(
    ("content_type", "binary"),
    [("text/x", None), ("image/x", "true"), ("", "true")],
)
def test_binary_is_what_has_no_lines(content_type, binary):
    metadata = FileSynchronizer(File(b"", content_type)).metadata() or {}
    assert metadata.get("binary") == binary


def test_the_content_type_is_changed():
    file = File(b"", "text/plain")
    assert FileSynchronizer(file).setextras({"contentType": "text/html"})
    assert file.contentType == "text/html"


@pytest.mark.parametrize(
    "odd", [b"text/html", "A title\nof two", "a\rX-Evil: yes", "\x01", "größe"]
)
def test_the_content_type_is_a_header(odd):
    file = File(b"", "text/plain")
    with pytest.raises(SynchronizationError, match="not a line of plain ASCII"):
        FileSynchronizer(file).setextras({"contentType": odd})
    assert file.contentType == "text/plain"


def test_a_content_type_that_is_no_header_fails_no_later_request(site):
    site.root["demo"] = File(b"text", "text/plain")
    site.commit()
    archive = site.checkout("/demo")
    path = "@@Zope/Extra/demo/contentType"
    archive.edit(path, archive[path].replace(b"text/plain", b"A title\nof two"))
    data = archive.dump()
    answer = site.request("POST", "/demo/@@fromFS.snarf", "manager", data)
    assert answer.status_int == 409
    assert "the content type is not a line of plain ASCII text" in answer.text
    assert site.request("GET", "/demo", "manager").status_int == 200


def test_a_large_image_knows_its_size():
    image = Image()
    FileSynchronizer(image).load(io.BytesIO(PIXEL + bytes(MAXCHUNKSIZE)))
    assert image.getImageSize() == (2, 3)
    assert image.getSize() == len(PIXEL) + MAXCHUNKSIZE


@pytest.mark.slow
def test_memory_stays_flat_with_a_large_file(site):
    class Zeros:
        left = 128 << 20

        def read(self, size):
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    class Nothing:
        size = 0

        def write(self, data):
            self.size += len(data)

    file = site.root["large"] = File()
    transaction.savepoint()
    tracemalloc.start()
    try:
        FileSynchronizer(file).load(Zeros())
        loading = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        transaction.savepoint()
        target = Nothing()
        FileSynchronizer(file).dump(target)
        dumping = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert target.size == 128 << 20
    assert loading < 32 << 20
    assert dumping < 32 << 20
