"""Objects that are added, removed and replaced by files; odd names."""

import pytest
from Acquisition import aq_base
from OFS.Folder import Folder

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync import task
from zope.fssync.repository import FileSystemRepository
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed


@pytest.fixture
def files(site):
    site.make(samples.plain_folder)
    return site.checkout("/folder")


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
