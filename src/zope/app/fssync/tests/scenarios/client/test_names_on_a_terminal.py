"""Names and messages as people type them, on a demo server."""

from __future__ import annotations

import base64
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.controldata import listed
from zope.app.fssync.testing.demoserver import Place
from zope.fssync import paths

NFC = "\u00dcbersicht.txt"
NFD = "U\u0308bersicht.txt"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        paths.DECOMPOSES,
        reason="file systems decompose names here",
    ),
]


@pytest.fixture
def folder(place: Place) -> Iterator[Path]:
    """A folder of its own on the server; its checkout in another place is `other`."""
    folder = place.notes / "names"
    place("mkdir", "co/notes/names")
    for name in ("Docs", "docs", "gr\u00f6\u00dfe"):
        place("mkdir", f"co/notes/names/{name}")
        (folder / name / "a.txt").write_text(f"{name}\n")
        place("add", f"co/notes/names/{name}/a.txt")
    for name in ("Readme.txt", "readme.txt", NFC):
        (folder / name).write_text(f"{name}\n")
        place("add", f"co/notes/names/{name}")
    place("commit", "co")
    place("checkout", place.url("/demo/notes/names"), "other")
    yield place.directory / "other" / "names"
    place("update", "co")
    place("remove", "co/notes/names")
    place("commit", "co")


def test_the_sample_has_the_names_that_were_typed(place: Place) -> None:
    place("checkout", place.url("/demo"), "all")
    assert (
        (place.directory / "all/demo" / NFC).read_text().startswith("Gr\u00fc\u00dfe")
    )
    assert place("status", "all") == ""


def test_names_that_differ_in_case_are_committed(place: Place, folder: Path) -> None:
    assert listed(folder) == [
        *("Docs", "Readme.txt", "docs-1", "gr\u00f6\u00dfe", "readme-1.txt"),
        NFC,
    ]
    (folder / "readme-1.txt").write_text("edited\n")
    assert "Sending " in place("commit", "other/names/readme-1.txt")
    (folder / "docs-1/a.txt").write_text("edited\n")
    large = os.urandom(1 << 18)
    (folder / "docs-1/gr\u00f6\u00dfe.bin").write_bytes(large)
    place("add", "other/names/docs-1/gr\u00f6\u00dfe.bin")
    place("commit", "other/names/docs-1")
    place("update", "other/names/docs-1")
    place("update", "co")
    there = place.notes / "names"
    assert (there / "readme.txt").read_text() == "edited\n"
    assert (there / "Readme.txt").read_text() == "Readme.txt\n"
    assert (there / "docs/a.txt").read_text() == "edited\n"
    assert (there / "Docs/a.txt").read_text() == "Docs\n"
    assert (there / "docs/gr\u00f6\u00dfe.bin").read_bytes() == large
    for gone in ("docs-1/gr\u00f6\u00dfe.bin", "gr\u00f6\u00dfe/a.txt", "docs-1"):
        place("remove", f"other/names/{gone}")
        assert "Removing " in place("commit", "other/names")
        assert place("status", "other") == ""
    place("update", "co")
    assert not (there / "docs").exists()
    assert (there / "gr\u00f6\u00dfe").is_dir()
    assert place("status", "co") == ""


def test_names_are_found_in_either_form(place: Place, folder: Path) -> None:
    (folder / NFC).write_text("edited\n")
    assert place("status", f"other/names/{NFD}") == f"M  other/names/{NFC}\n"
    assert "Sending " in place("commit", f"other/names/{NFD}")
    assert place("status", "other") == ""
    (folder / NFD).write_text("twin\n")
    said = place("add", f"other/names/{NFD}", status=1)
    assert ascii(f"other/names/{NFC}") in said
    (folder / NFD).unlink()


def test_files_moved_in_a_folder_of_any_name_are_moved(
    place: Place, folder: Path
) -> None:
    for old, new in (
        ("gr\u00f6\u00dfe/a.txt", "gr\u00f6\u00dfe/b.txt"),
        ("gr\u00f6\u00dfe/b.txt", "gr\u00f6\u00dfe/\u00e4.txt"),
        ("gr\u00f6\u00dfe", "ma\u00df"),
        ("ma\u00df/\u00e4.txt", "a.txt"),
    ):
        place("move", f"other/names/{old}", f"other/names/{new}")
        assert "Moving " in place("commit", "other")
        assert place("status", "other") == ""
        assert place("update", "other") == "Up to date.\n"


@pytest.mark.parametrize("size", [0, 20_000, 100_000])
def test_a_message_ends_well(place: Place, size: int) -> None:
    place.todo.write_text(f"{place.todo.read_text()}{size}\n")
    if size == 20_000:
        assert "Committed 1 object" in place(
            "commit", "-m", "\u00fc" * (size // 2), "co"
        )
        return
    message = "m\udcfcll" if size == 0 else "a" * size
    with place.unchanged():
        said = place("commit", "-m", message, "co", status=1)
    assert "message" in said
    assert "Nothing was sent." in said
    place("revert", "co")


def test_a_server_takes_no_message_that_its_database_cannot_keep(place: Place) -> None:
    request = urllib.request.Request(
        f"{place.url('/demo/notes', '')}/@@fromFS.snarf?note={'a' * 100_000}",
        b"",
        {
            "Content-Type": "application/x-snarf",
            "Authorization": f"Basic {base64.b64encode(b'zsync:zsync').decode()}",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 413
    assert b"the message has more than 20000 bytes" in caught.value.read()


def test_a_name_makes_one_line(place: Place) -> None:
    (place.notes / "x\nM todo.txt").write_text("")
    assert place("status", "co") == "?  co/notes/x\\x0aM todo.txt\n"
    said = place("add", "co/notes/x\nM todo.txt", status=8)
    assert not any(line.startswith("M ") for line in said.splitlines())
    said = place("revert", "co/notes/x\nM todo.txt", status=1)
    assert not any(line.startswith("M ") for line in said.splitlines())
    said = place("status", "y\nM todo.txt", status=1)
    assert not any(line.startswith("M ") for line in said.splitlines())


def test_a_name_that_the_locale_cannot_encode_is_refused(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("LC_ALL", "C"),
        ("PYTHONUTF8", "0"),
        ("PYTHONCOERCECLOCALE", "0"),
    ):
        monkeypatch.setenv(name, value)
    (place.notes / "todo.txt").write_text("edited\n")
    for command in (
        ("status", "other"),
        ("update", "other"),
        ("commit", "other"),
        ("checkout", place.url("/demo/notes/names"), "third"),
        ("checkout", place.url(f"/demo/{NFC}"), "third"),
    ):
        with place.unchanged():
            said = place.in_process(*command, status=1)
        assert "encoding of the locale" in said
        assert "LC_ALL=C.UTF-8" in said
        assert "internal error" not in said
    with place.unchanged():
        said = place.in_process("commit", "-m", "\u00fc", "co/notes/todo.txt", status=1)
    assert "-F FILE" in said
    assert "Committed 1 object" in place.in_process("commit", "co/notes/todo.txt")
    for name in ("LC_ALL", "PYTHONUTF8", "PYTHONCOERCECLOCALE"):
        monkeypatch.delenv(name)
    assert place("status", "other") == ""
