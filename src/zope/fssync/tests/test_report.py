"""What happened to a file, for people and for programs."""

from __future__ import annotations

import pytest

from zope.fssync import report
from zope.fssync.report import Change
from zope.fssync.report import conflict_detail
from zope.fssync.report import owner_and_part


def test_a_change_is_the_line_of_the_old_release() -> None:
    change = Change(report.MODIFIED, "a/b.txt", "M")
    assert change == "M a/b.txt"
    assert (change.action, change.path, change.detail) == ("modified", "a/b.txt", "")
    assert not change.is_directory


def test_changes_that_the_old_release_does_not_tell_are_empty() -> None:
    change = Change(report.SENT, "a/b/", detail="added")
    assert change == ""
    assert (change.path, change.detail) == ("a/b", "added")
    assert change.is_directory
    assert Change(report.SENT, "/").path == "/"


def test_a_move_tells_where_from() -> None:
    change = Change.moved("b", "a")
    assert change == "R b (from a)"
    assert (change.path, change.origin) == ("b", "a")


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ({"conflict": "kind", "flag": "added"}, "other-kind"),
        ({"conflict": "yes", "flag": "removed"}, "removed-here"),
        ({"conflict": "yes", "flag": "added"}, "removed-there"),
        ({"conflict": "yes"}, "both-changed"),
    ],
)
def test_conflicts_have_words(entry: dict[str, str], detail: str) -> None:
    assert conflict_detail(entry) == detail


@pytest.mark.parametrize(
    ("path", "owner", "part"),
    [
        ("a/b", "a/b", ""),
        ("a/@@Zope/Extra/b/title", "a/b", "Extra/title"),
        ("a/@@Zope/Extra/b", "a/b", "Extra"),
        ("@@Zope/Annotations/b/x/y", "b", "Annotations/x/y"),
        ("a/@@Zope/Original/b", "a/@@Zope/Original/b", ""),
        ("a/@@Zope/Extra", "a/@@Zope/Extra", ""),
        ("a/x@@Zope/Extra/b/c", "a/x@@Zope/Extra/b/c", ""),
    ],
)
def test_a_part_has_an_owner(path: str, owner: str, part: str) -> None:
    assert owner_and_part(path) == (owner, part)
