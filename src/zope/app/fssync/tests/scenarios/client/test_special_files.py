"""Links, FIFOs, sockets and devices are never followed, opened or written.

Each kind is put into each place of a working copy, and each verb is run on it:
none waits, what lies outside stays as it is, and nothing of it is sent.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.filefaults import ALL
from zope.fssync.errors import Error

SECRET = b"precious and secret\n"

CONTENT = ("demo/a.txt", "demo/sub", "demo/sub/deep.txt", "demo/new.txt")

#: What may be something else, by the layout of the working copy.
PLACES = {
    COMPACT: (
        *CONTENT,
        "demo/@@Zope",
        "demo/@@Zope/Base",
        "demo/@@Zope/Entries.xml",
        "demo/@@Zope/Original",
        "demo/@@Zope/Original/a.txt",
        "demo/@@Zope/Extra/a.txt",
        "demo/sub/@@Zope",
        "@@Zope/Format",
        "@@Zope/Index",
        "@@Zope/Root",
        "@@Zope/Lock",
        "@@Zope/Journal",
        "@@Zope/State",
    ),
    DESCRIBED: (
        *CONTENT,
        "demo/@@a.txt.meta",
        "demo/@@a.txt.parts",
        "demo/@@.meta",
        "demo/sub/@@.meta",
        ".zsync",
        ".zsync/Entries.xml",
        ".zsync/tree",
        ".zsync/tree/demo",
        ".zsync/tree/demo/@@Zope",
        ".zsync/tree/demo/@@Zope/Base",
        ".zsync/tree/demo/@@Zope/Entries.xml",
        ".zsync/tree/demo/@@Zope/Original",
        ".zsync/tree/demo/sub",
        ".zsync/Format",
        ".zsync/Index",
        ".zsync/Root",
        ".zsync/Lock",
        ".zsync/Journal",
        ".zsync/State",
    ),
}

VERBS: dict[str, tuple[Any, ...]] = {
    "status": ("co/demo",),
    "diff": ("co/demo",),
    "update": ("co/demo",),
    "commit": ("co/demo",),
    "add": ("co/demo/new.txt",),
    "copy": ("co/demo/sub", "co/demo/sub2"),
    "merge": (["other/demo", "co/demo"],),
    "mkdir": ("co/demo/sub/new",),
    "remove": ("co/demo/sub",),
    "resolve": ("co/demo",),
    "revert": ("co/demo",),
    "cleanup": ("co/demo",),
    "doctor": ("co/demo",),
}


def file_link(path: Path, outside: Path) -> None:
    os.symlink(outside / "victim.txt", path)


def directory_link(path: Path, outside: Path) -> None:
    os.symlink(outside, path)


def dangling_link(path: Path, outside: Path) -> None:
    os.symlink(outside / "nosuch", path)


def link_to_itself(path: Path, outside: Path) -> None:
    os.symlink(path.name, path)


def fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path, outside: Path) -> None:
    # Its name may be short only.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
    os.rename("s", path)


def device(path: Path, outside: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


def hard_link(path: Path, outside: Path) -> None:
    os.link(outside / "victim.txt", path)


KINDS: list[Any] = [
    file_link,
    directory_link,
    dangling_link,
    link_to_itself,
    fifo,
    unix_socket,
    hard_link,
    pytest.param(
        device,
        marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices"),
    ),
]


@pytest.fixture
def server() -> Server:
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"a\n",
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
        }
    )
    server.extras["demo/a.txt"] = b"text/plain"
    return server


@contextmanager
def in_time(what: object) -> Iterator[None]:
    """Fail where somebody waits for the other end of something."""

    def late(*args: object) -> None:
        pytest.fail(f"it waits: {what}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def chosen(number: int, verb: str, make: Callable[[Path, Path], None]) -> bool:
    """Is this one of the cases that are always tried?"""
    number += [*VERBS].index(verb) + len(make.__name__)
    return ALL or not number % 4


@pytest.mark.parametrize(
    "layout", [pytest.param(each, marks=pytest.mark.layout(each)) for each in PLACES]
)
@pytest.mark.parametrize("make", KINDS)
def test_files_that_are_no_file_are_left_alone(
    client: Client,
    server: Server,
    home: Path,
    make: Callable[[Path, Path], None],
    layout: int,
) -> None:
    client("checkout", "pristine", url=URL)
    outside = home / "outside"
    (outside / "@@Zope").mkdir(parents=True)
    (outside / "victim.txt").write_bytes(SECRET)
    (outside / "deep.txt").write_bytes(SECRET)
    (outside / "@@Zope" / "Entries.xml").write_bytes(b"<entries></entries>")
    before = snapshot(outside)
    shutil.copytree("pristine", "other")
    (home / "other" / "demo" / "a.txt").write_bytes(b"there\n")
    sent: list[bytes] = []
    store = server.store

    def watch(top: str, archive: Any) -> None:
        sent.extend(archive.readFile(path) for path in archive.iterPaths())
        store(top, archive)

    server.store = watch  # type: ignore[method-assign]
    objects = dict(server.objects)
    for number, place in enumerate(PLACES[layout]):
        for verb, targets in VERBS.items():
            if not chosen(number, verb, make):
                continue
            server.objects = {**objects, "demo/a.txt": b"news\n", "demo/new.txt": b"n"}
            shutil.rmtree("co", ignore_errors=True)
            shutil.copytree("pristine", "co")
            path = home / "co" / place
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            make(path, outside)
            with in_time((place, verb)), suppress(Error, OSError):
                client(verb, *targets)
            assert snapshot(outside) == before, (place, verb)
            if make is not hard_link:
                assert SECRET not in b"".join(sent), (place, verb)
    assert (outside / "victim.txt").stat().st_nlink <= 2
