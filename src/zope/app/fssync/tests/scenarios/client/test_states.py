"""No state of a working copy is without a way out, and the messages name it.

The tables of docs/states.rst are what these tests see.  With ZSYNC_WRITE_STATES=1
they write what they see into the document.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.client.connection import Network
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.tests.scenarios.client.states import LOCALS
from zope.app.fssync.tests.scenarios.client.states import Cell
from zope.app.fssync.tests.scenarios.client.states import Known
from zope.app.fssync.tests.scenarios.client.states import Outcome
from zope.app.fssync.tests.scenarios.client.states import Row
from zope.app.fssync.tests.scenarios.client.states import Run
from zope.app.fssync.tests.scenarios.client.states import World
from zope.app.fssync.tests.scenarios.client.states import cells
from zope.app.fssync.tests.scenarios.client.states import section
from zope.app.fssync.tests.scenarios.client.states import server_states
from zope.app.fssync.tests.scenarios.client.twosides import InProcess
from zope.app.fssync.tests.scenarios.client.twosides import Site
from zope.app.fssync.tests.scenarios.client.twosides import lasting_site

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[7] / "docs" / "states.rst"


@pytest.fixture(scope="module")
def layer() -> Iterator[Any]:
    with configured() as layer:
        yield layer


def restore(beginning: Path, place: Path) -> None:
    """Make a directory what it was, and leave alone what is so still.

    The directories that are there stay: a control directory that is a copy would not
    have the states.
    """
    known = {path.name: path for path in beginning.iterdir()}
    for path in place.iterdir():
        kept = known.get(path.name)
        if kept is None or path.is_dir() != kept.is_dir():
            remove(path)
    for name, kept in known.items():
        path = place / name
        if not kept.is_dir():
            if not is_as(path, kept):
                path.unlink(missing_ok=True)
                shutil.copy2(kept, path)
        elif path.is_dir():
            restore(kept, path)
        else:
            shutil.copytree(kept, path)
    shutil.copystat(beginning, place)


def is_as(path: Path, kept: Path) -> bool:
    """Has nobody written a file since it was kept?"""
    if not path.exists():
        return False
    now, then = path.stat(), kept.stat()
    if (now.st_mtime_ns, now.st_mode) != (then.st_mtime_ns, then.st_mode):
        return False
    return path.read_bytes() == kept.read_bytes()


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


class Worlds:
    """A site and a working copy, which begin anew each time."""

    def __init__(self, layer: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layer = layer
        self.home = home / "world"
        self.beginning = home / "beginning"
        self.pair = home / "pair"
        self.monkeypatch = monkeypatch
        self.home.mkdir()
        with self._open() as world:
            world.begin()
        shutil.copytree(self.home, self.beginning)

    @contextmanager
    def in_states(self, name: str, server: str) -> Iterator[World]:
        """Bring the working copy into a state and the site into one, to `again`."""
        with self.world() as world:
            LOCALS[name].make(world)
            server_states(LOCALS[name])[server](world)
            self.pair.mkdir(exist_ok=True)
            restore(self.home, self.pair)
            yield world

    def again(self) -> AbstractContextManager[World]:
        """Begin with both states."""
        return self.world(self.pair)

    @contextmanager
    def world(self, beginning: Path | None = None) -> Iterator[World]:
        restore(beginning or self.beginning, self.home)
        with self._open() as world:
            self.monkeypatch.chdir(world.top)
            yield world

    @contextmanager
    def _open(self) -> Iterator[World]:
        with lasting_site(self.layer, self.home) as served:
            self.monkeypatch.setattr(
                Network, "_open", lambda network: InProcess(served)
            )
            yield World(Site(served), self.home)


@pytest.fixture
def worlds(layer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Worlds(layer, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", LOCALS)
def test_verbs_that_messages_name_lead_out_of_every_state(
    worlds: Worlds, name: str
) -> None:
    """And the doctor repairs nothing twice on the way."""
    rows: list[Row] = []
    for server in server_states(LOCALS[name]):
        with worlds.in_states(name, server) as world:
            world.zsync("doctor")
            again = world.zsync("doctor")
        assert not [line for line in again.lines if "repaired" in line], again.text
        rows += rows_of(worlds, cells(name, server))
    told = section(name, rows)
    document = DOCUMENT.read_text(encoding="utf-8")
    if os.environ.get("ZSYNC_WRITE_STATES"):
        document = replaced(document, name, told)
        DOCUMENT.write_text(document, encoding="utf-8")
    assert told in document


def rows_of(worlds: Worlds, cells: list[Cell]) -> Iterator[Row]:
    """Run each command, and follow what it says: that must lead out."""
    known: Known = {}
    for cell in cells:
        with worlds.again() as world:
            run = Run(world, cell, known)
        assert not run.problems, str(run)
        yield run.row()
        if cell.verb in ("update", "commit") and "revert" in run.passed_over:
            with worlds.again() as world:
                other = Run(world, cell, known, liked="revert")
            assert not other.problems, str(other)


def replaced(document: str, name: str, told: str) -> str:
    """Return the document with another section about a state."""
    title = told.split("\n")[0]
    before, found, rest = document.partition(f"\n{title}\n{'-' * len(title)}\n")
    if not found:
        return f"{document.rstrip()}\n\n\n{told}\n"
    _, end, after = rest.partition("\n\n\n")
    return f"{before}\n{told}{end or chr(10)}{after}"


def check_doctor(worlds: Worlds, expected: dict[str, str]) -> None:
    for name, found in expected.items():
        with worlds.world() as world:
            LOCALS[name].make(world)
            assert found in world.zsync("doctor").text, name


def test_the_doctor_finds_what_is_not_as_an_update_left_it(worlds: Worlds) -> None:
    found = {
        "a folder in the place of a file": "f.txt: a directory stands in the place of",
        "a file in the place of a folder": "d: its original is lost",
        "put back": "State: older files were put back",
        "folder put back": "State: older files were put back",
    }
    check_doctor(worlds, found)


@pytest.mark.layout(2)
def test_the_doctor_finds_folders_whose_entries_are_lost(worlds: Worlds) -> None:
    found = "d/@@Zope/Entries.xml: its entries are lost"
    check_doctor(worlds, {"folder made anew": found, "folder copied over": found})


@pytest.mark.parametrize(
    "path", ["", ".zsync", ".zsync/tree/demo/d", ".zsync/tree/demo/d/e/@@Zope/Base"]
)
def test_an_update_brings_all_where_older_files_were_put_back(
    worlds: Worlds, path: str
) -> None:
    """By git checkout, rsync or cp -p, which do not delete what is newer."""
    with worlds.world() as world:
        copy = world.top.parent
        kept = copy.with_name("kept")
        shutil.copytree(copy, kept, ignore=shutil.ignore_patterns("State", "Index"))
        world.site.put("f.txt", b"theirs\n")
        world.site.put("d/x.txt", b"theirs\n")
        world.site.put("d/e/y.txt", b"theirs\n")
        IZopeDublinCore(world.site.get("")).title = "Theirs"
        world.site.site.commit()
        world.zsync("update")
        assert world.zsync("update").text == "Up to date."
        if kept.joinpath(path).is_dir():
            shutil.copytree(kept / path, copy / path, dirs_exist_ok=True)
        else:
            shutil.copy2(kept / path, copy / path)
        world.write("keep.txt", b"mine\n")
        assert world.zsync("commit", "keep.txt").status == 0
        assert world.zsync("update").status == 0
        assert world.status() == []
        assert world.tree() == world.site.tree()
        assert world.zsync("update").text == "Up to date."


@pytest.mark.parametrize("path", [".", "d"])
@pytest.mark.parametrize("named", [False, True])
def test_an_update_brings_back_entries_that_are_lost(
    worlds: Worlds, path: str, named: bool
) -> None:
    """Of the directory that the update is about, too."""
    with worlds.world() as world:
        shutil.rmtree(control(world.path(path)))
        assert world.zsync("update", *([path] if named else [])).status in (0, 3)
        world.zsync("update")
        assert [line for line in world.status() if line[0] in "!?"] == []
        assert world.tree() == world.site.tree()


def test_files_the_server_makes_anew_of_a_lost_description_are_taken(
    worlds: Worlds,
) -> None:
    """It notes at least who has changed the object."""
    with worlds.world() as world:
        world.zsync("prop", "set", "f.txt", "title", "Mine")
        world.zsync("commit")
        world.delete("@@f.txt.meta")
        assert world.status() == [" M f.txt"]
        assert world.zsync("commit").status == 0
        assert world.status() == []
        assert IZopeDublinCore(world.site.get("f.txt")).title == ""
        assert world.zsync("update").text == "Up to date."


def test_files_put_back_without_their_originals_are_modified(worlds: Worlds) -> None:
    with worlds.world() as world:
        before = world.read("f.txt")
        world.site.put("f.txt", b"theirs\n")
        world.zsync("update")
        world.write("f.txt", before)
        assert world.status() == ["M  f.txt"]
        assert world.zsync("update").text == "Up to date."
        assert world.zsync("commit").status == 0
        assert world.site.tree()["f.txt"] == before


def test_files_in_an_older_layout_lead_to_an_update(worlds: Worlds) -> None:
    """What put them back left nothing to find it by."""
    with worlds.world() as world:
        copy = world.top.parent
        kept = copy.with_name("kept")
        shutil.copytree(copy, kept)
        world.site.put("f.txt", b"one\ntwo\nthree\n\n\n\ntheirs\n")
        world.zsync("update")
        state = copy / ".zsync" / "State"
        newer = json.loads(state.read_bytes())
        shutil.copytree(kept, copy, dirs_exist_ok=True)
        state.write_text(json.dumps(newer | {"received": []}))
        world.write("f.txt", b"one\nmine\nthree\n")
        refused = world.zsync("commit")
        assert refused.status == 5
        assert "Nobody has changed this since the last update" in refused.text
        assert world.zsync("update").status == 0
        assert world.zsync("commit").status == 0
        assert world.read("f.txt") == b"one\nmine\nthree\n\n\n\ntheirs\n"


@pytest.mark.parametrize("path", ["n.txt", "n", "n/m.txt"])
def test_an_update_of_what_is_only_added_says_so(worlds: Worlds, path: str) -> None:
    with worlds.world() as world:
        world.write(path, b"mine\n") if "." in path else world.path(path).mkdir()
        world.zsync("add", path.split("/")[0])
        update = world.zsync("update", path)
        assert update.status == 0
        assert update.lines == [
            f"hint: {path} is not on the server yet, the next commit sends it",
            "Up to date.",
        ]


def test_an_update_of_what_is_gone_fails_still(worlds: Worlds) -> None:
    with worlds.world() as world:
        world.site.remove("f.txt")
        assert world.zsync("update", "f.txt").status != 0


def test_a_commit_names_what_is_missing_and_the_ways_out(worlds: Worlds) -> None:
    with worlds.world() as world:
        world.delete("d/e/y.txt")
        world.delete("f.txt")
        refused = world.zsync("commit", "d")
        assert refused.status == 7
        assert refused.lines == [
            "zsync: 'd/e/y.txt' is missing",
            "hint: Nothing was committed. 'zsync update' brings back what is missing, "
            "'zsync remove d/e/y.txt' removes it on the server as well.",
        ]
        assert world.zsync("remove", "d/e/y.txt").status == 0
        assert world.zsync("commit", "d").status == 0
        assert "d/e/y.txt" not in world.site.tree()
        assert world.zsync("commit").lines[0] == "zsync: 'f.txt' is missing"


def test_others_changes_refuse_a_commit_without_a_word_of_the_state(
    worlds: Worlds,
) -> None:
    with worlds.world() as world:
        world.write("f.txt", b"mine\n")
        world.write("d/x.txt", b"mine\n")
        world.site.put("f.txt", b"theirs\n")
        world.site.remove("d")
        state = (world.top.parent / ".zsync" / "State").read_bytes()
        refused = world.zsync("commit")
        assert refused.status == 5
        assert "put back" not in refused.text
        assert (world.top.parent / ".zsync" / "State").read_bytes() == state


def test_processes_find_the_way_out_as_well(demo: Any, place: Place) -> None:
    """Two people edit one line, and one of them puts a folder in its place."""
    place("checkout", place.url(), "other")
    mine, theirs = place.todo, place.directory / "other" / "notes" / place.todo.name
    theirs.write_text("theirs\n")
    place("commit", str(theirs))
    mine.unlink()
    mine.mkdir()
    (mine / "m.txt").write_text("mine\n")
    commands = [["commit", "co/notes"]]
    done: list[str] = []
    while commands and len(done) < 4:
        words = commands[0]
        process = place.start(*words)
        text = "".join(process.communicate())
        done.append(words[0])
        outcome = Outcome(" ".join(words), process.returncode, text.splitlines())
        commands = [
            words if words[1:] else [*words, "co/notes"] for words in outcome.named()
        ]
    assert done == ["commit", "update", "revert", "update"]
    assert mine.read_text() == "theirs\n"
    assert Path(f"{mine}.mine", "m.txt").read_text() == "mine\n"
    assert place("status", "co/notes").startswith("?  ")
    assert place("commit", "co/notes") == "Nothing to commit.\n"
