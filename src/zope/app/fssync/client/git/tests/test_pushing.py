"""Commits as transactions; the rest is in the scenarios with git."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.pushing import Push
from zope.app.fssync.client.git.pushing import check_message
from zope.app.fssync.client.git.pushing import note_of
from zope.app.fssync.client.git.record import GONE
from zope.app.fssync.client.git.record import SAME
from zope.app.fssync.client.git.record import lines_of
from zope.app.fssync.client.git.record import loads
from zope.fssync.errors import AccessDenied

HEAD = b"tree x\nauthor Jo <jo@x.org> 1 +0000\ncommitter C <c> 1 +0000\n"
RAW = HEAD + b"\nSubject\n\nBody\n"


@pytest.mark.parametrize("user", ["", "zsync"])
def test_the_author_is_in_the_note(user):
    assert note_of(RAW, user) == "Subject\n\nBody\n\nAuthor in git: Jo <jo@x.org>"


def test_the_author_is_not_in_the_note_where_it_is_the_user():
    assert note_of(RAW, "jo") == "Subject\n\nBody"


def test_the_password_of_the_url_is_not_told():
    raw = RAW + b"Merge branch 'main' of zsync::http://jo:secret@server/demo\n"
    check_message(raw, "")
    check_message(raw, "other")
    check_message(RAW, "Jo")
    with pytest.raises(AccessDenied, match="holds the password"):
        check_message(raw, "secret")


@pytest.fixture
def push(git) -> Push:
    network: Any = None
    return Push(Clone(git, "origin", "http://localhost/demo"), network)


def test_the_way_to_a_commit(push, make):
    first = make({"a": "1"})
    second = make({"a": "2"}, first)
    third = make({"a": "3"}, second)
    assert push.way(first, third) == [(first, second), (second, third)]
    assert push.way(first, first) == []


def test_the_way_to_a_merge_begins_at_what_the_server_has(push, make):
    base = make({"a": "1"})
    mine = make({"a": "2"}, base)
    theirs = make({"b": "1"}, base)
    merge = make({"b": "1"}, mine, theirs)
    assert push.way(theirs, merge) == [(theirs, merge)]


def test_a_record_has_all_commits_that_become_one_transaction(push, git, make):
    base = make({"a": "1", "c": "c", "@@c.meta": "c = 1\n"})
    one = make({"a": "2", "c": None}, base)
    two = make({"a": "3", "@@c.meta": "c = 2\n", "d": "d"}, one)
    theirs = make({"b": "1"}, base)
    merge = make({"b": "1"}, two, theirs)
    with Objects(git) as objects:
        record = loads(push.record(objects, theirs, theirs, merge))
    assert [each.base for each in record] == [base, one, theirs]
    meta = lines_of(b"c = 2\n")
    assert [each.files for each in record] == [
        {"a": b"2", "c": GONE},
        {"a": SAME, "@@c.meta": meta, "d": SAME},
        {"a": SAME, "c": GONE, "@@c.meta": meta, "d": SAME},
    ]


def test_there_is_no_record_of_a_history_of_its_own(push, git, make):
    base = make({"a": "1"})
    other = make({"b": "1"})
    merge = make({}, base, other)
    with Objects(git) as objects:
        assert push.record(objects, base, base, merge) is None
