"""What a commit does to objects."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.git.differing import Difference
from zope.app.fssync.client.git.differing import Move
from zope.app.fssync.client.git.differing import above
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.git.tests.conftest import SAID
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import FOR_GIT

LONG = "line 1\nline 2\nline 3\nline 4\n"

BEFORE = {
    "@@.meta": "type = folder\n",
    "a.txt": LONG,
    "@@a.txt.meta": "type = file\nTitle = A\n",
    "d/@@.meta": "type = folder\nTitle = D\n",
    "d/b.txt": LONG.upper(),
    "d/e/@@.meta": "type = folder\nTitle = E\n",
    "d/e/c.txt": "c\n" * 9,
}


@pytest.fixture
def differs(git, make):
    """Return what differs after some files have changed."""
    first = make(BEFORE)

    def difference(**files: str | None) -> Difference:
        return compare({path.replace("__", "/"): c for path, c in files.items()})

    def compare(files: dict[str, str | None]) -> Difference:
        second = make(files, first)
        with Objects(git) as objects:
            found = Difference(git, objects, first, second)
            found.gone, found.new  # noqa: B018, while there are objects
        return found

    return compare


def told(difference: Difference) -> dict[str, str]:
    letters = {(True, True): "M", (True, False): "D", (False, True): "A"}
    return {
        path: letters[change.old is not None, change.new is not None]
        for path, change in difference.changes.items()
    }


def test_an_edit(differs):
    found = differs({"a.txt": "a\n"})
    assert told(found) == {"a.txt": "M"}
    assert (found.gone, found.new, found.moves) == ([], [], [])


def test_new_files_come_with_their_folders(differs):
    found = differs({"f/g/h.txt": "h", "@@i.txt.meta": "type = x\n", "i.txt": "i"})
    assert found.new == ["f", "i.txt", "f/g", "f/g/h.txt"]


def test_gone_files_are_named_by_their_outermost_folder(differs):
    gone = {path: None for path in BEFORE if path.startswith("d/")}
    assert differs(gone).gone == ["d"]
    assert differs({"d/b.txt": None}).gone == ["d/b.txt"]
    assert differs({"@@a.txt.meta": None}).gone == []


def test_a_file_that_moves(differs):
    found = differs(
        {
            "a.txt": None,
            "@@a.txt.meta": None,
            "d/z.txt": LONG,
            "d/@@z.txt.meta": BEFORE["@@a.txt.meta"],
        }
    )
    assert found.moves == [Move("a.txt", "d/z.txt")]
    assert (told(found), found.gone, found.new) == ({}, [], [])


def test_a_file_that_moves_and_changes(differs):
    found = differs({"a.txt": None, "@@a.txt.meta": None, "z.txt": f"{LONG}more\n"})
    assert found.moves == [Move("a.txt", "z.txt")]
    assert told(found) == {"z.txt": "M", "@@z.txt.meta": "D"}
    assert (found.gone, found.new) == ([], [])


def test_a_folder_that_moves_with_what_is_in_it(differs):
    files: dict[str, str | None] = {
        path: None for path in BEFORE if path.startswith("d/")
    }
    files |= {
        f"new/{path}": content
        for path, content in BEFORE.items()
        if path.startswith("d/")
    }
    files["new/d/more.txt"] = "more"
    found = differs(files)
    assert found.moves == [Move("d", "new/d")]
    assert found.new == ["new", "new/d/more.txt"]
    assert told(found) == {"new/d/more.txt": "A"}
    assert found.gone == []


def test_something_of_a_folder_that_moves_is_removed(differs):
    files: dict[str, str | None] = {
        path: None for path in BEFORE if path.startswith("d/")
    }
    files |= {"x/@@.meta": BEFORE["d/@@.meta"], "x/b.txt": BEFORE["d/b.txt"]}
    found = differs(files)
    assert found.moves == [Move("d", "x")]
    assert found.gone == ["x/e"]


def test_a_copy_is_new(differs):
    found = differs({"copy.txt": LONG})
    assert found.moves == []
    assert found.new == ["copy.txt"]


@pytest.mark.parametrize("mode", ["120000", "100755", "160000"])
def test_files_that_cannot_become_objects_are_refused(git, make, mode):
    first = make(BEFORE)
    with FastImport(git, "refs/test/main") as writer:
        there = writer.look(first, "a.txt")
        assert there is not None
        writer.begin(SAID, [first])
        writer.put("x", TreeFile(mode, there.id))
        second = writer.end()
    with Objects(git) as objects, pytest.raises(UnsafeData, match="'x' is a"):
        Difference(git, objects, first, second)


@pytest.mark.parametrize(
    "path", [".zsyncignore", "d/CVS/x", "x~", "d/\u202ex", "@@Zope/x"]
)
def test_names_that_no_object_may_have_are_refused(differs, path):
    with pytest.raises(UnsafeData):
        differs({path: "x"})


def test_files_that_instruct_git_are_no_objects(git, make):
    first = make({**BEFORE, ".gitattributes": "its name only\n", ".gitignore": LONG})
    second = make(
        {
            "a.txt": None,
            "x.txt": LONG,
            ".gitignore": None,
            "d/.gitignore": "x\n",
            "new/.gitignore": LONG,
            ".gitattributes": "an object\n",
        },
        first,
    )
    with Objects(git) as objects:
        found = Difference(git, objects, first, second, [".gitignore"])
        assert found.for_git == {"d/.gitignore", "new/.gitignore"}
        assert told(found) == {".gitattributes": "M"}
        assert found.new == []
        assert found.moves == [Move("a.txt", "x.txt")]


def test_files_that_instruct_git_are_known_by_their_whole_names(git, make):
    first = make(BEFORE)
    many = make({f"d{n}/.gitignore": "x" for n in range(FOR_GIT + 1)}, first)
    with Objects(git) as objects, pytest.raises(LimitExceeded):
        Difference(git, objects, first, many)
    with FastImport(git, "refs/test/main") as writer:
        there = writer.look(first, "a.txt")
        assert there is not None
        writer.begin(SAID, [first])
        writer.put(".gitignore", TreeFile("120000", there.id))
        link = writer.end()
    with Objects(git) as objects, pytest.raises(UnsafeData, match="symbolic link"):
        Difference(git, objects, first, link)


def test_above():
    assert above("a/b/c") == ["a", "a/b"]
    assert above("a") == []


def test_a_pointer_of_git_lfs_is_no_content(differs):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    with pytest.raises(UnsafeData, match=r"'d/big.bin' is a pointer of Git LFS"):
        differs({"d/big.bin": pointer})
    assert told(differs({"d/big.bin": pointer + "x" * 1024})) == {"d/big.bin": "A"}
    assert told(differs({"a.txt": pointer[1:]})) == {"a.txt": "M"}
