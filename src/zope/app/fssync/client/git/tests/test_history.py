"""Transactions as commits; the rest is in the scenarios with git."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.git.history import commit_of
from zope.app.fssync.client.log import Logged

TID = "040d5b5c51f6de88"


def logged(*changes: tuple[str, ...], count: int | None = None, **more: Any) -> Logged:
    said = {"user": "zope.jo", "message": "Said", **more}
    return Logged(
        TID,
        1.5,
        changes=list(changes),
        count=len(changes) if count is None else count,
        **said,
    )


def test_a_commit_is_of_its_transaction_only():
    commit = commit_of(logged(("M", "a")))
    assert commit.author == commit.committer == b"zope.jo <zope.jo> 1 +0000"
    assert commit.message.decode() == f"Said\n\nZsync-Transaction: 0x{TID}\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("M", "a")], "Change a"),
        ([("A", "a"), ("A", "b")], "Add a and 1 more"),
        ([("D", "")], "Remove the folder"),
        ([], "Change"),
    ],
)
def test_a_transaction_without_a_message_gets_one(changes, message):
    said = commit_of(logged(*changes, message="")).message.decode()
    assert said.splitlines()[0] == message


def test_no_user_breaks_a_commit():
    assert commit_of(logged(user="a\n<b>")).author == b"ab <ab> 1 +0000"
    assert commit_of(logged(user="")).author == b"unknown <unknown> 1 +0000"
