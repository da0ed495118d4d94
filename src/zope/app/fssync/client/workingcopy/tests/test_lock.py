"""One command at a time, whatever becomes of it."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.lock import Lock
from zope.fssync.errors import Locked
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError

HOLDER = """
import sys, time
from zope.app.fssync.client.workingcopy.lock import Lock
with Lock(sys.argv[1], "zsync update"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "Lock")


@pytest.fixture
def holder(path: str):
    """Another process that holds the lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_told_who_holds_it(path: str, holder) -> None:
    with pytest.raises(Locked) as caught:
        Lock(path).acquire()
    assert caught.value.exit_code == 7
    assert f"locked by zsync update, process {holder.pid} on " in str(caught.value)
    assert "try again" in str(caught.value)


def test_lock_is_free_after_its_holder_ended(path: str, holder) -> None:
    holder.communicate()
    with Lock(path):
        pass
    assert not os.path.lexists(path)


def test_lock_is_free_at_once_after_its_holder_was_killed(path: str, holder) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert os.path.exists(path)
    with Lock(path):
        pass


def test_lock_keeps_out_a_second_lock_of_the_same_process(path: str) -> None:
    with Lock(path, "zsync one"), pytest.raises(Locked, match="zsync one"):
        Lock(path, "zsync two").acquire()


def test_a_file_that_names_nobody_is_just_taken(path: str) -> None:
    Path(path).write_text("zsync commit, process 1 on elsewhere, 1999-12-31\n")
    with Lock(path, "zsync add"):
        assert "1999" not in Path(path).read_text()


def test_text_of_the_holder_reaches_the_terminal_escaped(path: str) -> None:
    with Lock(path, "\x1b[2Jevil"), pytest.raises(Locked) as caught:
        Lock(path).acquire()
    assert "\x1b" not in str(caught.value)


def test_a_lock_that_others_removed_is_released_all_the_same(path: str) -> None:
    with Lock(path):
        os.unlink(path)
    with Lock(path):
        pass


def test_the_last_owner_is_told_and_overwritten(path: str) -> None:
    Path(path).write_text("zsync commit, process 1 on elsewhere, 1999-12-31\n")
    with Lock(path, "zsync add") as lock:
        assert lock.left.endswith("1999-12-31 (0 seconds ago)")
        assert Path(path).read_text().startswith("zsync add, process ")


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (61, "1 minute"),
        (7300, "2 hours"),
        (90000, "1 day"),
        (86400 * 400, "400 days"),
        (-100, "0 seconds"),
    ],
)
def test_its_age_is_shown_in_the_largest_unit(
    path: str, seconds: int, age: str
) -> None:
    Path(path).write_text("somebody")
    os.utime(path, (time.time() - seconds,) * 2)
    with Lock(path) as lock:
        assert lock.left == f"somebody ({age} ago)"


def test_a_hard_link_is_not_written_to(path: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    os.link(victim, path)
    with pytest.raises(PathRefused):
        Lock(path).acquire()
    assert victim.read_text() == "mine"


def test_a_fifo_in_its_place_is_refused(path: str) -> None:
    os.mkfifo(path)
    with pytest.raises(PathRefused):
        Lock(path).acquire()


def test_a_link_in_its_place_is_refused(path: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    os.symlink(victim, path)
    with pytest.raises(PathRefused):
        Lock(path).acquire()
    assert victim.read_text() == "mine"


def _failing(number: int):
    def write(descriptor: int, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    return write


def test_a_full_disk_keeps_nobody_out(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", _failing(errno.ENOSPC))
    with Lock(path), pytest.raises(Locked, match="by another command"):
        Lock(path).acquire()


def test_a_lock_that_cannot_be_signed_is_not_held(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", _failing(errno.EIO))
        with pytest.raises(OSError, match="error"):
            Lock(path).acquire()
    with Lock(path):
        pass


def test_a_file_system_without_locks_is_told(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(WorkingCopyError, match="has no locks"):
        Lock(path).acquire()
