"""Whole trees are merged: what is reported, and what lies there afterwards."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Tree
from zope.fssync.fsmerger import FSMerger
from zope.fssync.fsmerger import ignored
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import SentFiles
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.test_metadata import unpacked
from zope.fssync.tests.test_snarf import TOFS
from zope.fssync.tests.test_snarf import archive
from zope.fssync.tests.test_snarf import files_of

SESSIONS = Path(__file__).parent / "data" / "sessions"

EXTRA = "demo/@@Zope/Extra/"
ANNOTATIONS = "demo/@@Zope/Annotations/"


def served(
    files: dict[str, bytes | None],
    keys: dict[str, str] | None = None,
    binary: tuple[str, ...] = (),
) -> bytes:
    """An archive as a server sends it; directories have no content.

    ``keys`` are the keys of objects whose name does not tell them.
    """
    entries: dict[str, dict[str, dict[str, str]]] = {}
    members: dict[str, bytes] = {}
    for path, data in files.items():
        parts = path.split("/")
        for depth, name in enumerate(parts):
            above = parts[:depth]
            if name == paths.CONTROL or paths.CONTROL in above[-2:]:
                continue
            here = "/".join(parts[: depth + 1])
            entry = {"type": "T", "id": "/" + here}
            if keys and here in keys:
                entry["key"] = keys[here]
            if here in binary:
                entry["binary"] = "true"
            entries.setdefault("/".join(above), {})[name] = entry
        if data is None:
            entries.setdefault(path, {})
        else:
            members[path] = data
    for directory, registered in entries.items():
        path = paths.join_archive_path(directory, "@@Zope", "Entries.xml")
        members[path] = dump_entries(registered)
    return archive(members)


class WorkingCopy:
    """A directory that takes what a server sends."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.conflicts: list[str] = []

    def update(
        self, text: bytes, sent: bytes | None = None, overwrite_local: bool = False
    ) -> list[str]:
        """Merge an archive; returns the lines that tell of something."""
        lines = self.merge(text, sent, overwrite_local)
        return [line for line in lines if line[0] not in "*/"]

    def merge(
        self, text: bytes, sent: bytes | None = None, overwrite_local: bool = False
    ) -> list[str]:
        lines: list[str] = []
        metadata = Metadata()
        source = ArchiveSource(SnarfRepository(io.BytesIO(text)))
        merger = FSMerger(
            metadata,
            lines.append,
            overwrite_local,
            Tree(str(self.root)),
            source,
            SentFiles(SnarfRepository(io.BytesIO(sent)), str(self.root))
            if sent
            else None,
        )
        (top,) = source.getnames("") or ["demo"]
        merger.merge(str(self.root / top), top)
        metadata.flush()
        prefix = str(self.root) + "/"
        self.conflicts = [path.removeprefix(prefix) for path in merger.conflicts]
        assert self.conflicts == [
            line[2:].replace(prefix, "") for line in lines if line[0] == "C"
        ]
        return [line.replace(prefix, "") for line in lines]

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()

    def entries(self, directory: str) -> dict[str, dict[str, str]]:
        return load_entries(self.read(f"{directory}/@@Zope/Entries.xml"))

    def flag(self, path: str, flag: str) -> None:
        metadata = Metadata()
        metadata.getentry(str(self.root / path))["flag"] = flag
        metadata.flush()

    def snapshot(self) -> dict[str, bytes | None]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            if path.is_file()
            else None
            for path in self.root.rglob("*")
        }


@pytest.fixture
def wc(tmp_path: Path) -> WorkingCopy:
    (tmp_path / "co").mkdir()
    return WorkingCopy(tmp_path / "co")


TREE: dict[str, bytes | None] = {
    "demo/a.txt": b"a\n",
    "demo/b.txt": b"b\n",
    "demo/sub/deep/leaf": b"leaf\n",
    "demo/sub/top": b"top\n",
    EXTRA + "a.txt/contentType": b"text",
    ANNOTATIONS + "a.txt/dc": b"title a",
    ANNOTATIONS + "sub/dc": b"title sub",
    "demo/empty": None,
}


