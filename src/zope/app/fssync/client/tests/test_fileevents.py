"""Changes of files are noticed by a look, or told by the system."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from zope.app.fssync.client.fileevents import Scan
from zope.app.fssync.client.fileevents import is_of_an_editor
from zope.app.fssync.client.fileevents import is_probe
from zope.app.fssync.client.fileevents import noticing


@pytest.mark.parametrize(
    "name", ["a~", ".a.swp", "#a#", ".#a", ".goutputstream-X", "a.part"]
)
def test_files_editors_keep_are_no_content(name: str) -> None:
    assert is_of_an_editor(name)


@pytest.mark.parametrize("name", ["a", "a.txt", "2024", "4913", "5000", "@@a.meta"])
def test_everything_else_is(name: str) -> None:
    assert not is_of_an_editor(name)


@pytest.mark.parametrize("name", ["4913", "5036", "9956", "10079"])
def test_a_probe_of_vim_is_new_empty_and_called_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    # It is gone before anybody looks.
    assert is_probe(str(path))
    path.touch()
    assert is_probe(str(path))
    os.utime(path, (1e9, 1e9))
    assert not is_probe(str(path))
    path.write_text("x")
    assert not is_probe(str(path))


@pytest.mark.parametrize("name", ["4912", "4914", "5000", "04913", "4790", "4913.txt"])
def test_any_other_name_is_no_probe(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert not is_probe(str(tmp_path / name))


def test_a_look_finds_what_is_new_gone_and_edited(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    scan = Scan(str(tmp_path))
    assert not scan.has_changed()
    file = tmp_path / "sub" / "a.txt"
    for change in (
        lambda: file.write_text("a"),
        lambda: file.write_text("bb"),
        lambda: file.rename(tmp_path / "b.txt"),
        (tmp_path / "sub").rmdir,
        (tmp_path / "b.txt").unlink,
    ):
        change()
        assert scan.has_changed()
        assert not scan.has_changed()
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / ".zsync").mkdir()
    (tmp_path / ".zsync" / "x").write_text("x")
    (tmp_path / "a.swp").write_text("x")
    assert not scan.has_changed()


class Observer:
    """What watchdog has for a system; ``limit`` is reached at once."""

    limit = False
    handler: Any = None

    def schedule(self, handler: Any, path: str, recursive: bool) -> None:
        assert recursive
        Observer.handler = handler

    def start(self) -> None:
        if self.limit:
            raise OSError("inotify watch limit reached")

    def stop(self) -> None: ...

    def join(self) -> None: ...


class Event:
    def __init__(self, kind: str, path: str, to: str = "") -> None:
        self.event_type, self.src_path, self.dest_path = kind, path, to


@pytest.fixture
def watchdog(monkeypatch: pytest.MonkeyPatch) -> type[Observer]:
    events, observers = ModuleType("watchdog.events"), ModuleType("watchdog.observers")
    events.FileSystemEventHandler = object  # type: ignore[attr-defined]
    observers.Observer = Observer  # type: ignore[attr-defined]
    for module in (ModuleType("watchdog"), events, observers):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return Observer


def test_the_system_tells_of_content_only(
    tmp_path: Path, watchdog: type[Observer]
) -> None:
    told: list[str] = []
    root = str(tmp_path)
    with noticing(root, lambda: told.append("")) as is_told:
        assert is_told
        tell = watchdog.handler.on_any_event
        for kind, path in (
            ("opened", "a.txt"),
            ("closed_no_write", "a.txt"),
            ("modified", "demo/@@Zope/x"),
            ("modified", ".zsync/x"),
            ("created", "demo/.a.txt.swp"),
        ):
            tell(Event(kind, f"{root}/{path}"))
        assert told == []
        tell(Event("modified", f"{root}/a.txt"))
        tell(Event("moved", f"{root}/a.swp", f"{root}/a.txt"))
        assert len(told) == 2


def test_changes_are_not_told_if_the_system_cannot_tell(
    tmp_path: Path, watchdog: type[Observer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "limit", True)
    with noticing(str(tmp_path), lambda: None) as is_told:
        assert not is_told
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    with noticing(str(tmp_path), lambda: None) as is_told:
        assert not is_told
