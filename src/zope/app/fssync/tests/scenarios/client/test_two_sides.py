"""Two sides of one tree against a model, in random steps.

A person edits a working copy with an editor and with `zsync`, others change the
site, and now and then the two meet.  Every line that is written is different, so
that the model is a set of lines: what was written here and is nowhere else must
stay here, and what came to the site unseen must stay there.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.testing.serversite import server_site
from zope.app.fssync.tests.scenarios.client.twosides import Copy
from zope.app.fssync.tests.scenarios.client.twosides import Site
from zope.app.fssync.tests.scenarios.client.twosides import Tree
from zope.app.fssync.tests.scenarios.client.twosides import lasting_site
from zope.app.fssync.tests.scenarios.client.twosides import lines_of
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import WorkingCopyError
from zope.fssync.merger import Merger
from zope.fssync.tests.fuzzing import bounded

pytestmark = [pytest.mark.slow, pytest.mark.layout(3)]

NAMES = ["a", "bx", "d"]
PATHS = [*NAMES, *(f"d/{name}" for name in NAMES), "d/d/a"]

paths = st.sampled_from(PATHS)
#: The whole folder, or something in it.
targets = st.sampled_from([*[""] * 8, *PATHS])
PERSON = [
    *("edit", "delete_by_hand", "folder_by_hand", "replace_by_hand"),
    *("rename_by_hand", "move", "copy_with_zsync", "revert"),
    *("add", "remove", "mkdir", "resolve"),
]
MEETING = ["update", "update_twice", "commit", "settle"]
edits = st.sampled_from(["replace", "append", "prepend", "first", "empty"])


class TwoSides(RuleBasedStateMachine):
    """See the module."""

    layer: ClassVar[Any]

    @initialize(missing=st.sets(paths, max_size=3))
    def begin(self, missing: set[str]) -> None:
        self.number = 0
        self.home = Path(tempfile.mkdtemp())
        self.opened = lasting_site(self.layer, self.home)
        self.served = self.opened.__enter__()
        self.site = Site(self.served)
        #: What stood here, and what stood on the server, at some time.
        self.seen_here: set[bytes] = set()
        self.seen_there: set[bytes] = set()
        for path in sorted(set(PATHS) - missing):
            if path in ("d", "d/d"):
                self.site.put(path, None)
            else:
                self.others_write(path, "replace")
        self.copy = Copy(self.served, self.home)
        self.met()

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)
            shutil.rmtree(self.home)

    # Few rules, so that chance brings both sides together often enough.

    @rule(verb=st.sampled_from(PERSON), path=paths, other=paths, how=edits)
    def person(self, verb: str, path: str, other: str, how: str) -> None:
        """The person here does something, with an editor or with `zsync`."""
        if verb == "edit":
            self.edit(path, how)
        elif verb in ("delete_by_hand", "folder_by_hand", "replace_by_hand"):
            getattr(self, verb)(path)
        elif verb in ("rename_by_hand", "move", "copy_with_zsync"):
            getattr(self, verb)(path, other)
        elif verb == "revert":
            self.revert(path)
        else:
            self.tell(verb, path)

    @rule(verb=st.sampled_from(["write", "folder", "remove"]), path=paths, how=edits)
    def others(self, verb: str, path: str, how: str) -> None:
        """Somebody else does something on the server."""
        if verb == "write":
            self.others_write(path, how)
        elif verb == "folder":
            self.site.put(path, None)
        else:
            self.site.remove(path)

    @rule(
        path=paths,
        here=st.sampled_from(["edit", "delete", "replace", "remove", "move", "stray"]),
        there=st.sampled_from(["write", "remove", "folder"]),
        how=edits,
    )
    def both(self, path: str, here: str, there: str, how: str) -> None:
        """Both do something to the same object, then the client updates."""
        if here == "stray":
            # Neither side has it, then both make it.
            self.site.remove(path)
            self.settle()
        if here in ("delete", "remove", "stray"):
            self.delete_by_hand(path)
        if here == "remove":
            self.tell("remove", path)
        elif here in ("edit", "stray"):
            self.edit(path, how)
        elif here == "replace":
            self.replace_by_hand(path)
        elif here == "move":
            self.move(path, "bx")
        if there == "folder":
            self.site.remove(path)
        self.others(there, path, "append")
        self.update("")

    @rule(verb=st.sampled_from(MEETING), path=targets)
    def meet(self, verb: str, path: str) -> None:
        """The client talks to the server."""
        if verb in ("settle", "update_twice"):
            getattr(self, verb)()
        elif verb == "update":
            self.update(path)
        else:
            self.commit(path)

    # The person here

    def edit(self, path: str, how: str) -> None:
        old = self.copy.tree().get(path) or b""
        self.copy.write(path, self.edited(old, how, b"mine"))

    def delete_by_hand(self, path: str) -> None:
        self.copy.delete(path)

    def folder_by_hand(self, path: str) -> None:
        place = Path(self.copy.path(path))
        if place.parent.is_dir() and not place.exists():
            place.mkdir()

    def replace_by_hand(self, path: str) -> None:
        """Put a folder where a file was, or a file where a folder was."""
        place = Path(self.copy.path(path))
        if place.is_file():
            place.unlink()
            place.mkdir()
        elif place.is_dir():
            shutil.rmtree(place)
            self.edit(path, "replace")

    def rename_by_hand(self, path: str, other: str) -> None:
        self.copy.rename(path, other)

    def move(self, path: str, other: str) -> None:
        """As far as zsync knows moves: by hand, then told."""
        self.copy.rename(path, other)
        self.tell("add", other)
        self.tell("remove", path)

    def tell(self, verb: str, path: str, *more: str) -> None:
        kept = self.precious()
        # A person makes mistakes.
        with contextlib.suppress(Error):
            self.copy(verb, path, *more)
        self.check_kept(kept)
        if verb == "resolve":
            # Who resolves has looked at what the others have.
            self.seen_here |= lines_of(self.site.tree())

    def copy_with_zsync(self, path: str, other: str) -> None:
        self.tell("copy", path, self.copy.path(other))

    def revert(self, path: str) -> None:
        """A revert of one thing leaves all others alone."""
        before = self.copy.tree()
        with contextlib.suppress(Error):
            self.copy("revert", path)
        after = self.copy.tree()
        for each in before.keys() | after.keys():
            if ".mine" in each:
                # What stood in the place of another kind has this name now.
                continue
            if each != path and not each.startswith(path + "/"):
                assert before.get(each, 1) == after.get(each, 1), each

    # The others

    def others_write(self, path: str, how: str) -> None:
        old = self.site.tree().get(path) or b""
        self.site.put(path, self.edited(old, how, b"theirs"))
        self.look_there()

    # Where both meet

    def update(self, path: str) -> None:
        kept = self.precious()
        there = self.site.tree()
        try:
            self.copy("update", path)
        except Error:
            assert path, "the whole can always be updated"
        if not path:
            lost = [line for line in self.status() if line.startswith("lost")]
            assert not lost, lost
        self.check_kept(kept)
        assert self.site.tree() == there
        self.met()

    def update_twice(self) -> None:
        self.update("")
        before = self.copy.everything()
        again = self.copy("update", "")
        assert self.copy.everything() == before
        # What is pending here is told each time.
        assert not [line for line in again if line[0] not in "MARC?"], again
        self.check_status()

    def commit(self, path: str) -> bool:
        """Commit; returns whether it was accepted."""
        kept = self.precious()
        here, there = self.copy.tree(), self.site.tree()
        unseen = lines_of(self.not_removed(there)) - self.seen_here
        try:
            self.copy("commit", path)
        except Error as error:
            self.advice = error.advice or ""
            assert self.copy.tree() == here
            assert self.site.tree() == there
            return False
        self.look_there()
        self.check_kept(kept)
        assert unseen <= lines_of(self.site.tree())
        self.met()
        return True

    def settle(self) -> None:
        """Come together, unless something is in the way."""
        # What others did to a file in conflict shows once that is resolved.
        for _ in range(2):
            self.forget_lost()
            self.update("")
            self.tell("resolve", "")
            if self.commit(""):
                break
            self.take_back_refused()
        else:
            assert self.obstacles(), self.status()
            return
        if self.copy.conflicts:
            return
        status = self.status()
        pending = [line for line in status if line[0] != "?"]
        assert not pending, pending
        # Unregistered files stay here, and what they are in the way of, there.
        strays = [line[2:].rstrip("/") for line in status]
        here, there = (
            {
                path: content
                for path, content in tree.items()
                if not any(f"{path}/".startswith(f"{stray}/") for stray in strays)
            }
            for tree in (self.copy.tree(), self.site.tree())
        )
        assert here == there

    def forget_lost(self) -> None:
        """Do as the advice says where what is to be added is gone."""
        for line in self.status():
            if line.startswith("A(lost) "):
                self.revert(line.removeprefix("A(lost) "))

    def take_back_refused(self) -> None:
        """Do as the advice says where the server does not take an object.

        A file that others removed and that became a folder here is sent as a file.
        """
        if found := re.search(r"take it back: 'zsync revert (.*)'", self.advice):
            self.revert(os.path.relpath(found[1], self.copy.path("")))

    def obstacles(self) -> list[str]:
        """What is here in the way of what is there."""
        here, there = self.copy.tree(), self.site.tree()
        other = [
            path
            for path in here.keys() & there.keys()
            if (here[path] is None) != (there[path] is None)
        ]
        strays = [line[2:].rstrip("/") for line in self.status() if line[0] == "?"]
        return other + [path for path in strays if path in there]

    # What holds

    def precious(self) -> set[bytes]:
        """What was written here, is here, and never was anywhere else."""
        return {
            line
            for line in lines_of(self.copy.tree())
            if line.startswith(b"mine") and line not in self.seen_there
        }

    def check_kept(self, kept: set[bytes]) -> None:
        """Is all of it still here?"""
        lost = kept - lines_of(self.copy.tree())
        assert not lost, lost

    def check_status(self) -> None:
        """The status is empty exactly when both sides are equal."""
        equal = self.copy.tree() == self.site.tree()
        # What is to be added and is gone again is on neither side.
        status = [line for line in self.status() if not line.startswith("A(lost)")]
        assert bool(status) != equal, (status, self.copy.tree(), self.site.tree())

    def not_removed(self, there: Tree) -> Tree:
        """What others have, but not in folders that are to be removed.

        Nobody knows any more what was in them when they were removed here.
        """
        removed = [line[2:] for line in self.status() if line.startswith("R ")]
        return {
            path: content
            for path, content in there.items()
            if not any(path.startswith(each + "/") for each in removed)
        }

    def status(self) -> list[str]:
        return self.copy("status", "", False, False)

    def met(self) -> None:
        self.seen_here |= lines_of(self.copy.tree())
        self.look_there()

    def look_there(self) -> None:
        self.seen_there |= lines_of(self.site.tree())

    def edited(self, old: bytes, how: str, who: bytes) -> bytes:
        self.number += 1
        new = b"%s %d\n" % (who, self.number)
        if how == "append":
            return old + new
        if how == "prepend":
            return new + old
        if how == "first":
            return new + old.partition(b"\n")[2]
        if how == "empty":
            return b""
        return new + b"common\ncommon too\n"


@pytest.fixture(scope="module")
def layer() -> Iterator[Any]:
    with configured() as layer:
        yield layer


@pytest.fixture
def both(layer: Any, tmp_path: Path) -> Iterator[tuple[Site, Copy]]:
    with server_site(layer) as served:
        site = Site(served)
        site.put("a", b"a\n")
        site.put("d", None)
        yield site, Copy(served, tmp_path)


@pytest.mark.parametrize("path", ["a", "d"])
def test_a_removal_can_be_committed_by_itself(both: Any, path: str) -> None:
    site, copy = both
    copy("remove", path)
    assert copy("commit", path)[0].startswith(f"D {path}")
    assert path not in site.tree()
    assert copy("status", "", False, False) == []


def test_an_update_brings_back_what_is_lost(layer: Any, tmp_path: Path) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        for path in ("a", "b", "d/a"):
            site.put("d", None)
            site.put(path, b"a\n")
        copy = Copy(served, tmp_path)
        copy.delete("a")
        copy.delete("d")
        copy("remove", "b")
        assert {"U a", "U d/a"} <= set(copy("update", ""))
        assert copy("status", "", False, False) == ["R b"]


def test_both_may_put_a_folder_in_the_place_of_a_file(
    both: Any, tmp_path: Path
) -> None:
    site, copy = both
    copy.delete("a")
    Path(copy.path("a")).mkdir()
    assert copy("status", "", False, False) == ["M(unrecognized) a/"]
    site.remove("a")
    site.put("a", None)
    copy("update", "")
    assert copy("status", "", False, False) == []
    fresh = Copy(copy.site, tmp_path / "fresh")
    assert copy.files() == fresh.files()


def test_files_others_do_in_a_removed_folder_are_a_conflict(
    layer: Any, tmp_path: Path
) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        site.put("d", None)
        site.put("d/a", b"a\n")
        copy = Copy(served, tmp_path)
        copy("update", "")
        copy("remove", "d")
        site.put("d/new", b"theirs\n")
        with pytest.raises(OutOfDate):
            copy("commit", "")
        assert copy("update", "")[0] == "C d"
        with pytest.raises(OutOfDate):
            copy("commit", "")
        assert "d/new" in site.tree()
        # Who says so has seen it.
        copy("resolve", "d")
        assert copy("update", "") == []
        assert any(line.startswith("D d") for line in copy("commit", ""))
        assert site.tree() == {}
        assert copy("status", "", False, False) == []


def test_files_others_change_again_in_a_removed_file_are_resolved_at_once(
    both: Any,
) -> None:
    site, copy = both
    copy("remove", "a")
    for content in (b"theirs\n", b"theirs again\n"):
        site.put("a", content)
        assert "C a" in copy("update", "")
    copy("resolve", "a")
    assert "D a" in copy("commit", "")
    assert site.get("a") is None


@pytest.mark.parametrize("path", ["a", "d"])
def test_files_others_removed_too_are_no_conflict_any_more(
    both: Any, path: str
) -> None:
    site, copy = both
    copy("remove", path)
    site.remove(path)
    site.put(path, b"theirs\n")
    assert f"C {path}" in copy("update", "")
    site.remove(path)
    assert f"D {path}" in copy("update", "")
    assert copy("status", "", False, False) == []


@pytest.mark.parametrize("path", ["a", "d"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_removal_is_committed_and_what_took_its_place_stays(
    both: Any, path: str, kind: str
) -> None:
    site, copy = both
    copy("remove", path)
    place = Path(copy.path(path if kind == "file" else f"{path}/mine"))
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"mine\n")
    shown = path if kind == "file" else f"{path}/"
    assert copy("status", "", False, False)[0] == f"R(reborn) {shown}"
    assert copy("update", "") == []
    assert f"? {shown}" in copy("commit", "")
    assert path not in site.tree()
    assert copy("status", "", False, False) == [f"? {shown}"]
    assert place.read_bytes() == b"mine\n"
    copy("add", path)
    copy("commit", "")
    assert path in site.tree()


def test_a_removed_file_that_was_made_anew_can_be_kept(both: Any) -> None:
    site, copy = both
    copy("remove", "a")
    copy.write("a", b"mine\n")
    assert copy("add", "a") == ["M a"]
    assert "U a" in copy("commit", "")
    assert site.tree()["a"] == b"mine\n"
    assert copy("status", "", False, False) == []


def test_an_object_in_the_place_of_another_kind_waits_for_its_removal(
    both: Any,
) -> None:
    _, copy = both
    copy("remove", "a")
    Path(copy.path("a")).mkdir()
    with pytest.raises(Error, match="is scheduled for removal") as caught:
        copy("add", "a")
    assert "Commit the removal first" in str(caught.value.advice)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("end", ["resolve", "revert"])
def test_a_removed_file_that_became_a_folder_is_a_conflict(
    layer: Any, tmp_path: Path, end: str, whole: bool
) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        site.put("a", b"a\n")
        copy = Copy(served, tmp_path)
        copy("remove", "a")
        site.remove("a")
        site.put("a", None)
        site.put("a/theirs", b"theirs\n")
        if whole:
            Path(control_of(str(copy.home / "co")), "State").unlink()
        assert "C a" in copy("update", "")
        with pytest.raises(OutOfDate) as caught:
            copy("commit", "")
        assert "zsync resolve" in str(caught.value.advice)
        assert site.tree()["a/theirs"] == b"theirs\n"
        copy(end, "a")
        copy("update", "")
        copy("commit", "")
        assert copy("status", "", False, False) == []
        assert copy.tree() == site.tree()
        assert (site.tree() == {}) is (end == "resolve")


def test_lost_additions_can_be_unregistered(both: Any) -> None:
    _, copy = both
    copy.write("new", b"mine\n")
    copy("add", "new")
    copy.delete("new")
    with pytest.raises(WorkingCopyError, match="new' is missing") as caught:
        copy("commit", "")
    assert "new' forgets it" in str(caught.value.advice)
    copy("revert", "new")
    copy("commit", "")
    assert copy("status", "", False, False) == []


@pytest.mark.parametrize("here", ["edit", "remove"])
def test_an_empty_folder_of_others_is_not_overwritten_by_a_file(
    layer: Any, tmp_path: Path, here: str
) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        site.put("a", b"a\n")
        copy = Copy(served, tmp_path)
        if here == "edit":
            copy.write("a", b"mine\n")
        else:
            copy("remove", "a")
        site.remove("a")
        site.put("a", None)
        with pytest.raises(OutOfDate):
            copy("commit", "")
        assert "C a" in copy("update", "")
        with pytest.raises(OutOfDate):
            copy("commit", "")
        assert site.tree() == {"a": None}
        copy("revert", "a")
        copy("update", "")
        mine = {"a.mine": b"mine\n"} if here == "edit" else {}
        status = copy("status", "", False, False)
        assert status == [f"? {name}" for name in mine]
        assert site.tree() == {"a": None}
        assert copy.tree() == {"a": None, **mine}


@pytest.mark.layout(2)
@pytest.mark.parametrize("there", ["stays", "removed", "changed"])
def test_a_folder_that_is_moved_by_hand_is_committed_whole(
    layer: Any, tmp_path: Path, there: str
) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        site.put("d", None)
        site.put("d/a", b"a\n")
        site.put("d/in", None)
        site.put("d/in/b", b"b\n")
        copy = Copy(served, tmp_path)
        copy("remove", "d/a")
        copy.write("d/a", b"mine\n")
        copy.rename("d", "moved")
        copy.delete("moved/in/b")
        copy.write("moved/in/c", b"not registered\n")
        assert copy("add", "moved") == ["A moved/", "A moved/a", "A moved/in/"]
        copy("remove", "d")
        if there == "removed":
            site.remove("d")
        elif there == "changed":
            site.put("d/in/b", b"theirs\n")
        copy("update", "")
        if there == "changed":
            # Others go on where it was: that is for a person to decide.
            copy("resolve", "")
        copy("commit", "")
        assert site.tree() == {"moved": None, "moved/a": b"mine\n", "moved/in": None}
        assert copy("status", "", False, False) == ["? moved/in/c"]


def test_a_folder_that_is_moved_by_hand_takes_its_descriptions_along(
    layer: Any, tmp_path: Path
) -> None:
    with lasting_site(layer, tmp_path) as served:
        site = Site(served)
        for path, content in {"d": None, "d/a": b"a\n", "d/in": None}.items():
            site.put(path, content)
            IZopeDublinCore(site.get(path)).title = f"Title of {path}"
        site.site.commit()
        copy = Copy(served, tmp_path)
        copy.rename("d", "moved")
        added = copy("add", "moved", None, None, True)
        assert added == ["A moved/", "A moved/a", "A moved/in/"]
        copy("remove", "d")
        copy("commit", "")
        assert site.tree() == {"moved": None, "moved/a": b"a\n", "moved/in": None}
        for path in ("", "/a", "/in"):
            title = IZopeDublinCore(site.get(f"moved{path}")).title
            assert title == f"Title of d{path}"
        assert copy("status", "", False, False) == []


def run(examples: int) -> None:
    run_state_machine_as_test(
        TwoSides, settings=bounded(examples, steps=20, shrink=False)
    )


def test_two_sides_lose_nothing_and_come_together(layer: Any) -> None:
    TwoSides.layer = layer
    run(25)


def forget(merger: Merger, local: str, original: str, remote: str) -> None:
    merger.merge_files_delete(local, original, remote)


def overwrite(merger: Merger, local: str, remote: str, exists: bool) -> Any:
    return "Copy", "Uptodate"


def keep_the_old(merger: Merger, local: str, original: str, remote: str) -> None:
    merger.adopt_entry(local, remote)


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("merge_files_orphan", forget),
        ("_classify_new", overwrite),
        ("merge_files_copy", keep_the_old),
    ],
)
def test_a_client_that_does_wrong_is_found_out(
    layer: Any, monkeypatch: pytest.MonkeyPatch, method: str, wrong: Any
) -> None:
    TwoSides.layer = layer
    monkeypatch.setattr(Merger, method, wrong)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(60)