def without(*names: str) -> dict[str, bytes | None]:
    return {
        path: data
        for path, data in TREE.items()
        if not any(f"{path}/".startswith(f"{name}/") for name in names)
    }


# What 3.6.0 sent and reported


def test_a_checkout_reports_what_3_6_0_reports(wc):
    lines = wc.update((TOFS / "demo.snarf").read_bytes())
    expected = (SESSIONS / "checkout.txt").read_text().replace("co/", "").splitlines()
    assert lines == expected


@pytest.mark.parametrize(
    ("copy", "name"),
    [
        ("demo-checkout", "demo"),
        ("file-checkout", "file"),
        ("names-checkout", "names"),
        ("pickles-checkout", "pickles"),
        ("site-checkout", "site"),
    ],
)
def test_a_working_copy_of_3_6_0_takes_the_same_archive_as_no_change(
    tmp_path, copy, name
):
    wc = WorkingCopy(unpacked(f"{copy}.tar.gz", tmp_path))
    before = wc.snapshot()
    assert {line[0] for line in wc.merge((TOFS / f"{name}.snarf").read_bytes())} <= {
        "*",
        "/",
    }
    assert wc.snapshot() == before


@pytest.mark.parametrize("name", ["demo", "names", "pickles", "site", "root"])
def test_a_second_update_is_no_change(wc, name):
    text = (TOFS / f"{name}.snarf").read_bytes()
    assert wc.update(text)
    before = wc.snapshot()
    assert wc.update(text) == []
    assert wc.snapshot() == before


def committed_by_another(wc: WorkingCopy) -> bytes:
    """What the server held when `sessions/conflicts.txt` was recorded."""
    members = files_of((TOFS / "demo.snarf").read_bytes())
    gone = ("empty.txt", "utf8.txt", "sub")
    entries = load_entries(members["demo/@@Zope/Entries.xml"])
    for name in gone:
        del entries[name]
    members = {
        path: data
        for path, data in members.items()
        if not set(gone) & set(path.split("/"))
    }
    # The dates in these are those of another demo folder.
    members |= {path: wc.read(path) for path in members if path.endswith("DublinCore")}
    members["demo/readme.txt"] = b"B first line.\nSecond line.\nThird line.\n"
    members["demo/data.bin"] = b"B\x00B"
    members["demo/page.html"] += b"<!-- B -->\n"
    members["demo/nonewline.txt"] += b"B"
    dc = "zope.app.dublincore.ZopeDublinCore"
    for name in ("readme.txt", "data.bin", "page.html", "nonewline.txt"):
        members[f"{ANNOTATIONS}{name}/{dc}"] += b"\n"
    for name, content in (
        ("both.txt", b"B version\n"),
        ("same.txt", b"same\n"),
        ("untracked.txt", b"B version\n"),
    ):
        entries[name] = {**entries["bare.txt"], "id": f"/demo/{name}"}
        members[f"demo/{name}"] = content
        for special in (f"{EXTRA}{name}/contentType", f"{ANNOTATIONS}{name}/{dc}"):
            like = special.replace(name, "readme.txt")
            folder = special.rpartition("/")[0]
            members[special] = members[like]
            members[f"{folder}/@@Zope/Entries.xml"] = members[
                like.rpartition("/")[0] + "/@@Zope/Entries.xml"
            ]
    members["demo/@@Zope/Entries.xml"] = dump_entries(entries)
    return archive(members)


