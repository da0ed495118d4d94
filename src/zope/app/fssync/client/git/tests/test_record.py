"""What the server keeps of a push."""

from __future__ import annotations

import json
import random
import zlib

import pytest

from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import id_of
from zope.app.fssync.client.git.record import GONE
from zope.app.fssync.client.git.record import SAME
from zope.app.fssync.client.git.record import Recorded
from zope.app.fssync.client.git.record import dumps
from zope.app.fssync.client.git.record import for_git
from zope.app.fssync.client.git.record import lines_of
from zope.app.fssync.client.git.record import loads
from zope.app.fssync.client.git.record import parents
from zope.app.fssync.client.git.record import remake
from zope.fssync.limits import RECORD_COMMITS
from zope.fssync.limits import RECORD_PARENTS
from zope.fssync.limits import RECORD_SIZE


def dumped(record: list[Recorded]) -> bytes:
    found = dumps(record)
    assert found is not None
    return found


META = b"type = file\nTitle = A\n"


def test_a_record_survives():
    made = [
        Recorded(b"tree x\nparent y\n\n\xff", "y", {"a": SAME, "b": GONE}),
        Recorded(b"", "", {"ü": b"\x00\xff", "m": lines_of(META)}),
    ]
    assert loads(dumped(made)) == made


def test_a_record_that_is_too_large_is_none():
    noise = random.Random(1).randbytes(RECORD_SIZE + 1)
    assert dumps([Recorded(noise, "", {})]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        dumped([])[:-2],
        dumped([Recorded(b"", "", {"a": "?"})]),
        dumped([]),
    ],
)
def test_a_record_of_others_is_read_or_refused(data):
    try:
        assert loads(data) == []
    except ValueError:
        pass


@pytest.mark.parametrize(
    "path", [".git/config", "a/.GIT/hooks/x", "../a", "/a", "a//b", "a\nb", ".", ""]
)
def test_a_record_has_no_path_that_is_none_of_an_object(path):
    with pytest.raises(ValueError, match=r"no path|unsafe name"):
        loads(dumped([Recorded(b"", "", {path: b"x"})]))


def test_files_for_git_alone_stay_with_the_last_commit():
    head = b"tree %s\nparent %s\n\n" % (b"0" * 40, b"1" * 40)
    one, two, side = (head + each for each in (b"one", b"two", b"side"))
    assert for_git([]) == {}
    record = [
        Recorded(one, "1" * 40, {".gitignore": b"1", "d/.gitattributes": b"a"}),
        Recorded(side, "1" * 40, {"side/.gitignore": b"x"}),
        Recorded(
            two,
            id_of(one, 40),
            {".gitignore": GONE, ".gitattributes": SAME, "a": b"no", "b": SAME},
        ),
    ]
    assert for_git(record) == {".gitignore": GONE, "d/.gitattributes": b"a"}


def test_parents():
    one, two = b"1" * 40, b"2" * 40
    raw = b"tree t\nparent %s\nparent %s\nauthor x\n\nparent c" % (one, two)
    assert parents(raw) == ["1" * 40, "2" * 40]


@pytest.mark.parametrize(
    "parent",
    [b"main", b"HEAD", b":1", b"--all", b"1" * 39, b"1" * 40 + b" ", b"\xff", b""],
)
def test_a_record_has_no_parent_that_is_looked_up_by_a_name(parent):
    assert parents(b"tree t\nparent %s\nparent %s\n\n" % (b"1" * 40, parent)) == []


def test_a_record_has_no_more_parents_and_commits_than_a_person_makes():
    lines = [b"parent %040x" % number for number in range(RECORD_PARENTS + 1)]
    assert len(parents(b"\n".join(lines[1:]))) == RECORD_PARENTS
    assert parents(b"\n".join(lines)) == []
    commits = [Recorded(b"", "", {})] * RECORD_COMMITS
    assert len(loads(dumped(commits))) == RECORD_COMMITS
    assert dumps([*commits, commits[0]]) is None
    many = zlib.compress(json.dumps([["", "", {}]] * (RECORD_COMMITS + 1)).encode())
    with pytest.raises(ValueError, match="too many"):
        loads(many)


def raw_of(git, commit: str) -> bytes:
    return git.run("cat-file", "commit", commit)


def again(git, record: list[Recorded], made: str) -> str | None:
    with FastImport(git, "refs/test/main") as writer:
        return remake(writer, record[0], made)


def test_the_same_commit_is_made_of_what_the_server_made(git, make):
    base = make({"a": "a\n", "b": "b\n"})
    pushed = make({"a": "new\n", "b": None, "@@n.meta": META.decode(), "n": "n"}, base)
    full = "type = file\nCreator = me\nTitle = A\n"
    server = make(
        {"a": "new\n", "b": None, "@@n.meta": full, "n": "n", "@@.meta": "x"}, base
    )
    files = {"a": SAME, "b": GONE, "@@n.meta": lines_of(META), "n": SAME}
    record = loads(dumped([Recorded(raw_of(git, pushed), base, files)]))
    assert again(git, record, server) == pushed


def test_a_merge_has_the_files_of_the_parent_that_was_on_the_server(git, make):
    base = make({"a": "a\n", "b": "b\n"})
    mine, theirs = make({"a": "A\n"}, base), make({"b": "B\n"}, base)
    merge = make({"a": "A\n", "b": "B\n"}, mine, theirs)
    record = [Recorded(raw_of(git, merge), theirs, {"a": SAME})]
    assert again(git, record, merge) == merge


@pytest.mark.parametrize("server", ["other\n", None])
def test_there_is_no_commit_where_the_server_made_something_else(git, make, server):
    base = make({"a": "a\n"})
    pushed = make({"a": "new\n"}, base)
    record = [Recorded(raw_of(git, pushed), base, {"a": SAME})]
    assert again(git, record, make({"a": server}, base)) is None


@pytest.mark.parametrize(
    "person",
    [
        *(b"", b"Jo", b"Jo <jo>", b"Jo<jo> 1 +0000", b"Jo <jo> x +0000", b"Jo <jo> 1"),
        *(b"Jo <jo> 99999999999999999999 +0000", b"Jo <jo> 1 +00", b"<<jo> 1 +0000"),
        *(b"Jo <jo> 01 +0000", b"J\0 <jo> 1 +0000"),
    ],
)
def test_nobody_ends_the_fetch_of_others_by_a_record(git, make, person):
    base = make({"a": "a\n"})
    made = make({"a": "new\n"}, base)
    head = b"\n".join(raw_of(git, made).split(b"\n")[:2])
    good = b"Jo <jo> 1 +0000"
    for people in ((person, good), (good, person)):
        raw = head + b"\nauthor %s\ncommitter %s\n\nx\n" % people
        assert again(git, [Recorded(raw, base, {"a": SAME})], made) is None


def test_a_commit_that_git_refuses_is_not_made_again(git, make, capfd):
    base = make({"a": "a\n"})
    made = make({"a": "new\n"}, base)
    raw = raw_of(git, made).replace(b"\nauthor", b"\nparent\nauthor", 1)
    assert again(git, [Recorded(raw, base, {"a": SAME})], made) is None


@pytest.mark.parametrize("raw", [b"", b"tree x\nparent y\n\n", b"\xff\n\n"])
def test_objects_that_are_no_commits_make_none(git, make, raw):
    made = make({"a": "a"})
    assert again(git, [Recorded(raw, made, {})], made) is None
