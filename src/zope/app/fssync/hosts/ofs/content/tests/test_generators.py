"""The suffix of a new file tells the type of its object."""

import pytest
from Acquisition import aq_base
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.content.generators import FileGenerator
from zope.app.fssync.hosts.ofs.content.generators import FolderGenerator
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IFileGenerator


@pytest.fixture
def files(site):
    site.make(samples.plain_folder)
    return site.checkout("/folder")


def test_generators_keep_their_contracts():
    assert verifyObject(IFileGenerator, FileGenerator())
    assert verifyObject(IDirectoryGenerator, FolderGenerator())


@pytest.mark.parametrize(
    ("name", "content", "meta_type", "content_type"),
    [
        ("a.pt", b"<p>a</p>", "Page Template", "text/html"),
        ("a.HTML", b"<p>a</p>", "Page Template", "text/html"),
        ("a.py", b"return 1\n", "Script (Python)", None),
        ("a.dtml", b"<dtml-var x>", "DTML Method", None),
        ("a.sql", b"select 1", "Z SQL Method", None),
        ("a.gif", samples.GIF, "Image", "image/gif"),
        ("a.css", b"a {}", "File", "text/css"),
        ("README", b"Read me.\n", "File", "text/plain"),
        ("a.avif", b"\0\0\0\x1cftypavif", "Image", "image/avif"),
        ("a.ico", b"\0\0\1\0\1", "Image", "image/x-icon"),
        ("a.tif", b"II*\0\x08", "Image", "image/tiff"),
        ("a.webp", b"RIFF\x24\0\0\0WEBP", "Image", "image/webp"),
        ("a.svg", b'<svg width="100%" height="2"/>', "Image", "image/svg+xml"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "Image", "image/png"),
        ("logo", b"\x89PNG\r\n\x1a\n\0", "File", "image/png"),
        ("a.vpy", b"return 1\n", "Script (Python)", None),
        ("a.cpt", b"<p>a</p>", "Page Template", "text/html"),
        ("data", b"\x00\x01\xff", "File", "application/octet-stream"),
        ("large.txt", b"0123456789" * 20000, "File", "text/plain"),
    ],
)
def test_suffixes_tell_the_type(site, files, name, content, meta_type, content_type):
    files.add(f"folder/{name}", content)
    site.commit("/folder", files)
    new = site.app.folder[name]
    assert new.meta_type == meta_type
    assert new.getId() == name
    assert getattr(aq_base(new), "content_type", None) == content_type
    assert site.checkout("/folder")[f"folder/{name}"] == content


def test_a_directory_becomes_a_folder(site, files):
    files.entry("folder/new", flag="added")
    files.add("folder/new/a.txt", b"a")
    site.commit("/folder", files)
    assert site.app.folder.new.meta_type == "Folder"
    assert site.app.folder.new["a.txt"].data == b"a"