def test_conflicts_are_reported_as_3_6_0_reports_them_but_for_what_it_lost(tmp_path):
    wc = WorkingCopy(unpacked("demo-before-conflict.tar.gz", tmp_path))
    lines = wc.update(committed_by_another(wc))
    recorded = (SESSIONS / "update.txt").read_text()
    expected = [line.replace(" a/", " ") for line in recorded.splitlines()]
    kept = {
        "D demo/empty.txt": ["C demo/empty.txt"],
        "D demo/sub/deep/leaf.txt": ["C demo/sub/deep/leaf.txt"],
        "? demo/sub/deep/": ["A demo/sub/deep/"],
        "? demo/sub/": ["A demo/sub/"],
        "U demo/untracked.txt": ["C demo/untracked.txt"],
    }
    # The folders stay with their objects.
    for folder in (
        "@@Zope/Extra/empty.txt/",
        "@@Zope/Annotations/empty.txt/",
        "@@Zope/Annotations/sub/",
        "sub/@@Zope/Annotations/deep/",
        "sub/deep/@@Zope/Extra/leaf.txt/",
        "sub/deep/@@Zope/Annotations/leaf.txt/",
    ):
        kept[f"D demo/{folder}"] = []
    wanted = [new for line in expected for new in kept.get(line, [line])]
    assert sorted(lines) == sorted(wanted)
    assert wc.read("demo/empty.txt") == b"A edit of a file B removed\n"
    assert wc.read("demo/sub/deep/leaf.txt").endswith(
        b"A edit below a folder B removed\n"
    )
    assert wc.read("demo/sub/deep/kept.txt") == b"unregistered\n"
    assert wc.read("demo/untracked.txt") == b"A version, never added\n"
    assert wc.read("demo/data.bin") == b"A\x00A"
    assert b"A version\n" in wc.read("demo/both.txt")
    assert b"B version\n" in wc.read("demo/both.txt")


# Letters


def test_each_change_of_the_server_has_its_letter(wc):
    wc.update(served(TREE))
    assert wc.update(served(TREE)) == []
    changed = without("demo/b.txt", "demo/empty", ANNOTATIONS + "sub")
    changed |= {
        "demo/a.txt": b"a changed\n",
        "demo/c.txt": b"c\n",
        "demo/new": None,
        "demo/sub/top": b"top changed\n",
        ANNOTATIONS + "a.txt/dc": b"title changed",
    }
    assert wc.update(served(changed)) == [
        "U demo/a.txt",
        f"U {ANNOTATIONS}a.txt/dc",
        "D demo/b.txt",
        "U demo/c.txt",
        "D demo/empty/",
        "N demo/new/",
        "U demo/sub/top",
        f"D {ANNOTATIONS}sub/dc",
        f"D {ANNOTATIONS}sub/",
    ]
    assert wc.update(served(changed)) == []
    assert not wc.exists("demo/empty")
    assert load_entries(wc.read("demo/new/@@Zope/Entries.xml")) == {}
    assert sorted(wc.entries("demo")) == ["a.txt", "c.txt", "new", "sub"]


def test_each_change_here_has_its_letter(wc):
    wc.update(served(TREE))
    wc.write("demo/a.txt", b"mine\n")
    wc.write("demo/added", b"added\n")
    wc.flag("demo/added", "added")
    (wc.root / "demo" / "addeddir").mkdir()
    wc.flag("demo/addeddir", "added")
    (wc.root / "demo" / "b.txt").unlink()
    wc.flag("demo/b.txt", "removed")
    (wc.root / "demo" / "empty" / "@@Zope" / "Entries.xml").unlink()
    (wc.root / "demo" / "empty" / "@@Zope").rmdir()
    (wc.root / "demo" / "empty").rmdir()
    wc.flag("demo/empty", "removed")
    wc.write("demo/stray.txt", b"stray\n")
    wc.write("demo/backup~", b"ignored\n")
    (wc.root / "demo" / "straydir").mkdir()
    (wc.root / "demo" / "CVS").mkdir()
    expected = [
        "M demo/a.txt",
        "A demo/added",
        "A demo/addeddir/",
        "R demo/b.txt",
        "R demo/empty/",
        "? demo/stray.txt",
        "? demo/straydir/",
    ]
    assert wc.update(served(TREE)) == expected
    assert wc.update(served(TREE)) == expected
    after = without("demo/b.txt", "demo/empty")
    after |= {"demo/a.txt": b"mine\n", "demo/added": b"added\n", "demo/addeddir": None}
    assert wc.update(served(after)) == [
        "U demo/a.txt",
        "U demo/added",
        "U demo/addeddir/",
        "D demo/b.txt",
        "D demo/empty",
        "? demo/stray.txt",
        "? demo/straydir/",
    ]
    assert sorted(wc.entries("demo")) == ["a.txt", "added", "addeddir", "sub"]
    assert "flag" not in wc.entries("demo")["addeddir"]


