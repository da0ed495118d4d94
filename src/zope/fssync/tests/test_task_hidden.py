"""Which of the paths that a caller knows are withheld."""

from __future__ import annotations

from typing import Any

import pytest

from zope.fssync.repository import StreamRepository
from zope.fssync.task.hidden import Hidden
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered


@pytest.fixture
def tree() -> dict[str, Any]:
    return {
        "a": Text(b"alpha"),
        "s": Secret(b"hush"),
        "b\u00e4": Secret(b"hush"),
        "sub": {"c": Text(b"c"), "s": Secret(b"hush")},
        "closed": {"d": Text(b"d")},
    }


def hidden(tree: Any, *wanted: str) -> list[str]:
    task = Hidden(lookup, StreamRepository(), wanted=wanted)
    task.perform(tree, "top")
    return task.hidden()


def test_withheld_objects_are_named_and_others_are_not(tree: Any) -> None:
    assert hidden(tree, "top/a", "top/s", "top/sub/s", "top/none") == [
        "top/s",
        "top/sub/s",
    ]


def test_paths_that_nobody_asks_about_stay_unsaid(tree: Any) -> None:
    assert hidden(tree, "top/a", "top/sub/c") == []
    assert hidden(tree) == []


def test_objects_below_a_withheld_object_are_withheld(tree: Any) -> None:
    assert hidden(tree, "top/s/deep/er") == ["top/s/deep/er"]


def test_names_may_be_decomposed(tree: Any) -> None:
    assert hidden(tree, "top/ba\u0308") == ["top/ba\u0308"]


def test_content_is_read_where_it_is_asked_about_only(
    tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []

    def look(obj: Any, raise_error: bool = True) -> Any:
        read.append(obj)
        return lookup(obj, raise_error)

    task = Hidden(look, StreamRepository(), wanted=["top/sub/s"])
    task.perform(tree, "top")
    assert tree["sub"]["s"] in read
    assert tree["closed"]["d"] not in read
