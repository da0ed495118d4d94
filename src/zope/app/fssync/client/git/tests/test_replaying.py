"""What is asked for of a transaction; the rest is in the scenarios with git."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.git.replaying import local_path
from zope.app.fssync.client.git.replaying import wanted
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


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ([("M", "a")], [["node", "a"]]),
        ([("A", "a/b"), ("D", "c")], [["tree", "a/b"]]),
        ([("R", "a", "b")], [["tree", "a"]]),
        ([("R", "a", "d/b\u202e")], [["tree", "a"], ["list", "d"]]),
        ([("D", "b\u202e")], [["list", ""]]),
        ([("M", "")], [["node", ""]]),
        ([("A", "")], None),
    ],
)
def test_requests_name_what_is_wanted(changes, marks):
    assert wanted(logged(*changes)) == marks


def test_all_is_asked_for_where_the_server_lists_fewer():
    assert wanted(logged(("M", "a"), count=5000)) is None


def test_the_file_of_an_object_is_called_as_the_object_or_as_its_folder_says():
    assert local_path("a/b c") == "a/b c"
    assert local_path("a/b\u202e") is None