def test_names_of_editors_and_other_systems_are_ignored():
    assert all(map(ignored, ["a~", ".#a", "CVS", ".svn", ".cvsignore"]))
    assert not any(map(ignored, ["a", "#a", "cvs", "a.#"]))


def test_a_lost_file_or_directory_comes_back(wc):
    wc.update(served(TREE))
    (wc.root / "demo" / "a.txt").unlink()
    Tree().rmtree(str(wc.root / "demo" / "sub"))
    assert wc.update(served(TREE)) == [
        "U demo/a.txt",
        "N demo/sub/",
        "N demo/sub/deep/",
        "U demo/sub/deep/leaf",
        "U demo/sub/top",
    ]


def test_an_added_directory_with_files_is_reported_with_them(wc):
    wc.update(served(TREE))
    wc.write("demo/dir/f", b"f")
    wc.flag("demo/dir", "added")
    wc.flag("demo/dir/f", "added")
    assert wc.update(served(TREE)) == ["A demo/dir/", "A demo/dir/f"]
    after = served(TREE | {"demo/dir/f": b"f", "demo/dir/g": b"g"})
    assert wc.update(after) == ["U demo/dir/", "U demo/dir/f", "U demo/dir/g"]
    assert wc.update(after) == []


def test_a_removed_directory_with_files_is_not_descended(wc):
    wc.update(served(TREE))
    Tree().rmtree(str(wc.root / "demo" / "sub"))
    wc.flag("demo/sub", "removed")
    assert wc.update(served(TREE)) == ["R demo/sub/"]
    assert wc.update(served(without("demo/sub", ANNOTATIONS + "sub"))) == [
        "D demo/sub",
        f"D {ANNOTATIONS}sub/dc",
        f"D {ANNOTATIONS}sub/",
    ]
    assert not wc.exists(ANNOTATIONS + "sub")


def test_a_file_in_the_place_of_a_removed_directory_stays_out_of_it(wc):
    wc.update(served(TREE))
    Tree().rmtree(str(wc.root / "demo" / "sub"))
    wc.flag("demo/sub", "removed")
    wc.write("demo/sub/deep/mine", b"mine\n")
    before = wc.snapshot()
    assert wc.update(served(TREE)) == ["R demo/sub/"]
    assert wc.snapshot() == before
    assert wc.update(served(without("demo/sub", ANNOTATIONS + "sub")))[0] == (
        "? demo/sub/"
    )
    assert wc.read("demo/sub/deep/mine") == b"mine\n"
    assert "sub" not in wc.entries("demo")


def test_a_removed_file_that_became_a_directory_is_a_conflict(wc):
    wc.update(served(TREE))
    (wc.root / "demo" / "b.txt").unlink()
    wc.flag("demo/b.txt", "removed")
    after = without("demo/b.txt") | {"demo/b.txt/theirs": b"theirs\n"}
    for _ in range(2):
        assert wc.update(served(after)) == ["C demo/b.txt"]
    assert wc.entries("demo")["b.txt"]["conflict"] == "yes"
    assert not wc.exists("demo/b.txt")
    assert not wc.exists("demo/@@Zope/Original/b.txt")


def test_a_class_that_changed_on_the_server_is_taken_over(wc):
    wc.update(served(TREE))
    changed = served(TREE).replace(b'type="T"', b'type="X"')
    assert wc.update(changed) == []
    assert {entry["type"] for entry in wc.entries("demo").values()} == {"X"}


# What the server removed


