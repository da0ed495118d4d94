"""Archives of what transactions made; the rest is in the scenarios with git."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes import replay as module
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.replay import Step
from zope.app.fssync.server.changes.replay import replay
from zope.fssync.errors import Error
from zope.fssync.task.delta import Changed


@pytest.fixture
def obj(tmp_path: Path) -> Iterator[Any]:
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    for number in range(2):
        with db.transaction() as connection:
            connection.root()["a"] = PersistentMapping({"x": number})
    connection = db.open()
    yield connection.root()["a"]
    connection.close()
    db.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was read, in a host that has no rights."""
    said: list[Any] = []

    class Past:
        def __init__(self, *args: Any) -> None:
            pass

        @contextmanager
        def of(self, past: Any) -> Iterator[Any]:
            said.append(past._storage._before)
            yield "obj"

    task = SimpleNamespace(failed=[])

    def write(obj: Any, name: str, stream: Any, access: Any, *changed: Any) -> Any:
        stream.write(b"changes" if changed else b"all")
        return task

    monkeypatch.setattr(module, "Past", Past)
    monkeypatch.setattr(module, "checkout", write)
    monkeypatch.setattr(module, "checkout_changes", write)
    said.append(task)
    return said


def host(damaged: int = 0) -> Any:
    return SimpleNamespace(
        bare=lambda obj: obj,
        access=lambda reading: SimpleNamespace(damaged=damaged),
        name=lambda obj: "",
    )


def archives(obj: Any, a_host: Any, *changed: Changed | None) -> list[bytes]:
    tid = obj._p_serial
    found = []
    for _, stream in replay(obj, a_host, [Step(tid, each) for each in changed]):
        stream.seek(0)
        found.append(stream.read())
    return found


def test_each_step_is_an_archive(obj: Any, read: list[Any]) -> None:
    assert archives(obj, host(), None, Changed()) == [b"all", b"changes"]
    assert read[1:] == [p64(u64(obj._p_serial) + 1)] * 2


def test_replay_refuses_states_that_were_packed_away(obj: Any, read: list[Any]) -> None:
    with pytest.raises(HistoryUnavailable, match="packed away"):
        archives(obj, host(damaged=1), None)


def test_transactions_that_cannot_be_read_are_named(obj: Any, read: list[Any]) -> None:
    read[0].failed = ["a"]
    with pytest.raises(Error, match="a cannot be read"):
        archives(obj, host(), None)
