"""Objects that are added, removed and replaced by files; odd names."""

import pytest
from Acquisition import aq_base
from OFS.Folder import Folder
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.content.generators import FileGenerator
from zope.app.fssync.hosts.ofs.content.generators import FolderGenerator
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync import task
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IFileGenerator
from zope.fssync.repository import FileSystemRepository
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed


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


def test_an_object_is_removed(site, files):
    files.entry("folder/sub", flag="removed")
    for path in [each for each in files if each.startswith("folder/sub/")]:
        del files[path]
    site.commit("/folder", files)
    assert site.app.folder.objectIds() == []


def test_an_object_of_another_type_takes_the_place(site):
    site.make(samples.text_file)
    files = site.checkout("/folder")
    kind = "OFS.DTMLMethod.DTMLMethod"
    files.edit("folder/a.txt", b"<dtml-var x>")
    files.entry("folder/a.txt", type=kind, factory=kind)
    for path in [each for each in files if "/Extra/a.txt/" in each]:
        del files[path]
    site.commit("/folder", files)
    assert site.app.folder["a.txt"].meta_type == "DTML Method"


def test_a_root_becomes_a_folder(site, files):
    kind = "OFS.Application.Application"
    files.entry("folder/root", flag="added", type=kind, factory=kind)
    files.add("folder/root/a.txt", b"a")
    site.commit("/folder", files)
    assert type(aq_base(site.app.folder.root)) is Folder
    assert site.app.folder.root.objectIds() == ["a.txt"]


@pytest.mark.parametrize("name", ["_private", "aq_parent", "title", "a__", "manage"])
def test_names_that_zope_refuses_are_told(site, files, name):
    files.add(f"folder/{name}", b"x")
    with pytest.raises(CommitFailed, match=f"folder/{name}: "):
        site.commit("/folder", files)


def test_odd_names_travel(site, other):
    names = ["con", "a:b", "Ärger", "A", "a", " blank ", "x" * 300, "a\\b", ".hidden"]

    def make(folder):
        for name in names:
            folder._setObject(name, samples.File(name, "", name.encode()))
        return "a"

    site.make(make)
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert sorted(other.app.folder.objectIds()) == sorted(names)
    assert {name: other.app.folder[name].data.decode() for name in names} == {
        name: name for name in names
    }
    assert other.checkout("/folder") == files


def test_objects_become_real_files(site, other, tmp_path):
    for sample in (samples.plain_folder, samples.script, samples.page_template):
        site.make(sample)
    repository = FileSystemRepository()
    task.Checkout(getSynchronizer, repository).perform(
        site.app.folder, "folder", str(tmp_path)
    )
    assert (tmp_path / "folder/sub/a.txt").read_bytes() == b"a"
    again = FileSystemRepository()
    with calling(other.app, "manager"):
        task.Checkin(getSynchronizer, again).perform(
            other.app, "folder", str(tmp_path / "folder")
        )
    assert other.app.folder["a.py"]._body == site.app.folder["a.py"]._body