def test_a_removed_tree_goes_with_all_that_belongs_to_it(wc):
    wc.update(served(TREE))
    lines = wc.update(served(without("demo/sub", ANNOTATIONS + "sub")))
    assert lines == [
        "D demo/sub/deep/leaf",
        "D demo/sub/deep/",
        "D demo/sub/top",
        "D demo/sub/",
        f"D {ANNOTATIONS}sub/dc",
        f"D {ANNOTATIONS}sub/",
    ]
    assert not wc.exists("demo/sub")
    assert not wc.exists(ANNOTATIONS + "sub")
    assert wc.exists(ANNOTATIONS + "a.txt")


def test_an_edit_below_a_removed_directory_stays_to_be_added_again(wc):
    wc.update(served(TREE))
    wc.write("demo/sub/deep/leaf", b"edited\n")
    lines = wc.update(served(without("demo/sub", ANNOTATIONS + "sub")))
    assert lines[:4] == [
        "C demo/sub/deep/leaf",
        "A demo/sub/deep/",
        "D demo/sub/top",
        "A demo/sub/",
    ]
    assert wc.read("demo/sub/deep/leaf") == b"edited\n"
    assert wc.entries("demo")["sub"]["flag"] == "added"
    assert wc.entries("demo/sub")["deep"]["flag"] == "added"
    assert wc.entries("demo/sub/deep")["leaf"]["conflict"] == "yes"


def test_unregistered_files_stay_in_a_removed_directory(wc):
    wc.update(served(TREE))
    wc.write("demo/sub/mine", b"mine\n")
    lines = wc.update(served(without("demo/sub", ANNOTATIONS + "sub")))
    assert "? demo/sub/" in lines
    assert wc.read("demo/sub/mine") == b"mine\n"
    assert not wc.exists("demo/sub/@@Zope")


@pytest.mark.parametrize("name", ["a.txt", "sub", "empty"])
def test_an_edited_annotation_keeps_its_object_when_the_server_removed_it(wc, name):
    tree = TREE | {ANNOTATIONS + "empty/dc": b"title empty"}
    wc.update(served(tree))
    wc.write(f"{ANNOTATIONS}{name}/dc", b"title of mine")
    gone = {path: data for path, data in tree.items() if name not in path.split("/")}
    lines = wc.update(served(gone))
    assert f"C {ANNOTATIONS}{name}/dc" in lines
    assert wc.read(f"{ANNOTATIONS}{name}/dc") == b"title of mine"
    assert wc.exists(f"demo/{name}")
    assert wc.entries("demo")[name]["flag"] == "added"


def test_a_file_removed_on_both_sides_takes_its_extras_along(wc):
    wc.update(served(TREE))
    (wc.root / "demo" / "a.txt").unlink()
    wc.flag("demo/a.txt", "removed")
    gone = without("demo/a.txt", EXTRA + "a.txt", ANNOTATIONS + "a.txt")
    assert wc.update(served(gone)) == [
        "D demo/a.txt",
        f"D {EXTRA}a.txt/contentType",
        f"D {EXTRA}a.txt/",
        f"D {ANNOTATIONS}a.txt/dc",
        f"D {ANNOTATIONS}a.txt/",
    ]
    assert not wc.exists(EXTRA)
    assert not wc.exists("demo/@@Zope/Original/a.txt")


# Files become directories, and the other way round


def test_an_unmodified_file_becomes_a_directory_and_comes_back(wc):
    wc.update(served(TREE))
    changed = served(without("demo/b.txt") | {"demo/b.txt/in": b"in\n"})
    assert wc.update(changed) == ["D demo/b.txt", "N demo/b.txt/", "U demo/b.txt/in"]
    assert wc.update(changed) == []
    assert wc.update(served(TREE)) == ["D demo/b.txt/", "U demo/b.txt"]
    assert wc.read("demo/b.txt") == b"b\n"
    assert wc.update(served(TREE)) == []


