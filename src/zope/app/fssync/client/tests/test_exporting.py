"""What an export writes, and where it refuses to."""

from __future__ import annotations

import io
from typing import Any

import pytest

from zope.app.fssync.client.exporting import _Export
from zope.app.fssync.testing.demoserver import Place
from zope.fssync.errors import Error
from zope.fssync.files import Tree


class Names:
    """A source of empty files of these names, with the keys of their objects."""

    def __init__(self, **keys: str) -> None:
        self.keys = keys

    def kind(self, path: str) -> str | None:
        return "file" if "/" in path else "dir"

    def getnames(self, path: str) -> list[str]:
        return sorted(self.keys)

    def getentry(self, path: str) -> dict[str, str]:
        key = self.keys.get(path.rpartition("/")[2])
        return {} if key is None else {"key": key}

    def open(self, path: str) -> io.BytesIO:
        return io.BytesIO(path.encode())

    def release(self, path: str) -> None:
        pass


def exported(tmp_path, source: Any) -> list[str]:
    changes: list[Any] = []
    _Export(source, Tree(str(tmp_path)), "out", changes.append).top("top")
    return [f"{change.action} {change.path}" for change in changes]


def test_files_have_the_names_of_their_objects(tmp_path):
    source = Names(**{"a": "a", "u\u0308": "\xfc"})
    assert exported(tmp_path, source) == ["created out/a", "created out/\xfc"]
    assert (tmp_path / "\xfc").read_bytes() == "top/u\u0308".encode()
    assert exported(tmp_path, Names(a="a")) == ["updated out/a"]


def test_two_objects_of_one_name_are_refused(tmp_path):
    with pytest.raises(Error, match="in the way"):
        exported(tmp_path, Names(**{"u\u0308": "\xfc", "\xfc": "\xfc"}))


def test_a_directory_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(Error, match="in the way"):
        exported(tmp_path, Names(a="a"))


def test_no_link_is_followed(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    inside.mkdir()
    outside.write_bytes(b"kept")
    (inside / "a").symlink_to(outside)
    with pytest.raises(Error, match="in the way"):
        exported(inside, Names(a="a"))
    assert outside.read_bytes() == b"kept"


@pytest.mark.slow
def test_a_server_and_a_working_copy_give_the_same(place: Place) -> None:
    def files(name: str) -> dict[str, bytes]:
        top = place.directory / name
        return {
            str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*")
            if path.is_file()
        }

    place("export", place.url(), "one")
    place("export", "co/notes", "two")
    assert files("one") == files("two") != {}
    assert not [name for name in files("one") if "@@Zope" in name]
    place("export", place.url("/demo/notes/todo.txt"), "three")
    assert set(files("three")) == {"todo.txt"}
    with place.unchanged():
        place("export", place.url(), "one", status=1)
        place("export", place.url(), "co", status=1)
        place("export", "--force", place.url(), "co/notes", status=1)
        place("export", place.url("/demo/nosuch"), "four", status=6)
    place("remove", "--force", "co/notes/todo.txt")
    place("export", "co/notes", "five")
    assert set(files("five")) == set(files("one")) - {"todo.txt"}
    place("update", "co")
