"""A working copy gets from each layout to each other one, and loses nothing.

A conversion fails at any operation on a file, for any reason.  What it leaves is a
working copy with the same files and the same changes, and the same command goes on.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
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
#: The same for one kind of fault.
STEP = 1 if ALL else 7
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
    # Each directory by itself, so that there is something in between.
    monkeypatch.setattr(
        "zope.app.fssync.client.workingcopy.conversion.CONVERTED_DIRECTORIES", 1
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


#: What somebody writes at the last moment.
LATE = b"late words"


class LastMoment:
    """Edit files while a conversion applies what it made of them, and kill it there.

    ``last`` counts the operations from then on.
    """

    def __init__(self, place: Path, edited: tuple[str, ...], last: int) -> None:
        self.place = place
        self.edited = edited
        self.faults = Faults(last)
        self.happened = False

    def perform(self, journal: Journal, steps: list[Step]) -> None:
        if not self.happened and any(self._is_moment(step) for step in steps):
            self.happened = True
            for number, name in enumerate(self.edited):
                write_late(self.place / name, number)
            self.faults.__enter__()
        perform(journal, steps)

    def _is_moment(self, step: Step) -> bool:
        return "demo/@@Zope" in (step.staged, step.path) or step.path.endswith(
            "@@a.txt.meta"
        )

    def run(self, command: Callable[[], Any]) -> bool:
        """Return whether the command was killed."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Journal, "perform", lambda *args: self.perform(*args))
            try:
                command()
            except Killed:
                return True
            finally:
                if self.happened:
                    self.faults.__exit__()
        return False


perform = Journal.perform

EXTRAS = ("demo/@@Zope/Extra/a.txt/contentType", "demo/@@Zope/Extra/a.txt/new")
ASIDE = ("demo/@@a.txt.meta", "demo/sub/@@deep.txt.parts/Extra/contentType")


@pytest.mark.parametrize(
    ("before", "after", "edited", "stray"),
    [
        (1, 3, EXTRAS, ""),
        (2, 3, EXTRAS, ""),
        (2, 3, EXTRAS, "demo/@@Zope/Extra/stray/title"),
        (3, 1, ASIDE, ""),
    ],
)
def test_an_edit_of_the_last_moment_outlives_a_kill(
    client: Client,
    home: Path,
    before: int,
    after: int,
    edited: tuple[str, ...],
    stray: str,
) -> None:
    checkout(client, home, before, edited=True)
    if stray:
        (home / "co" / stray).parent.mkdir()
        (home / "co" / stray).write_bytes(b"stray\n")
    shutil.copytree(home / "co", home / "pristine")
    last, is_killed = 0, True
    while is_killed:
        shutil.rmtree(home / "co")
        shutil.copytree(home / "pristine", home / "co")
        moment = LastMoment(home / "co", edited, last)
        is_killed = moment.run(lambda: convert(client, after))
        assert moment.happened
        convert(client, after)
        assert late(home / "co") == set(range(len(edited))), last
        for layout in (PLAIN, DESCRIBED, PLAIN):
            convert(client, layout)
        assert late(home / "co") == set(range(len(edited))), last
        last += STEP
    assert last > 10 * STEP


def write_late(path: Path, number: int) -> None:
    before = path.read_bytes() if path.exists() else b""
    text = b"%s %d" % (LATE, number)
    path.write_bytes(before.replace(b"plain", text) if b"plain" in before else text)


def late(place: Path) -> set[int]:
    """The numbers of the edits that are there."""
    files = [path for path in place.rglob("*") if path.is_file()]
    text = b"\n".join(path.read_bytes() for path in files)
    return set(map(int, re.findall(LATE + rb" (\d)", text)))