def test_an_edited_file_is_not_replaced_by_a_directory(wc):
    wc.update(served(TREE))
    wc.write("demo/b.txt", b"mine\n")
    changed = served(without("demo/b.txt") | {"demo/b.txt/in": b"in\n"})
    for _ in range(2):
        assert wc.update(changed) == ["C demo/b.txt"]
        assert wc.read("demo/b.txt") == b"mine\n"


@pytest.mark.parametrize(
    "edit",
    ["sub/deep/leaf", "sub/unregistered", "sub/@@Zope/Annotations/top/dc"],
)
def test_a_directory_with_edits_is_not_replaced_by_a_file(wc, edit):
    tree = TREE | {"demo/sub/@@Zope/Annotations/top/dc": b"title"}
    wc.update(served(tree))
    wc.write(f"demo/{edit}", b"mine\n")
    changed = without("demo/sub", ANNOTATIONS + "sub") | {"demo/sub": b"now a file"}
    assert wc.update(served(changed)) == ["C demo/sub"]
    assert wc.read(f"demo/{edit}") == b"mine\n"


def test_an_added_or_unregistered_thing_of_another_kind_stays(wc):
    wc.update(served(TREE))
    wc.write("demo/x", b"unregistered")
    wc.write("demo/y", b"added")
    wc.flag("demo/y", "added")
    (wc.root / "demo" / "z").mkdir()
    changed = served(TREE | {"demo/x/f": b"", "demo/y/f": b"", "demo/z": b"z"})
    assert wc.update(changed) == ["C demo/x", "C demo/y", "C demo/z"]
    assert wc.read("demo/x") == b"unregistered"
    assert wc.read("demo/y") == b"added"


# What lies in the way


def test_an_unregistered_file_is_adopted_if_equal_and_kept_if_not(wc):
    wc.update(served(TREE))
    wc.write("demo/same", b"same\n")
    wc.write("demo/other", b"mine\n")
    text = served(TREE | {"demo/same": b"same\n", "demo/other": b"theirs\n"})
    assert wc.update(text) == ["C demo/other", "U demo/same"]
    assert wc.read("demo/other") == b"mine\n"
    assert wc.entries("demo")["other"]["conflict"] == "yes"
    assert wc.read("demo/@@Zope/Original/other") == b"theirs\n"


def test_an_unregistered_directory_is_adopted(wc):
    wc.update(served(TREE))
    (wc.root / "demo" / "dir").mkdir()
    (wc.root / "demo" / "none").mkdir()
    wc.write("demo/dir/mine", b"mine\n")
    text = served(TREE | {"demo/dir/f": b"f\n", "demo/none": None})
    assert wc.update(text) == ["U demo/dir/f", "? demo/dir/mine"]
    assert wc.update(text) == ["? demo/dir/mine"]
    assert {"dir", "none"} <= set(wc.entries("demo"))


def test_a_link_in_the_way_is_a_conflict_and_left_alone(wc):
    wc.update(served(TREE))
    outside = wc.root.parent / "outside"
    outside.mkdir()
    (outside / "f").write_bytes(b"precious")
    (wc.root / "demo" / "a.txt").unlink()
    (wc.root / "demo" / "a.txt").symlink_to(outside / "f")
    (wc.root / "demo" / "dir").symlink_to(outside)
    text = served(TREE | {"demo/a.txt": b"evil", "demo/dir/f": b"evil"})
    assert wc.update(text) == ["C demo/a.txt", "C demo/dir"]
    assert (outside / "f").read_bytes() == b"precious"


def test_local_changes_give_way_only_where_that_is_asked_for(wc):
    wc.update(served(TREE))
    wc.write("demo/a.txt", b"mine\n")
    text = served(TREE | {"demo/a.txt": b"theirs\n"})
    assert wc.update(text, overwrite_local=True) == ["U demo/a.txt"]
    assert wc.read("demo/a.txt") == b"theirs\n"


