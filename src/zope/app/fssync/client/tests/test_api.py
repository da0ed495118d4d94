"""Each verb is one change of the working copy, made or not made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.controldata import control
from zope.fssync import files
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError


def test_verbs_within_verbs_are_one_change(
    client: Client, co: Path, home: Path
) -> None:
    (home / "dir").mkdir()
    for name in ("1.txt", "2.txt", "3\n.txt"):
        (home / "dir" / name).write_text(name)
    before = snapshot(home)
    with pytest.raises(PathRefused):
        client("copy", "dir", "co/demo/dir")
    assert snapshot(home) == before


def test_a_full_disk_changes_nothing(
    client: Client, server: Server, co: Path, home: Path, monkeypatch
) -> None:
    (co / "b.txt").write_text("mine")
    before = snapshot(home)
    for name in ("demo/a.txt", "demo/more.txt", "demo/sub/deep.txt"):
        server.objects[name] = b"x" * 100_000
    write_new = files.write_new
    for survived in range(12):
        left = iter(range(survived))

        def full(path: str, chunks: Iterable[bytes], left=left) -> None:
            if next(left, None) is None:
                raise OSError(28, "No space left on device", path)
            write_new(path, chunks)

        with monkeypatch.context() as patch:
            patch.setattr(files, "write_new", full)
            try:
                client.each("update", "co")
            except OSError:
                assert snapshot(home) == before
            else:
                break
    else:
        pytest.fail("it never came to an end")
    assert survived > 3
    assert (co / "sub" / "deep.txt").read_bytes() == b"x" * 100_000
    assert (co / "b.txt").read_text() == "mine"


def test_a_damaged_entries_file_stops_all_and_changes_nothing(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (control(co / "sub") / "Entries.xml").write_bytes(b"<entries><entry name='x'")
    server.objects["demo/a.txt"] = b"changed\n"
    before = snapshot(home)
    for verb in ("update", "commit", "status", "diff", "revert", "resolve"):
        with pytest.raises(MetadataDamaged, match=r"Entries\.xml"):
            client.each(verb, "co")
    assert snapshot(home) == before


def test_files_that_change_all_the_time_stop_an_update(
    client: Client, server: Server, co: Path, home: Path, monkeypatch
) -> None:
    from zope.app.fssync.client.workingcopy.staging import Changes

    server.objects["demo/a.txt"] = b"theirs\n"
    edited = Changes.edited

    def busy(changes: Changes) -> list[str]:
        with open(co / "a.txt", "ab") as stream:
            stream.write(b"more\n")
        return edited(changes)

    monkeypatch.setattr(Changes, "edited", busy)
    with pytest.raises(WorkingCopyError, match="changing all the time"):
        client.each("update", "co")
    assert (co / "a.txt").read_bytes() == b"one\ntwo\nthree\n" + b"more\n" * 3
    assert not (control(home / "co") / "Journal").exists()


def test_an_edit_while_an_update_decides_is_merged(
    client: Client, server: Server, co: Path, monkeypatch
) -> None:
    from zope.app.fssync.client.workingcopy.staging import Changes

    server.objects["demo/a.txt"] = b"ONE\ntwo\nthree\n"
    edited = Changes.edited
    edits = iter([b"one\ntwo\nTHREE\n"])

    def busy(changes: Changes) -> list[str]:
        for edit in edits:
            (co / "a.txt").write_bytes(edit)
        return edited(changes)

    monkeypatch.setattr(Changes, "edited", busy)
    assert client.each("update", "co") == ["M co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"ONE\ntwo\nTHREE\n"


def test_an_interrupted_change_is_finished_before_targets_are_looked_up(
    client: Client, co: Path, home: Path
) -> None:
    """What 'zsync status DIR' lists is decided after the recovery."""
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

    new = home / "new"
    new.mkdir()
    copy = WorkingCopy(str(new))

    def interrupted(steps: object) -> None:
        raise KeyboardInterrupt

    def change() -> None:
        os.mkdir(copy.control)
        with copy.changing("checkout") as changes:
            for name in ("Entries.xml", "Root"):
                source = control(home / "co") / name
                changes.write(f"{copy.control}/{name}", [source.read_bytes()])
            changes.journal._take = interrupted  # type: ignore[method-assign]

    with pytest.raises(KeyboardInterrupt):
        change()
    assert client.each("status", "new", verbose=False) == ["lost new/demo"]


def test_an_edit_at_the_very_last_moment_is_kept_and_told(
    client: Client, server: Server, co: Path, monkeypatch
) -> None:
    from zope.app.fssync.client.workingcopy.staging import Changes

    server.objects["demo/a.txt"] = b"theirs\n"
    apply = Changes.apply

    def late(changes: Changes) -> list[str]:
        (co / "a.txt").write_bytes(b"mine\n")
        return apply(changes)

    monkeypatch.setattr(Changes, "apply", late)
    assert client.each("update", "co") == [
        "U co/demo/a.txt",
        "C co/demo/a.txt.mine",
    ]
    assert client.conflicts == ["co/demo/a.txt.mine"]
    assert (co / "a.txt").read_bytes() == b"theirs\n"
    assert (co / "a.txt.mine").read_bytes() == b"mine\n"


def test_a_read_only_working_copy_can_be_looked_at(
    client: Client, co: Path, monkeypatch
) -> None:
    (control(co.parent) / "Journal").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert client.each("status", "co", verbose=False) == []


def test_parts_of_objects_have_no_path_on_the_server(
    client: Client, server: Server, co: Path
) -> None:
    server.extras["demo/a.txt"] = b"extra"
    client("update", "co/demo")
    part = "co/demo/@@Zope/Extra/a.txt/contentType"
    for verb in ("update", "commit"):
        with pytest.raises(Error, match="its path on the server is unknown"):
            client(verb, part)


def test_without_an_id_nothing_is_added_or_removed(client: Client, co: Path) -> None:
    entries = control(co) / "Entries.xml"
    entries.write_bytes(entries.read_bytes().replace(b'id="/demo/sub"', b""))
    (co / "sub" / "new").write_text("new")
    with pytest.raises(Error, match="its parent has no 'id' key"):
        client("add", "co/demo/sub/new")
    with pytest.raises(Error, match="its zope path is unknown"):
        client("remove", "co/demo/sub")
    assert (co / "sub").is_dir()


def test_files_lost_with_their_original_are_fetched_by_an_update(
    client: Client, co: Path
) -> None:
    (co / "b.txt").unlink()
    lose_original(co / "b.txt")
    with pytest.raises(WorkingCopyError, match="original is lost") as caught:
        client("revert", "co/demo/b.txt")
    assert "zsync update" in str(caught.value)
    client.each("update", "co")
    assert (co / "b.txt").read_bytes() == b"b\n"
