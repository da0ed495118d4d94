"""The rules of a working copy are found by local paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.leftout import described
from zope.app.fssync.client.leftout import sparse_path
from zope.app.fssync.client.leftout import told
from zope.app.fssync.client.session import reading
from zope.fssync.errors import UnsafeData
from zope.fssync.sparse import Sparse


def write(co: Path, *lines: str) -> None:
    Path(sparse_path(str(co.parent))).write_text("".join(f"{x}\n" for x in lines))


def test_most_working_copies_leave_out_nothing(co: Path) -> None:
    session = reading(str(co))
    assert not session.is_partial
    assert session.left_out.sparse(str(co)) is None
    assert not session.left_out.leaves_out(str(co / "x"))
    assert list(told(str(co.parent))) == []


def test_paths_are_those_of_the_server(co: Path) -> None:
    write(co, "demo files: infinity:sub not:%2A.png")
    left_out = reading(str(co)).left_out
    assert left_out.leaves_out(str(co / "new"), True)
    assert not left_out.leaves_out(str(co / "new"), False)
    assert left_out.leaves_out(str(co / "x.png"))
    assert not left_out.leaves_out(str(co / "sub" / "x.png"))
    assert not left_out.leaves_out(str(co))
    assert not left_out.leaves_out(str(co / "@@Zope" / "Extra" / "a" / "x.png"))
    assert left_out.may_lack(str(co))
    assert not left_out.may_lack(str(co / "sub"))
    sparse = left_out.sparse(str(co / "sub"))
    assert sparse is not None
    assert sparse.place == ("sub",)
    assert list(told(str(co.parent))) == [
        "hint: left out here of demo: depth files, without *.png"
    ]


def test_damaged_rules_are_named(co: Path) -> None:
    write(co, "demo deeper:")
    with pytest.raises(UnsafeData, match="what is left out are damaged") as caught:
        FSSync().leaves_out(str(co / "x"))
    assert "Delete" in (caught.value.advice or "")


def test_rules_are_told_in_words() -> None:
    sparse = Sparse.of_words(["files:", "empty:a", "exclude:a/b", "not:%1B"])
    assert described(sparse) == "a empty, without a/b, without \\x1b"
    sparse.place = ("a",)
    assert described(sparse) == "without b, without \\x1b"
