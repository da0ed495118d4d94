"""git as a program."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.client.git.plumbing import Commit
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.git.plumbing import id_of_file
from zope.app.fssync.client.git.tests.conftest import SAID
from zope.fssync.errors import Error


def look(writer: FastImport, commit: str, path: str = "") -> TreeFile:
    found = writer.look(commit, path)
    assert found is not None
    return found


def test_commits_are_there_when_the_block_ends(git, make):
    first = make({"a.txt": "a", "d/ü b.txt": "b"})
    second = make({"a.txt": None, 'd/"c': "c"}, first)
    assert git.files(second).keys() == {"d"}
    assert git.files(second, "d").keys() == {"ü b.txt", '"c'}
    assert git.is_ancestor(first, second)
    assert not git.is_ancestor(second, first)


def test_a_commit_without_parents_begins_anew(git, make):
    make({"a.txt": "a"})
    other = make({"b.txt": "b"})
    assert git.files(other).keys() == {"b.txt"}
    assert git.line("rev-list", "--count", other) == "1"


def test_a_file_can_be_examined_while_it_is_written(git):
    with FastImport(git, "refs/test/main") as writer:
        writer.begin(SAID, [])
        writer.write("d/a.txt", 2, [b"a", b"\n"])
        first = writer.end()
        there = look(writer, first, "d/a.txt")
        assert writer.content(there) == b"a\n"
        assert writer.look(first, "none") is None
        tree = look(writer, first)
        writer.begin(SAID, [first])
        writer.clear()
        writer.put("b.txt", there)
        second = writer.end()
        writer.begin(SAID, [first, second])
        writer.put("", tree)
        third = writer.end()
        writer.flush()
        assert git.files(second).keys() == {"b.txt"}
    assert git.line("rev-parse", f"{third}^{{tree}}") == tree.id
    assert git.line("rev-parse", f"{third}^2") == second


def test_a_file_of_another_size_is_refused(git):
    def write() -> None:
        with FastImport(git, "refs/test/main") as writer:
            writer.begin(SAID, [])
            writer.write("a", 3, [b"a"])

    with pytest.raises(Error, match="does not have the size"):
        write()


def test_fast_import_that_fails_is_told(git, capfd):
    def write() -> None:
        with FastImport(git, "refs/test/main") as writer:
            writer.begin(Commit(b"nonsense", b"nonsense", b""), [])
            writer.end()

    with pytest.raises(Error, match="fast-import failed"):
        write()


@pytest.mark.parametrize("more", [b"", b"gpgsig x\n"])
def test_a_commit_is_made_again_byte_for_byte(git, make, more):
    first = make({"a.txt": "a"})
    with FastImport(git, "refs/test/main") as writer:
        writer.begin(SAID, [first])
        made = writer.end()
        tree = look(writer, made)
        raw = (
            b"tree %s\nparent %s\nauthor Jo <jo> 1 +0000\n"
            b"committer Jo <jo> 1 +0000\n%s\nSaid\n"
            % (tree.id.encode(), first.encode(), more)
        )
        again = writer.again(raw, tree.id, made)
        assert (again == made) == (not more)
        assert again is not None
        writer.begin(SAID, [again])
        writer.end()
        assert writer.again(b"tree x\n\n", tree.id, made) is None
    assert git.run("cat-file", "commit", again) == raw


def test_objects_are_read_in_pieces(git, make):
    content = "x" * 300_000
    commit = make({"large": content, "empty": ""})
    with Objects(git) as objects:
        assert objects.content(f"{commit}:empty") == b""
        assert b"".join(objects.pieces(f"{commit}:large") or []) == content.encode()
        assert objects.content(f"{commit}:none") is None
        assert objects.has(f"{commit}:large")
        assert not objects.has(f"{commit}:none")


def test_git_that_is_missing_or_fails_is_told(git, monkeypatch, capfd):
    with pytest.raises(Error, match="git cat-file failed"):
        git.run("cat-file", "commit", "none")
    assert git.commit_id("none") is None
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Error, match="git does not run"):
        git.run("version")


def test_a_file_has_the_id_that_git_gives_it(git, make):
    commit = make({"a": "content\n"})
    with Objects(git) as objects:
        assert objects.look(f"{commit}:b") is None
        found = objects.look(f"{commit}:a")
    assert found == (id_of_file(io.BytesIO(b"content\n"), 8, 40), 8)
