"""A working copy gets from each layout to each other one, and loses nothing.

A conversion fails at any operation on a file, for any reason.  What it leaves is a
working copy with the same files and the same changes, and the same command goes on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.filefaults import ALL
from zope.app.fssync.testing.filefaults import FAULTS
from zope.app.fssync.testing.filefaults import Fault
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.app.fssync.testing.filefaults import chosen
from zope.fssync.errors import Error
from zope.fssync.files import Tree
from zope.fssync.files import is_temporary

pytestmark = pytest.mark.slow

#: A number that shares no factor with that of the faults.
STRIDE = 1 if ALL else 5
HTML = b"<pickle>\n  <string>text/html</string>\n</pickle>\n"


@pytest.fixture
def server() -> Server:
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"one\n",
            "demo/big": b"x" * 100_000,
            "demo/gone.txt": b"gone\n",
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
            "demo/void": None,
        }
    )
    server.extras["demo"] = b"<pickle>\n  <string>top</string>\n</pickle>\n"
    server.extras["demo/a.txt"] = HTML
    server.extras["demo/gone.txt"] = HTML
    server.extras["demo/sub"] = b"\0no text"
    server.extras["demo/sub/deep.txt"] = b"t" * 100_000
    return server


def checkout(client: Client, home: Path, layout: int, edited: bool) -> None:
    shutil.rmtree(home / "co", ignore_errors=True)
    client("checkout", "co", url=URL, layout=layout)
    if edited:
        (home / "co/demo/a.txt").write_bytes(b"mine\n")
        (home / "co/demo/new.txt").write_bytes(b"new\n")
        client("add", "co/demo/new.txt")
        client("remove", "co/demo/gone.txt")
        special = "co/demo/@@Zope/Extra/a.txt/contentType"
        if layout == DESCRIBED:
            text = home / "co/demo/@@a.txt.meta"
            text.write_bytes(text.read_bytes().replace(b"html", b"plain"))
        else:
            (home / special).write_bytes(HTML.replace(b"html", b"plain"))


def convert(client: Client, layout: int) -> None:
    if layout == PLAIN:
        client("downgrade", "co")
    else:
        client("upgrade", "co", layout=layout)


def tree(home: Path) -> dict[str, Any]:
    """All that counts: neither what is derived, nor who is at work.

    A pack may lack what tells which entries are received, and its blocks depend on
    what was in it before.
    """
    return {
        path: content
        for path, content in snapshot(home).items()
        if path.startswith("co/")
        and not path.endswith(("/Lock", "/State", "/Base"))
        and not is_temporary(os.path.basename(path))
    }


def changes(client: Client) -> list[str]:
    return [line for line in client("status", "co/demo") if line[0] not in "=/"]


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("way", [(1, 3), (2, 3), (3, 1), (1, 3, 1), (3, 1, 2, 3)])
def test_the_same_files_whatever_way_led_to_them(
    client: Client, home: Path, way: tuple[int, ...], edited: bool
) -> None:
    checkout(client, home, way[-1], edited)
    wanted, known = tree(home), changes(client)
    assert bool(known) is edited
    checkout(client, home, way[0], edited)
    for layout in way[1:]:
        convert(client, layout)
        assert read_layout(Tree(), str(home / "co")) == layout
        assert changes(client) == known
    assert tree(home) == wanted


@pytest.mark.parametrize(("before", "after"), [(1, 3), (2, 3), (3, 1)])
def test_a_conversion_survives_a_fault_at_every_step(
    client: Client,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    after: int,
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "sync", lambda: None)
    # Each directory by itself, so that there is something in between.
    monkeypatch.setattr(
        "zope.app.fssync.client.workingcopy.convert.CONVERTED_DIRECTORIES", 1
    )
    checkout(client, home, before, edited=True)
    shutil.copytree(home / "co", home / "pristine")
    known = changes(client)

    def command() -> None:
        convert(client, after)

    def restore() -> None:
        shutil.rmtree(home / "co")
        shutil.copytree(home / "pristine", home / "co")

    command()
    wanted = tree(home)
    cases = 0
    for fault in FAULTS:
        for last in range(0, steps(command, restore, fault), STRIDE):
            if fault in chosen(last):
                restore()
                cases += 1
                fail(command, fault, last)
                case = fault.name, last
                assert changes(client) == known, case
                assert (home / "co/demo/a.txt").read_bytes() == b"mine\n", case
                assert (home / "co/demo/new.txt").read_bytes() == b"new\n", case
                command()
                assert tree(home) == wanted, case
                assert control_of(str(home / "co")) != control_of(
                    str(home / "pristine")
                )
    assert cases > 20


def steps(command: Callable[[], Any], restore: Callable[[], Any], fault: Fault) -> int:
    restore()
    with Faults(fault=fault) as faults:
        command()
    return faults.done


def fail(command: Callable[[], Any], fault: Fault, last: int) -> None:
    with Faults(last, fault) as faults:
        try:
            command()
        except (OSError, Error, Killed):
            pass
    assert faults.happened, (fault.name, last)
