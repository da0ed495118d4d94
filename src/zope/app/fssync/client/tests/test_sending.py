"""Each object that a commit sends is told of once."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.sending import sent_changes
from zope.app.fssync.client.session import reading
from zope.app.fssync.testing.clientside import Client
from zope.fssync import report


def sent(co: Path, *names: str) -> list[tuple[str, str, str]]:
    """Return name, detail and origin of what is sent of some objects."""
    session = reading(str(co))
    changes = list(sent_changes(session, [str(co / name) for name in names]))
    assert {change.action for change in changes} <= {report.SENT}
    return [
        (Path(change.path).name, change.detail, Path(change.origin).name)
        for change in changes
    ]


def test_local_changes_are_sent(client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    (co / "new").mkdir()
    client("add", str(co / "new"))
    client("remove", str(co / "b.txt"))
    assert sent(co, "a.txt", "b.txt", "new", "sub") == [
        ("a.txt", report.MODIFIED, ""),
        ("b.txt", report.REMOVED, ""),
        ("new", report.ADDED, ""),
    ]


def test_moves_are_reported_at_the_new_path(client: Client, co: Path) -> None:
    client("move", [str(co / "a.txt")], str(co / "sub"))
    assert sent(co, "a.txt", "sub/a.txt") == [("a.txt", report.MOVED, "a.txt")]


def test_directories_end_in_a_slash(client: Client, co: Path) -> None:
    (co / "new").mkdir()
    client("add", str(co / "new"))
    client("remove", str(co / "sub"))
    session = reading(str(co))
    names = [str(co / name) for name in ("new", "sub")]
    assert all(change.is_directory for change in sent_changes(session, names))
