"""A data folder knows whether a server runs in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.demo import instance
from zope.app.fssync.demo.instance import Instance
from zope.app.fssync.demo.instance import Running
from zope.app.fssync.demo.instance import shown_host
from zope.fssync.errors import Error


def test_a_folder_is_made_and_its_files_are_yours(tmp_path: Path) -> None:
    found = Instance(tmp_path / "deep" / "data")
    found.prepare()
    zope_conf = found.data / "zope.conf"
    assert "site-definition site.zcml" in zope_conf.read_text()
    zope_conf.write_text("mine")
    found.prepare()
    assert zope_conf.read_text() == "mine"
    with pytest.raises(Error, match="is not a folder"):
        Instance(zope_conf).prepare()


def test_a_user_who_holds_the_lock_runs(tmp_path: Path) -> None:
    found = Instance(tmp_path)
    assert found.running() is None
    lock = found.acquire()
    assert lock is not None
    server = Running(7, "0.0.0.0", 8080)
    found.claim(lock, server)
    assert Instance(tmp_path).acquire(patience=0) is None
    assert Instance(tmp_path).running() == server
    os.close(lock)
    assert found.running() is None
    lock = found.acquire()
    assert lock is not None
    assert (tmp_path / "server.lock").read_text() == ""
    os.close(lock)


def test_a_holder_that_never_says_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Instance(tmp_path)
    lock = found.acquire()
    assert lock is not None
    moments = iter([0.0, 0.0, 10.0, 10.0])
    monkeypatch.setattr(instance.time, "monotonic", lambda: next(moments))
    with pytest.raises(Error, match="Another command is at work in") as error:
        Instance(tmp_path).running()
    assert error.value.advice == "Wait until it is done and try again."
    os.close(lock)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("", "localhost"), ("0.0.0.0", "localhost"), ("::2", "[::2]"), ("a", "a")],
)
def test_a_host_is_shown_for_a_person(host: str, shown: str) -> None:
    assert shown_host(host) == shown
    assert Running(1, host, 80).url == f"http://{shown}:80"
