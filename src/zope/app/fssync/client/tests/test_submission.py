"""What a commit sends, and what it does not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.app.fssync.client.submission import Submission
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository


def sent(target: Path) -> SnarfRepository:
    stream = io.BytesIO()
    known = metadata()
    Submission(known, known.files, str(target))(stream)
    return SnarfRepository(stream)


def test_submission_has_the_registered_files_and_their_entries(
    client: Client, co: Path
) -> None:
    (co / "stray.txt").write_text("stray")
    archive = sent(co)
    assert sorted(archive.iterPaths()) == [
        "@@Zope/Entries.xml",
        "demo/@@Zope/Entries.xml",
        "demo/a.txt",
        "demo/b.txt",
        "demo/sub/@@Zope/Entries.xml",
        "demo/sub/deep.txt",
    ]
    assert archive.isdir("demo/void")


def test_an_original_is_sent_where_the_file_changed(client: Client, co: Path) -> None:
    (co / "a.txt").write_text("changed")
    (co / "b.txt").unlink()
    archive = sent(co)
    assert archive.readFile("demo/@@Zope/Original/a.txt") == b"one\ntwo\nthree\n"
    assert archive.readFile("demo/@@Zope/Original/b.txt") == b"b\n"
    assert not archive.isfile("demo/b.txt")
    assert not archive.isfile("demo/sub/@@Zope/Original/deep.txt")


def test_one_file_goes_without_its_siblings(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    client("checkout", "co", url=URL)
    archive = sent(home / "co" / "demo" / "a.txt")
    assert sorted(archive.iterPaths()) == [
        "@@Zope/Entries.xml",
        "@@Zope/Extra/a.txt/@@Zope/Entries.xml",
        "@@Zope/Extra/a.txt/contentType",
        "a.txt",
    ]
    assert list(load_entries(archive.readFile("@@Zope/Entries.xml"))) == ["a.txt"]


def test_the_url_with_its_user_is_not_sent(client: Client, home: Path) -> None:
    client("checkout", "co", url="http://somebody:secret@localhost:8080/demo")
    stream = io.BytesIO()
    known = metadata()
    Submission(known, known.files, str(home / "co" / "demo"))(stream)
    assert b"somebody" not in stream.getvalue()


def test_a_removal_is_sent_as_an_entry(client: Client, co: Path) -> None:
    client("remove", "co/demo/sub")
    archive = sent(co)
    entries = load_entries(archive.readFile("demo/@@Zope/Entries.xml"))
    assert entries["sub"]["flag"] == "removed"
    assert not archive.isdir("demo/sub")


def test_files_that_took_the_place_of_a_removed_object_are_not_sent(
    client: Client, co: Path
) -> None:
    client("remove", "co/demo/a.txt")
    client("remove", "co/demo/sub")
    (co / "a.txt").write_text("mine")
    (co / "sub").mkdir()
    (co / "sub" / "mine").write_text("mine")
    with pytest.raises(Error, match="its folder is scheduled for removal"):
        client("add", "co/demo/sub/mine")
    archive = sent(co)
    assert archive.readFile("demo/@@Zope/Original/a.txt") == b"one\ntwo\nthree\n"
    for path in ("demo/a.txt", "demo/sub"):
        assert not archive.exists(path)


@pytest.mark.parametrize("name", ["b.txt", "sub"])
def test_links_are_not_sent(client: Client, co: Path, home: Path, name: str) -> None:
    (home / "secret").write_text("secret")
    (co / name).rename(home / "moved")
    (co / name).symlink_to(home / "secret")
    with pytest.raises(PathRefused, match="not a regular file"):
        sent(co)


def test_an_empty_folder_says_that_it_is_one(client: Client, co: Path) -> None:
    client("mkdir", "co/demo/made")
    assert sent(co).isdir("demo/made")
