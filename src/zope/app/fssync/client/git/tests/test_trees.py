"""From archives to the files of a tree."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from zope.app.fssync.client.git.trees import ArchivedTree
from zope.app.fssync.client.git.trees import lists
from zope.app.fssync.client.git.trees import object_names
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import Snarfer

FOLDER = {"type": "zope.site.folder.Folder", "factory": "zope.site.folder.Folder"}
FILE = {"type": "zope.app.file.file.File", "factory": "zope.app.file.file.File"}
TEXT_TYPE = {"keytype": "builtins.str", "type": "builtins.str"}


class Tree:
    """A tree in memory."""

    def __init__(self, **files: bytes) -> None:
        self.files: dict[str, bytes] = dict(files)

    def clear(self) -> None:
        self.files.clear()

    def remove(self, path: str) -> None:
        for each in list(self.files):
            if each == path or each.startswith(f"{path}/"):
                del self.files[each]

    def write(self, path: str, size: int, pieces: Iterable[bytes]) -> None:
        self.files[path] = b"".join(pieces)
        assert len(self.files[path]) == size

    def share(self, path: str) -> None:
        self.shared = {*getattr(self, "shared", ()), path}


def entry(kind: dict[str, str], path: str, **more: str) -> dict[str, str]:
    return {"keytype": "builtins.str", "id": path, **kind, **more}


def archive(members: dict[str, bytes]) -> SnarfRepository:
    stream = io.BytesIO()
    snarfer = Snarfer(stream)
    for path, content in members.items():
        snarfer.addbytes(content, path)
    return SnarfRepository(stream)


def full(name: str = "a.txt", **more: str) -> dict[str, bytes]:
    """A folder with a file in it."""
    return {
        "@@Zope/Entries.xml": dump_entries({"top": entry(FOLDER, "/top")}),
        "top/@@Zope/Entries.xml": dump_entries(
            {name: entry(FILE, f"/top/{name}", **more)}
        ),
        f"top/@@Zope/Extra/{name}/@@Zope/Entries.xml": dump_entries(
            {"contentType": {**TEXT_TYPE, "factory": "builtins.str"}}
        ),
        f"top/@@Zope/Extra/{name}/contentType": b"text/plain",
        f"top/{name}": b"a\n",
    }


def written(members: dict[str, bytes], **files: bytes) -> dict[str, bytes]:
    tree = Tree(**files)
    assert ArchivedTree(archive(members)).write(tree, {})
    return tree.files


def test_a_folder_always_has_a_description():
    found = written(full(), old=b"old")
    assert found.keys() == {"@@.meta", "a.txt", "@@a.txt.meta"} - {
        "@@a.txt.meta" if "@@a.txt.meta" not in found else ""
    }
    assert found["@@.meta"] == b"type = zope.site.folder.Folder\n"
    assert found["a.txt"] == b"a\n"


def test_parts_too_large_for_a_description_lie_beside_it():
    members = full()
    members["top/@@Zope/Extra/a.txt/contentType"] = b"\0\xff"
    found = written(members)
    assert found["@@a.txt.parts/Extra/contentType"] == b"\0\xff"
    assert b"@aside" in found["@@a.txt.meta"]


def test_names_are_those_of_a_working_copy():
    found = written(full("u\u0308", key="\u00fc"))
    assert "\u00fc" in found
    assert "_@@x.meta" in written(full("@@x.meta"))


def test_a_file_at_the_top_is_no_directory():
    members = {
        "@@Zope/Entries.xml": dump_entries({"top": entry(FILE, "/top")}),
        "top": b"x",
    }
    assert not ArchivedTree(archive(members)).is_directory


def test_an_archive_without_what_it_names_is_refused():
    members = full()
    del members["top/a.txt"]
    with pytest.raises(Error, match="sent nothing for top"):
        written(members)


def changes(*marks: tuple[str, str], **more: bytes) -> dict[str, bytes]:
    scope = Scope(marks)
    return {**full(), **more, Scope.member: scope.dumps()}


def test_a_changed_file_replaces_all_of_the_old_one():
    old = {"@@a.txt.parts/x": b"x", "b.txt": b"b"}
    found = written(changes((TREE, "top/a.txt")), **old)
    assert found["a.txt"] == b"a\n"
    assert found["b.txt"] == b"b"
    assert "@@a.txt.parts/x" not in found


def test_a_changed_folder_keeps_what_is_in_it():
    found = written(changes((NODE, "top")), **{"@@.meta": b"old", "b.txt": b"b"})
    assert found == {"@@.meta": b"type = zope.site.folder.Folder\n", "b.txt": b"b"}


def test_gone_files_are_removed():
    found = written(changes((GONE, "top/b")), **{"b": b"", "@@b.meta": b"", "c": b""})
    assert found == {"c": b""}


def test_files_not_in_a_list_are_removed():
    members = changes((LIST, "top"))
    assert lists(archive(members)) == [""]
    tree = Tree(**{"a.txt": b"a", "b.txt": b"b", "@@b.txt.meta": b""})
    assert ArchivedTree(archive(members)).write(tree, {"": {"a.txt", "b.txt"}})
    assert tree.files == {"a.txt": b"a"}


def test_listed_files_that_are_not_here_are_missed():
    members = changes((LIST, "top"))
    assert not ArchivedTree(archive(members)).write(Tree(), {"": set()})


def test_nothing_changes_nothing():
    assert lists(archive(full())) == []
    assert written({Scope.member: b""}, a=b"a") == {"a": b"a"}


def test_object_names():
    assert object_names(["@@.meta", "@@a.meta", "a", "@@b.parts"]) == {"a"}