def test_a_conflict_stays_until_the_file_is_removed(wc):
    wc.update(served(TREE))
    wc.write("demo/a.txt", b"mine\n")
    text = served(TREE | {"demo/a.txt": b"theirs\n"})
    for _ in range(3):
        assert wc.update(text) == ["C demo/a.txt"]
        assert wc.conflicts == ["demo/a.txt"]
    (wc.root / "demo" / "a.txt").unlink()
    assert wc.update(text) == ["U demo/a.txt"]
    assert wc.read("demo/a.txt") == b"theirs\n"
    assert wc.update(text) == []


def test_an_edit_made_after_sending_survives_the_reply(wc):
    wc.update(served(TREE))
    sent = served(TREE | {"demo/a.txt": b"sent\n", "demo/b.txt": b"sent\n"})
    wc.write("demo/a.txt", b"later\n")
    wc.write("demo/b.txt", b"sent\n")
    assert wc.update(sent, sent=sent) == ["M demo/a.txt", "U demo/b.txt"]
    assert wc.read("demo/a.txt") == b"later\n"
    assert wc.update(sent) == ["M demo/a.txt"]


def test_an_entry_without_its_file_is_a_damaged_archive(wc):
    text = archive({"@@Zope/Entries.xml": dump_entries({"demo": {"id": "/demo"}})})
    with pytest.raises(ArchiveDamaged, match="'demo'"):
        wc.update(text)
    assert not wc.exists("demo")


# Names


NFC, NFD = "größe", "gro\u0308ße"


def test_a_composed_local_name_belongs_to_the_decomposed_one_of_the_server(wc):
    wc.update(served({"demo": None}))
    wc.write(f"demo/{NFC}", b"mine\n")
    wc.flag(f"demo/{NFC}", "added")
    text = served({f"demo/{NFD}": b"mine\n"}, {f"demo/{NFD}": NFC})
    assert wc.update(text) == [f"U demo/{NFC}"]
    assert list(wc.entries("demo")) == [NFC]
    assert "key" not in wc.entries("demo")[NFC]
    assert wc.update(text) == []
    changed = served({f"demo/{NFD}": b"theirs\n"}, {f"demo/{NFD}": NFC})
    assert wc.update(changed) == [f"U demo/{NFC}"]
    assert wc.read(f"demo/{NFC}") == b"theirs\n"
    assert not wc.exists(f"demo/{NFD}")


def test_an_unregistered_composed_name_is_in_the_way_of_the_decomposed_one(wc):
    wc.update(served({"demo": None}))
    wc.write(f"demo/{NFC}", b"mine\n")
    text = served({f"demo/{NFD}": b"theirs\n"}, {f"demo/{NFD}": NFC})
    assert wc.update(text) == [f"C demo/{NFC}"]
    assert wc.read(f"demo/{NFC}") == b"mine\n"


def test_a_key_that_is_decomposed_itself_is_not_forgotten(wc):
    wc.update(served({"demo": None}))
    wc.write(f"demo/{NFC}", b"same\n")
    assert wc.update(served({f"demo/{NFD}": b"same\n"})) == [f"U demo/{NFC}"]
    assert wc.entries("demo")[NFC]["key"] == NFD


def test_objects_that_are_numbered_anew_keep_their_local_names(wc):
    before = served({"demo/name.txt": b"lower\n"})
    after = served(
        {"demo/NAME.txt": b"upper\n", "demo/name-1.txt": b"lower\n"},
        {"demo/name-1.txt": "name.txt"},
    )
    wc.update(before)
    assert wc.update(after) == ["U demo/NAME.txt"]
    assert wc.read("demo/name.txt") == b"lower\n"
    assert wc.update(after) == []
    assert wc.update(before) == ["D demo/NAME.txt"]


