"""`merge.merge`, which applies the changes of one working copy to another."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.fssync import FSSync
from zope.app.fssync.merge import merge
from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client


def test_a_change_of_one_becomes_a_change_of_the_other(
    client: Client, co: Path, home: Path
) -> None:
    client("checkout", "other", url=URL)
    (co / "b.txt").write_bytes(b"mine\n")
    told: list[str] = []
    merge(str(co), str(home / "other" / "demo"), FSSync(reporter=told.append))
    assert (home / "other" / "demo" / "b.txt").read_bytes() == b"mine\n"
    assert [line.split()[0] for line in told] == ["M"]
    assert "M other/demo/b.txt" in client("status", "other/demo")
