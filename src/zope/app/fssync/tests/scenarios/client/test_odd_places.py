"""Clocks, names and places that are not as usual: nothing is lost or missed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing.casefolding import make_insensitive
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused

# Clocks


@pytest.mark.parametrize("stamp", [0, 1, 2**31, 2**33, None])
def test_an_edit_is_seen_whatever_the_clock_says(
    client: Client, co: Path, stamp: int | None
) -> None:
    path = co / "b.txt"
    status = path.stat()
    client.each("status", "co", verbose=False)
    path.write_bytes(b"B\n")
    if stamp is None:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        os.utime(path, (stamp, stamp))
    assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]
    client("commit", "co/demo")
    assert client.server.objects["demo/b.txt"] == b"B\n"
    assert client.each("status", "co", verbose=False) == []


def test_stamps_of_two_seconds_hide_no_edit(client: Client, co: Path) -> None:
    path = co / "b.txt"
    for content in (b"1\n", b"2\n", b"3\n"):
        path.write_bytes(content)
        second = int(path.stat().st_mtime) // 2 * 2
        os.utime(path, (second, second))
        assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]
        client("commit", "co/demo")
        assert client.server.objects["demo/b.txt"] == content


# Places


def test_a_working_copy_may_be_moved(client: Client, co: Path, home: Path) -> None:
    (co / "a.txt").write_bytes(b"edited\n")
    (home / "deep" / "er").mkdir(parents=True)
    (home / "co").rename(home / "deep" / "er" / "moved")
    target = "deep/er/moved"
    lines = client.each("status", target, verbose=False)
    assert lines == [f"M {target}/demo/a.txt"]
    client.server.objects["demo/b.txt"] = b"new\n"
    assert client.each("update", target) == [
        f"M {target}/demo/a.txt",
        f"U {target}/demo/b.txt",
    ]


def test_a_copy_of_a_working_copy_is_one(client: Client, co: Path, home: Path) -> None:
    (co / "a.txt").write_bytes(b"edited\n")
    shutil.copytree(home / "co", home / "co2")
    client.each("commit", "co")
    # The copy has the same edit, by now it is that of the server.
    assert client.each("status", "co2", verbose=False) == ["M co2/demo/a.txt"]
    client.each("update", "co2")
    assert client.each("status", "co2", verbose=False) == []


def test_a_working_copy_copied_into_another_stays_what_it_is(
    client: Client, co: Path, home: Path
) -> None:
    shutil.copytree(home / "co", home / "inner")
    (home / "inner").rename(co / "inner")
    assert client.each("status", "co", verbose=False) == ["? co/demo/inner/"]
    (co / "inner" / "demo" / "a.txt").write_bytes(b"edited\n")
    client.each("commit", "co/demo/inner")
    assert client.server.objects["demo/a.txt"] == b"edited\n"


# Names


def test_a_name_that_is_no_text_is_listed_and_never_sent(
    client: Client, co: Path
) -> None:
    name = os.fsdecode(b"\xff\xfe.txt")
    (co / name).write_bytes(b"mine\n")
    before = (co / name).read_bytes()
    assert client.each("status", "co", verbose=False) == [f"? co/demo/{name}"]
    with pytest.raises((PathRefused, Error)):
        client("add", f"co/demo/{name}")
    (co / os.fsdecode(b"\xff")).mkdir()
    with pytest.raises((PathRefused, Error)):
        client("mkdir", f"co/demo/{os.fsdecode(bytes([0xFF]))}/x")
    client("update", "co/demo")
    client("commit", "co/demo")
    assert (co / name).read_bytes() == before
    assert not any(not key.isascii() for key in client.server.objects)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name.txt", "Name.txt"),
        ("Name.txt", "name.txt"),
        ("gr\u00f6\u00dfe", "GR\u00d6\u00dfE"),
    ],
)
@pytest.mark.parametrize("insensitive", [False, True])
def test_others_change_the_case_of_a_name(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    insensitive: bool,
) -> None:
    if insensitive:
        make_insensitive(home, monkeypatch)
    client.server.objects[f"demo/{old}"] = b"text\n"
    client("update", "co/demo")
    assert old in os.listdir(co)
    del client.server.objects[f"demo/{old}"]
    client.server.objects[f"demo/{new}"] = b"news\n"
    lines = client("update", "co/demo")
    assert sorted(lines) == sorted([f"D co/demo/{old}", f"U co/demo/{new}"])
    assert new in os.listdir(co)
    assert old not in os.listdir(co)
    assert (co / new).read_bytes() == b"news\n"
    assert client.each("status", "co", verbose=False) == []
    assert client("update", "co/demo") == []


@pytest.mark.parametrize("insensitive", [False, True])
def test_an_edit_survives_a_change_of_the_case_of_its_name(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    insensitive: bool,
) -> None:
    if insensitive:
        make_insensitive(home, monkeypatch)
    (co / "b.txt").write_bytes(b"edited\n")
    del client.server.objects["demo/b.txt"]
    client.server.objects["demo/B.txt"] = b"news\n"
    client("update", "co/demo")
    assert client.conflicts
    contents = [path.read_bytes() for path in co.iterdir() if path.is_file()]
    assert b"edited\n" in contents
    assert b"news\n" in contents


def test_an_unregistered_file_of_another_case_is_kept(
    client: Client, co: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_insensitive(home, monkeypatch)
    (co / "README").write_bytes(b"mine\n")
    client.server.objects["demo/readme"] = b"theirs\n"
    client("update", "co/demo")
    contents = {path.name: path.read_bytes() for path in co.iterdir() if path.is_file()}
    assert contents["README"] == b"mine\n"
    assert contents["readme-1"] == b"theirs\n"


def test_two_names_for_one_file_make_no_checkout(
    client: Client, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Servers number such names; this one does not.
    make_insensitive(home, monkeypatch)
    server.objects["demo/A.txt"] = b"large\n"
    with pytest.raises(OSError, match="exists"):
        client("checkout", "co", url="http://localhost:8080/demo")
    assert not (home / "co").exists()