def test_a_new_object_gets_another_name_where_its_own_is_taken(wc):
    """Its name in the archive was that of another object before."""
    wc.update(served({f"demo/{NFD}": b"composed\n"}, {f"demo/{NFD}": NFC}))
    both = served(
        {f"demo/{NFD}": b"decomposed\n", f"demo/{NFD}-1": b"composed\n"},
        {f"demo/{NFD}-1": NFC},
    )
    assert wc.update(both) == [f"U demo/{NFD}-1"]
    assert wc.read(f"demo/{NFD}") == b"composed\n"
    assert wc.read(f"demo/{NFD}-1") == b"decomposed\n"
    assert wc.entries("demo")[NFD]["key"] == NFC
    assert wc.entries("demo")[f"{NFD}-1"]["key"] == NFD
    assert wc.update(both) == []
    only = served({f"demo/{NFD}": b"decomposed\n"})
    assert wc.update(only) == [f"D demo/{NFD}"]
    assert wc.update(only) == []


def test_a_removed_object_is_not_mistaken_for_the_one_that_has_its_name_now(wc):
    both = served(
        {f"demo/{NFD}": b"decomposed\n", f"demo/{NFD}-1": b"composed\n"},
        {f"demo/{NFD}-1": NFC},
    )
    wc.update(both)
    only = served({f"demo/{NFD}": b"composed\n"}, {f"demo/{NFD}": NFC})
    assert wc.update(only) == [f"D demo/{NFD}"]
    assert wc.read(f"demo/{NFD}-1") == b"composed\n"
    assert wc.update(only) == []


def test_an_edit_that_was_sent_and_taken_back_stays_an_edit(wc):
    wc.update(served(TREE))
    sent = served(TREE | {"demo/a.txt": b"sent\n"})
    assert wc.update(sent, sent=sent) == ["M demo/a.txt"]
    assert wc.read("demo/a.txt") == b"a\n"


# What lies where it should not


def test_a_file_in_the_place_of_annotations_goes_with_its_object(wc):
    wc.update(served(TREE))
    wc.write(ANNOTATIONS + "b.txt", b"odd\n")
    assert wc.update(served(without("demo/b.txt"))) == ["D demo/b.txt"]
    assert not wc.exists(ANNOTATIONS + "b.txt")


def test_a_tree_with_annotations_of_its_own_is_replaced_by_a_file(wc):
    tree = TREE | {"demo/sub/@@Zope/Annotations/top/dc": b"title"}
    wc.update(served(tree))
    changed = without("demo/sub", ANNOTATIONS + "sub") | {"demo/sub": b"now a file"}
    assert wc.update(served(changed))[:2] == ["D demo/sub/", "U demo/sub"]
    assert wc.read("demo/sub") == b"now a file"
    assert wc.update(served(changed)) == []


def test_a_lost_directory_that_the_server_removed_is_forgotten(wc):
    wc.update(served(TREE))
    Tree().rmtree(str(wc.root / "demo" / "sub"))
    gone = served(without("demo/sub", ANNOTATIONS + "sub"))
    assert wc.update(gone)[0] == "D demo/sub"
    assert "sub" not in wc.entries("demo")


def test_an_emptied_directory_that_the_server_removed_goes(wc):
    wc.update(served(TREE))
    (wc.root / "demo" / "empty" / "@@Zope" / "Entries.xml").unlink()
    (wc.root / "demo" / "empty" / "@@Zope").rmdir()
    assert wc.update(served(without("demo/empty"))) == ["D demo/empty/"]


# Files beside each other


def test_two_directories_can_be_merged_without_an_archive(tmp_path):
    here, there = WorkingCopy(tmp_path / "here"), WorkingCopy(tmp_path / "there")
    for wc in (here, there):
        wc.root.mkdir()
        wc.update(served(TREE))
    there.update(served(TREE | {"demo/a.txt": b"new\n", "demo/c.txt": b"c\n"}))
    lines: list[str] = []
    metadata = Metadata()
    merger = FSMerger(metadata, lines.append)
    merger.merge(str(here.root / "demo"), str(there.root / "demo"))
    metadata.flush()
    assert [line for line in lines if line[0] not in "*/"] == [
        f"U {here.root}/demo/a.txt",
        f"U {here.root}/demo/c.txt",
    ]
    assert here.snapshot() == there.snapshot()
