"""What the command line of a watch may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.person import Person


@pytest.mark.parametrize(
    "arguments",
    [
        ("a", "b"),
        ("--pull-only", "--push-only"),
        ("--quiet-time", "soon"),
        ("--quiet-time", "-1"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    Person(tmp_path)("watch", *arguments, status=2)


def test_what_is_no_working_copy_is_not_watched(tmp_path: Path) -> None:
    me = Person(tmp_path)
    me("watch", "--once", status=1)
    assert "nothing known" in me.said
