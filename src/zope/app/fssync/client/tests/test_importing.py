"""An import makes new objects of plain files, in one transaction."""

from __future__ import annotations

import io
import os

import pytest

from zope.app.fssync.client.importing import Source
from zope.app.fssync.testing.demoserver import Place
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.repository import SnarfRepository


def sent(source) -> tuple[list[str], list[str]]:
    """The files that are sent of a directory, and what is reported."""
    said: list = []
    stream = io.BytesIO()
    Source(str(source)).write(said.append, stream)
    repository = SnarfRepository(io.BytesIO(stream.getvalue()))
    return sorted(repository.iterPaths()), [str(each) for each in said if each]


def test_everything_but_what_is_ignored_is_sent(tmp_path):
    top = tmp_path / "top"
    (top / "sub" / "build").mkdir(parents=True)
    for name in ("a.txt", "a.txt~", "sub/b", "sub/build/c"):
        (top / name).write_bytes(b"x")
    (top / "link").symlink_to("a.txt")
    (top / ".zsyncignore").write_text("build/\n")
    found, said = sent(top)
    assert [each for each in found if "@@Zope" not in each] == [
        "top/a.txt",
        "top/sub/b",
    ]
    assert said == [f"? {top}/link"]


def test_a_file_is_sent_alone(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "b.txt").write_bytes(b"x")
    assert sent(tmp_path / "a.txt")[0] == ["@@Zope/Entries.xml", "a.txt"]


def test_files_of_a_working_copy_are_refused(tmp_path):
    (tmp_path / "top" / "sub" / "@@Zope").mkdir(parents=True)
    with pytest.raises(Error, match="working copy"):
        sent(tmp_path / "top")


def test_names_that_are_one_to_the_server_are_refused(tmp_path):
    for name in ("\xfc", "u\u0308"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(Error, match="one name"):
        sent(tmp_path)


def test_names_that_cannot_be_sent_are_refused(tmp_path):
    (tmp_path / "a\nb").write_bytes(b"x")
    with pytest.raises(PathRefused):
        sent(tmp_path)


@pytest.mark.parametrize("name", ["nosuch", "pipe"])
def test_invalid_directory_is_refused(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Error, match="neither a directory nor a file"):
        sent(tmp_path / name)


@pytest.mark.slow
def test_an_import_makes_new_objects(place: Place) -> None:
    plain = place.directory / "plain"
    (plain / "sub").mkdir(parents=True)
    (plain / "a.txt").write_text("one\n")
    (plain / "sub" / "b.txt").write_text("two\n")
    target = place.url("/demo/imported")
    place("import", "-n", "plain", target, "-m", "try")
    place("export", target, "none", status=6)
    assert "plain/sub/b.txt" in place("import", "plain", target, "-m", "new")
    place("import", "plain", target, "-m", "twice", status=1)
    assert place.demo.get("demo/imported/sub/b.txt") == b"two\n"
    place("import", "plain/sub", "co/notes/pages", "-m", "by path")
    assert place.demo.get("demo/notes/pages/b.txt") == b"two\n"
    place("import", "plain/sub", "co/notes/todo.txt", "-m", "there", status=1)
    assert place("status", "co") == ""
    place("update", "co")
    assert (place.notes / "pages" / "b.txt").read_text() == "two\n"
