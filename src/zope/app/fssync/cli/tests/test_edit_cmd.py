"""What the command line of an edit means: a URL, a login, an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.tests.caller import CHECKOUT as FOLDER
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.serversite import Archive

FILE = Archive({"a.txt": b"Hello\n"})
FILE.set_entry("a.txt", id="/a.txt", type="zope.app.file.file.File")
CHECKOUT = answer(FILE.dump())


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("http://host/a", "http://host/b"),
        ("--app", "", "http://host/a"),
        ("--app", "'", "http://host/a"),
        ("-u", "one", "http://two@host/a"),
    ],
)
def test_contradicting_options_are_refused(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    Person(tmp_path)("edit", *arguments, status=2)


def test_without_an_editor_it_is_told_how_to_name_one(tmp_path: Path) -> None:
    me = Person(tmp_path)
    me("edit", "http://host/a", status=1, PATH="/nonexistent")
    assert "Name one with --app" in me.said


def test_the_browser_is_logged_in_by_its_cookie(
    tmp_path: Path, no_proxies: None
) -> None:
    me = Person(tmp_path)
    with RawServer([CHECKOUT, answer(status="403 Forbidden")]) as server:
        sent = tmp_path / "a.zem"
        sent.write_text(
            f"url:http://127.0.0.1:{server.port}/a.txt\ncookie:__ac=me; b=2\n\n"
        )
        me("edit", "--app", "sed -i s/H/J/", str(sent), status=4)
    first, *others = server.requests
    assert first.all("Cookie") == ["__ac=me; b=2"]
    assert others[-1].line.startswith("POST ")
    for request in others:
        assert request.header("Cookie") == "__ac=me; b=2"
        assert request.header("Authorization") is None
    # What was not committed may be tried again with it.
    assert sent.exists()


def test_a_cookie_is_for_the_server_of_its_file_only(
    tmp_path: Path, no_proxies: None
) -> None:
    me = Person(tmp_path)
    sent = tmp_path / "a.zem"
    with RawServer([]) as other:
        there = f"Location: http://127.0.0.1:{other.port}/a.txt\r\n"
        with RawServer([answer(status="302 Found", extra=there)]) as server:
            sent.write_text(f"url:http://127.0.0.1:{server.port}/a\ncookie:b=2\n\n")
            me("edit", "--app", "true", str(sent), status=6)
    assert other.requests == []


def test_a_file_that_is_not_changed_leaves_nothing(zsync):
    readme = Archive({"readme.txt": b"Hello\n"})
    readme.set_entry("readme.txt", id="/readme.txt")
    file = answer(readme.dump())
    assert zsync("edit", "--app", "true", f"{zsync.url}/readme.txt", answer=file) == ""
    zsync("edit", "--app", "true", f"{zsync.url}/demo", answer=FOLDER, status=1)
    assert not (zsync.place / ".local/state/zsync").exists()
