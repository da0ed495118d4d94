"""Extras and annotations, read from and written to the text beside an object."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync import xmlpickle
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.fsutil import getextra
from zope.fssync.metadata import Metadata

PLAIN = b"<pickle>\n  <string>text/plain</string>\n</pickle>\n"
HTML = PLAIN.replace(b"plain", b"html")
PART = "co/demo/@@Zope/Extra/a.txt/contentType"


@pytest.fixture
def co(client: Client, server: Server, home: Path) -> Path:
    server.extras["demo/a.txt"] = PLAIN
    server.extras["demo/sub"] = PLAIN
    client("checkout", "co", url=URL, layout=layout.DESCRIBED)
    return home / "co" / "demo"


def changes(client: Client, target: str = "co/demo") -> list[str]:
    return [line for line in client("status", target) if line[0] not in "=/"]


def edit(path: Path, old: bytes, new: bytes) -> None:
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new))


def test_beside_the_files_lies_a_text_for_each(co: Path) -> None:
    there = {str(path.relative_to(co)) for path in co.rglob("*")}
    assert there == {
        *("a.txt", "b.txt", "sub", "sub/deep.txt", "void", "@@.meta"),
        *("@@a.txt.meta", "@@b.txt.meta", "sub/@@.meta", "sub/@@deep.txt.meta"),
        "void/@@.meta",
    }
    control = co.parent / ".zsync"
    assert (control / ".gitignore").read_text() == "*\n"
    assert b"text/plain" in (co / "@@a.txt.meta").read_bytes()


def test_an_edited_line_is_a_changed_part(
    client: Client, server: Server, co: Path
) -> None:
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    assert changes(client) == [f"M {PART}"]
    client("commit", "co/demo")
    assert server.submission is not None
    sent = server.submission.readFile("demo/@@Zope/Extra/a.txt/contentType")
    assert sent == HTML


def test_changes_of_the_server_change_the_text(
    client: Client, server: Server, co: Path
) -> None:
    server.extras["demo/a.txt"] = HTML
    client("update", "co/demo")
    assert b"text/html" in (co / "@@a.txt.meta").read_bytes()
    assert changes(client) == []


def test_an_edit_stays_where_the_server_changes_something_else(
    client: Client, server: Server, co: Path
) -> None:
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    server.objects["demo/a.txt"] = b"theirs\n"
    client("update", "co/demo")
    assert (co / "a.txt").read_bytes() == b"theirs\n"
    assert b"text/html" in (co / "@@a.txt.meta").read_bytes()
    assert changes(client) == [f"M {PART}"]


def test_attributes_edited_in_a_text_are_sent(
    client: Client, server: Server, co: Path
) -> None:
    edit(co / "@@b.txt.meta", b"type = File", b"type = Other")
    edit(co / "@@.meta", b"type = Folder", b"type = Other")
    wanted = ["M co/demo/@@.meta", "M co/demo/@@b.txt.meta"]
    before = (co.parent / ".zsync/tree/demo/@@Zope/Entries.xml").read_bytes()
    assert sorted(changes(client)) == wanted
    assert (co.parent / ".zsync/tree/demo/@@Zope/Entries.xml").read_bytes() == before
    client("commit", "co/demo")
    assert server.submission is not None
    metadata = server.submission.getMetadata()
    assert metadata.getentry("demo/b.txt")["type"] == "Other"
    assert metadata.getentry("demo")["type"] == "Other"


def test_lines_that_are_gone_are_a_removal(client: Client, co: Path) -> None:
    text = (co / "@@a.txt.meta").read_bytes()
    (co / "@@a.txt.meta").write_bytes(text[: text.index(b"[Extra")])
    assert changes(client) == [f"R(reborn) {PART}"]


def test_lines_that_are_new_are_an_addition(client: Client, co: Path) -> None:
    text = (co / "@@a.txt.meta").read_bytes()
    added = text[text.index(b"\n[Extra") :]
    with (co / "@@b.txt.meta").open("ab") as stream:
        stream.write(added)
    assert changes(client) == ["A co/demo/@@Zope/Extra/b.txt/contentType"]


@pytest.mark.parametrize("name", ["@@a.txt.meta", "sub/@@.meta"])
def test_a_link_is_no_description(
    client: Client, co: Path, home: Path, name: str
) -> None:
    (home / "elsewhere").write_bytes((co / name).read_bytes())
    (co / name).unlink()
    (co / name).symlink_to(home / "elsewhere")
    for verb in ("status", "commit"):
        with pytest.raises(PathRefused, match="not a regular file"):
            client(verb, "co/demo")
    assert (co / name).is_symlink()


def test_a_link_is_no_control_directory(client: Client, co: Path, home: Path) -> None:
    (co.parent / ".zsync").rename(home / "elsewhere")
    (co.parent / ".zsync").symlink_to(home / "elsewhere")
    (co / "a.txt").write_bytes(b"edited\n")
    with pytest.raises(Error, match="nothing known about"):
        client("revert", "co/demo/a.txt")
    assert (co / "a.txt").read_bytes() == b"edited\n"


def test_an_object_named_as_a_description_is_a_file_of_its_own(
    client: Client, server: Server, co: Path
) -> None:
    server.objects.update({"demo/@@a.txt.META": b"upper\n", "demo/@@b.meta": b"b\n"})
    text = (co / "@@a.txt.meta").read_bytes()
    client("update", "co/demo")
    assert (co / "_@@a.txt.META").read_bytes() == b"upper\n"
    assert (co / "_@@b.meta").read_bytes() == b"b\n"
    assert (co / "@@a.txt.meta").read_bytes() == text
    assert changes(client) == []


def test_a_text_that_is_lost_comes_back(
    client: Client, server: Server, co: Path
) -> None:
    before = (co / "@@a.txt.meta").read_bytes()
    (co / "@@a.txt.meta").unlink()
    assert changes(client) == [f"lost {PART}"]
    client("revert", "co/demo/a.txt")
    assert (co / "@@a.txt.meta").read_bytes() == before
    assert changes(client) == []


def test_a_folder_that_is_lost_comes_back_with_its_text(
    client: Client, co: Path
) -> None:
    before = (co / "sub" / "@@.meta").read_bytes()
    shutil.rmtree(co / "sub")
    assert changes(client) == ["lost co/demo/sub"]
    client("update", "co/demo")
    assert (co / "sub" / "@@.meta").read_bytes() == before
    assert changes(client) == []


def test_the_text_goes_with_its_object(
    client: Client, server: Server, co: Path
) -> None:
    for path in ("demo/a.txt", "demo/sub", "demo/sub/deep.txt"):
        del server.objects[path]
    client("update", "co/demo")
    there = {str(path.relative_to(co)) for path in co.rglob("*")}
    assert there == {"@@.meta", "b.txt", "@@b.txt.meta", "void", "void/@@.meta"}
    tree = co.parent / ".zsync" / "tree" / "demo"
    assert sorted(path.name for path in tree.iterdir()) == ["@@Zope", "void"]


@pytest.mark.parametrize("name", ["a.txt", "sub"])
def test_the_text_moves_with_its_object(client: Client, co: Path, name: str) -> None:
    client("move", [f"co/demo/{name}"], "co/demo/void/moved")
    place = co / "void" / ("@@moved.meta" if name == "a.txt" else "moved/@@.meta")
    assert b"text/plain" in place.read_bytes()
    assert not (co / "@@a.txt.meta").exists() or name == "sub"
    assert not (co / "sub").exists() or name == "a.txt"
    assert [line for line in changes(client) if "/@@Zope/" in line] == []


def test_binary_parts_lie_beside_the_description(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"\0\1"
    server.extras["demo/sub"] = b"x" * 100_000
    client("checkout", "co", url=URL, layout=layout.DESCRIBED)
    demo = home / "co" / "demo"
    aside = demo / "@@a.txt.parts" / "Extra" / "contentType"
    assert aside.read_bytes() == b"\0\1"
    large = demo / "sub" / "@@.parts" / "Extra" / "contentType"
    assert large.stat().st_size == 100_000
    assert changes(client) == []
    aside.write_bytes(b"\0\2")
    assert changes(client) == [f"M {PART}"]
    server.extras["demo/a.txt"] = PLAIN
    client("revert", "co/demo/a.txt")
    client("update", "co/demo")
    assert not (demo / "@@a.txt.parts").exists()
    assert b"text/plain" in (demo / "@@a.txt.meta").read_bytes()


def test_a_text_that_cannot_be_read_is_told_by_its_line(
    client: Client, co: Path
) -> None:
    (co / "@@a.txt.meta").write_bytes(b"type = File\n<what is this\n")
    with pytest.raises(MetadataDamaged, match=r"@@a\.txt\.meta.*line 2"):
        client("status", "co/demo")


def test_parts_are_found_by_the_paths_of_3_6_0(co: Path) -> None:
    files = CompactTree(Tree())
    special = getextra(str(co / "a.txt"))
    assert files.listdir(special) == ["@@Zope", "contentType"]
    assert Metadata(files).getnames(special) == ["contentType"]
    with files.open(f"{special}/contentType") as stream:
        assert stream.read() == PLAIN
    assert files.listdir(str(co)) == ["@@Zope", "a.txt", "b.txt", "sub", "void"]


def test_a_description_tells_whether_its_parts_are_as_they_were_received(
    co: Path,
) -> None:
    def is_received(name: str) -> bool:
        return CompactTree(Tree()).has_received_parts(str(co / name))

    names = ["a.txt", "b.txt", "sub"]
    assert all(map(is_received, names))
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    (co / "@@b.txt.meta").write_bytes(
        (co / "@@b.txt.meta").read_bytes() + b"Extra/contentType = text/html\n"
    )
    (co / "sub/@@.meta").unlink()
    assert not any(map(is_received, names))


@pytest.fixture
def git(co: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    for variable in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(variable, "somebody")
    for variable in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(variable, "somebody@example.org")

    def run(*words: str) -> None:
        subprocess.run(["git", *words], cwd=co.parent, check=True, capture_output=True)

    run("init", "-q")
    run("add", "-A")
    run("commit", "-qm", "as received")
    return run


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_git_tracks_content_and_texts_and_status_tells_the_truth(
    client: Client, server: Server, co: Path, git: Callable[..., None]
) -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=co.parent, check=True, capture_output=True, text=True
    ).stdout.split()
    assert "demo/a.txt" in tracked
    assert "demo/@@a.txt.meta" in tracked
    assert not [name for name in tracked if ".zsync" in name]
    assert changes(client) == []
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    (co / "b.txt").write_bytes(b"mine\n")
    git("stash")
    assert changes(client) == []
    git("stash", "pop")
    assert changes(client) == [f"M {PART}", "M co/demo/b.txt"]
    # This server stores no extras by itself.
    server.extras["demo/a.txt"] = HTML
    client("commit", "co/demo")
    git("commit", "-qam", "edited")
    git("checkout", "-q", "HEAD~1")
    assert changes(client) == [f"M {PART}", "M co/demo/b.txt"]
    git("checkout", "-q", "-")
    assert changes(client) == []


def test_a_key_in_conflict_shows_both_values(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = xmlpickle.dumps({"colour": "red", "size": 1})
    client("checkout", "co", url=URL, layout=layout.DESCRIBED)
    description = home / "co/demo/@@a.txt.meta"
    edit(description, b"colour = red", b"colour = green")
    server.extras["demo/a.txt"] = xmlpickle.dumps({"colour": "blue", "size": 2})
    assert client("update", "co/demo") == [f"C {PART}"]
    text = description.read_text()
    assert text.endswith(
        "\n<<<<<<< mine\ncolour = green\n=======\ncolour = blue\n>>>>>>> server\n"
        "size = 2\n"
    )
    assert changes(client) == [f"C {PART}"]
    assert description.read_text() == text
    with pytest.raises(Error, match="conflict markers"):
        client("resolve", "co/demo/a.txt", force=False)
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if "=======" not in line and line[:1] not in "<>"]
    description.write_text("".join(kept).replace("colour = blue\n", ""))
    client("resolve", "co/demo/a.txt", force=False)
    assert changes(client) == [f"M {PART}"]
    client("commit", "co/demo")
    assert server.submission is not None
    sent = server.submission.readFile("demo/@@Zope/Extra/a.txt/contentType")
    assert sent == xmlpickle.dumps({"colour": "green", "size": 2})


def test_a_diff_is_one_of_the_text(client: Client, co: Path) -> None:
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    written: list[bytes] = []
    shown: list[str] = []
    client("diff", "co/demo", diffopts="-u", write=written.append, begin=shown.append)
    assert shown == ["co/demo/@@a.txt.meta"]
    diff = b"".join(written)
    assert diff.startswith(
        b"--- a/co/demo/@@a.txt.meta\n+++ b/co/demo/@@a.txt.meta\n@@ "
    )
    assert b"-      <string>text/plain</string>\n" in diff
    assert b"+      <string>text/html</string>\n" in diff
    (co / "@@a.txt.meta").write_bytes(
        b"# Looks another way only.\n"
        + (co / "@@a.txt.meta").read_bytes().replace(b"text/html", b"text/plain")
    )
    written.clear()
    client("diff", "co/demo", write=written.append)
    assert written == []
    diffed = subprocess.run(["git", "apply"], input=diff, cwd=co.parents[1], check=True)
    assert diffed.returncode == 0
    assert changes(client) == [f"M {PART}"]


def test_a_diff_of_added_and_removed_objects_has_their_descriptions(
    client: Client, co: Path
) -> None:
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt", "my.File", "my.File")
    client("remove", "co/demo/b.txt")
    written: list[bytes] = []
    client(
        "diff",
        "co/demo",
        diffopts="-u",
        need_original=False,
        write=written.append,
        begin=lambda path: None,
    )
    lines = b"".join(written).decode().splitlines()
    assert "--- a/co/demo/@@b.txt.meta" in lines
    assert "+++ b/co/demo/@@new.txt.meta" in lines
    assert "+type = my.File" in lines


# The description as a target


def test_a_description_stands_for_the_parts_it_tells(client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    before = (co / "@@a.txt.meta").read_bytes()
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    assert client("revert", "co/demo/@@a.txt.meta") == [f"Reverted {PART}"]
    assert (co / "@@a.txt.meta").read_bytes() == before
    assert changes(client) == ["M co/demo/a.txt"]
    assert changes(client, "co/demo/@@a.txt.meta") == ["M co/demo/a.txt"]


def test_only_the_conflicts_of_a_description_are_resolved(
    client: Client, server: Server, co: Path
) -> None:
    edit(co / "@@a.txt.meta", b"text/plain", b"text/mine")
    (co / "a.txt").write_bytes(b"ONE\n")
    server.objects["demo/a.txt"] = b"EIN\n"
    server.extras["demo/a.txt"] = HTML
    client("update", "co/demo")
    assert set(client.conflicts) == {"co/demo/a.txt", PART}
    resolved = client("resolve", "co/demo/@@a.txt.meta", accept="mine")
    assert resolved == [f"Resolved {PART}"]
    assert b"text/mine" in (co / "@@a.txt.meta").read_bytes()
    assert [line[0] for line in changes(client)] == ["C", "M"]


def test_the_file_to_edit_for_a_part_is_the_description(
    client: Client, server: Server, co: Path
) -> None:
    files = CompactTree(Tree())
    assert files.shown(PART) == "co/demo/@@a.txt.meta"
    assert files.shown("co/demo/@@Zope/Extra/sub/contentType") == (
        "co/demo/sub/@@.meta"
    )
    assert files.shown("co/demo/a.txt") == "co/demo/a.txt"
    assert files.owner_of("co/demo/@@a.txt.meta") == "co/demo/a.txt"
    assert files.owner_of("co/demo/sub/@@.meta") == "co/demo/sub"
    assert files.owner_of("co/demo/@@stray.meta") is None
    assert files.owner_of("co/demo/a.txt") is None
    server.extras["demo/a.txt"] = b"\0\1"
    client("update", "co/demo")
    aside = CompactTree(Tree()).shown(PART)
    assert aside == "co/demo/@@a.txt.parts/Extra/contentType"
    assert Path(aside).read_bytes() == b"\0\1"


def test_other_verbs_say_what_to_name(client: Client, co: Path) -> None:
    with pytest.raises(Error, match="nothing known") as raised:
        client("update", "co/demo/@@a.txt.meta")
    assert raised.value.advice == "It describes 'co/demo/a.txt': name that."
    for verb in ("add", "mkdir"):
        with pytest.raises(Error, match="is the name of a description"):
            client(verb, "co/demo/@@new.meta")
    with pytest.raises(Error, match="is the name of a description"):
        client("move", ["co/demo/b.txt"], "co/demo/@@new.meta")


def test_diff_and_cat_show_what_was_received(client: Client, co: Path) -> None:
    before = (co / "@@a.txt.meta").read_bytes()
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    (co / "a.txt").write_bytes(b"mine\n")
    shown: list[bytes] = []
    client("diff", "co/demo/@@a.txt.meta", write=shown.append)
    text = b"".join(shown)
    assert (
        b"<       <string>text/plain</string>\n---\n>       <string>text/html" in text
    )
    assert b"mine" not in text
    shown.clear()
    client("cat", "co/demo/@@a.txt.meta", shown.append)
    assert b"".join(shown) == before


def test_a_type_that_was_edited_is_reverted(client: Client, co: Path) -> None:
    for path in (co / "@@b.txt.meta", co / "sub" / "@@.meta"):
        before = path.read_bytes()
        for target in (path, co / ("b.txt" if path.parent == co else "sub")):
            path.write_bytes(before.replace(b"type = ", b"type = Other."))
            name = str(path.relative_to(co.parent.parent))
            assert changes(client) == [f"M {name}"]
            relative = str(target.relative_to(co.parent.parent))
            assert client("revert", relative) == [f"Reverted {name}"]
            assert path.read_bytes() == before
            assert changes(client) == []


# Moves by hand


def moved_by_hand(client: Client, source: str, target: str) -> list[str]:
    client("move", [f"co/demo/{source}"], f"co/demo/{target}", True)
    return changes(client)


@pytest.mark.parametrize("along", [True, False])
def test_a_file_that_was_moved_keeps_its_description(
    client: Client, server: Server, co: Path, along: bool
) -> None:
    edit(co / "@@a.txt.meta", b"text/plain", b"text/html")
    before = (co / "@@a.txt.meta").read_bytes()
    (co / "a.txt").rename(co / "sub" / "n.txt")
    if along:
        (co / "@@a.txt.meta").rename(co / "sub" / "@@n.txt.meta")
    assert moved_by_hand(client, "a.txt", "sub/n.txt") == [
        "R co/demo/sub/n.txt (from co/demo/a.txt)",
        "M co/demo/sub/@@Zope/Extra/n.txt/contentType",
    ]
    assert (co / "sub" / "@@n.txt.meta").read_bytes() == before
    assert not (co / "@@a.txt.meta").exists()
    client("revert", "co/demo/sub/n.txt")
    assert changes(client) == []
    assert (co / "@@a.txt.meta").read_bytes() == before.replace(b"html", b"plain")


def test_a_directory_that_was_moved_is_known_with_all_in_it(
    client: Client, server: Server, co: Path
) -> None:
    edit(co / "sub" / "@@.meta", b"text/plain", b"text/html")
    (co / "sub" / "deep.txt").write_bytes(b"mine\n")
    (co / "sub").rename(co / "void" / "under")
    before = snapshot(co / "void" / "under")
    assert moved_by_hand(client, "sub", "void/under") == [
        "R co/demo/void/under/ (from co/demo/sub)",
        "M co/demo/void/under/deep.txt",
        "M co/demo/void/@@Zope/Extra/under/contentType",
    ]
    assert snapshot(co / "void" / "under") == before
    assert not (co.parent / ".zsync/tree/demo/sub").exists()
    # And back again by hand.
    (co / "void" / "under").rename(co / "sub")
    assert moved_by_hand(client, "void/under", "sub") == [
        "M co/demo/sub/deep.txt",
        "M co/demo/@@Zope/Extra/sub/contentType",
    ]
    assert snapshot(co / "sub") == before


def test_a_directory_that_was_moved_is_recognized(client: Client, co: Path) -> None:
    (co / "sub").rename(co / "new")
    fs = FSSync()
    assert fs.moved_by_hand(missing=["co/demo/sub"]) == [("co/demo/sub", "co/demo/new")]
    (co / "new").rename(co / "sub")
    (co / "void").rename(co / "empty")
    assert fs.moved_by_hand(missing=["co/demo/void"]) == [
        ("co/demo/void", "co/demo/empty")
    ]
    (co / "empty" / "@@.meta").unlink()
    assert fs.moved_by_hand(missing=["co/demo/void"]) == []


def test_a_copy_has_no_part_of_which_a_description_says_nothing(
    client: Client, server: Server, co: Path
) -> None:
    """The server alone decides what is in it."""
    core = "Annotations/zope.app.dublincore.ZopeDublinCore"
    part = f"co/demo/@@Zope/{core.replace('/', '/a.txt/')}"
    files = CompactWriter(Tree())
    metadata = Metadata(files)
    metadata.getentry(part).update(type="my.Core", flag="added")
    metadata.flush()
    files.flush()
    assert core not in (co / "@@a.txt.meta").read_text()
    assert Metadata(CompactTree(Tree())).getnames(os.path.dirname(part)) == []
    assert changes(client) == []
