"""What a working copy remembers of the server, and what it does not believe."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy import serverstate
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.fssync.files import Tree
from zope.fssync.report import LastChange

GOOD: dict[str, Any] = {
    "states": {"/demo": "4-abc"},
    "nonce": "0123456789abcdef",
    "commits": 3,
    "lacking": {},
    "received": ["3-1 demo/@@Zope/Base", "3-1 ../demo", 4],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "@@Zope").mkdir(parents=True)
    return root


def states(root: Path) -> States:
    return States(Tree(), str(root))


def write(root: Path, data: dict[str, Any]) -> None:
    place = (root / "@@Zope").stat().st_ino
    text = json.dumps({"place": place, **data})
    (root / "@@Zope" / "State").write_text(text)


def test_states_are_kept_by_path(root):
    states(root).set("/demo", "one")
    assert states(root).get("/demo") == "one"
    assert states(root).get("/demo/sub/deep") == "one"
    assert states(root).get("/demonstration") is None
    states(root).set("/demo/sub", "two")
    assert states(root).get("/demo/sub/deep") == "two"
    # What the server is told of the whole includes it.
    assert states(root).get("/demo") == "one two"
    # The newer state of the whole is that of its parts too.
    states(root).set("/demo", "three")
    assert states(root).get("/demo/sub") == "three"
    states(root).set("/", "all")
    assert states(root).get("/demo/sub") == "all"
    states(root).set("/", None)
    assert states(root).get("/demo") is None


def test_ids_of_commits_are_those_of_one_working_copy_and_one_commit(root):
    states(root).set("/demo", "one")
    known = states(root)
    first = known.commit_id("digest")
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{32}", first)
    assert states(root).commit_id("digest") == first
    assert known.commit_id("other") != first
    known.count_commit("/demo", first)
    assert states(root).commit_id("digest") not in (first, None)
    assert states(root).commit_id("digest")[:17] == first[:17]


def test_a_committed_object_is_as_of_its_commit(root):
    states(root).set("/demo", state_of("5"))
    known = states(root)
    assert known.transaction("/demo/a.txt") == "5" * 16
    known.count_commit("/demo", "commit", committed={"/demo/a.txt": "7" * 16})
    assert states(root).transaction("/demo/a.txt") == "7" * 16
    assert states(root).transaction("/demo/b.txt") == "5" * 16
    # A later state holds the commit.
    states(root).set("/demo", state_of("8"))
    assert states(root).transaction("/demo/a.txt") == "8" * 16


def test_only_the_last_commits_are_known(root, monkeypatch):
    monkeypatch.setattr(serverstate, "REMEMBERED_COMMITS", 2)
    states(root).set("/demo", state_of("5"))
    for number, name in enumerate("abca", 6):
        committed = {f"/demo/{name}": str(number) * 16}
        states(root).count_commit("/demo", "commit", committed=committed)
    found = {name: states(root).transaction(f"/demo/{name}") for name in "abc"}
    assert found == {"a": "9" * 16, "b": "5" * 16, "c": "8" * 16}


def state_of(digit: str) -> str:
    """A state of a server, with its transaction."""
    return f"4-{digit * 16}-{'0' * 32}"


def test_objects_that_a_state_lacks_are_told_until_there_is_another(root):
    for path in ("/demo", "/demo/a", "/other"):
        states(root).set(path, f"state{path}")
    states(root).count_commit("/demo/a/b", "commit")
    assert states(root).get("/demo/a") == "state/demo/a commit"
    assert states(root).get("/demo") == "state/demo commit state/demo/a"
    assert states(root).get("/other") == "state/other"
    states(root).set("/demo/a", "new")
    states(root).lack("/demo", "newest")
    assert states(root).get("/demo/a") == "new newest"
    states(root).set("/demo", "all")
    assert states(root).get("/demo/a") == "all"


def test_a_directory_with_a_part_without_state_has_none(root):
    states(root).set("/demo", "one")
    states(root).set("/other", "two")
    states(root).set("/demo/sub", None)
    assert states(root).get("/demo") is None
    assert states(root).get("/other") == "two"


@pytest.mark.slow
def test_states_of_very_many_parts_are_cut(root):
    known = states(root)
    known.set("/demo", "one")
    for number in range(300):
        known.set(f"/demo/{number}", f"state{number}")
    told = known.get("/demo")
    assert told is not None
    assert told.startswith("one many state0 state1 state10 ")
    assert len(told) < 1100


def test_a_former_state_tells_what_was_seen(root):
    known = states(root)
    known.set("/demo", "one")
    known.count_commit("/demo", "commit")
    known.set("/demo/sub", None)
    assert (known.get("/demo"), known.get("/demo/sub")) == (None, None)
    assert states(root).told("/demo/sub") == "one commit"
    known.set("/demo/sub", None, "seen")
    assert states(root).told("/demo/sub") == "seen"
    assert states(root).told("/demo") == "one seen commit"
    known.set("/demo", "two")
    assert states(root).told("/demo") == states(root).get("/demo") == "two"
    assert states(root).told("/other") is None


def test_a_copy_has_no_states_and_another_name(root):
    states(root).set("/demo", "one")
    copy = root.with_name("copy")
    shutil.copytree(root, copy)
    assert states(copy).get("/demo") is None
    assert states(copy).nonce != states(root).nonce


def test_a_copy_tells_what_its_original_had_seen(root: Path) -> None:
    known = states(root)
    known.set("/demo", "one")
    known.count_commit("/demo", "commit")
    copy = root.with_name("copy")
    shutil.copytree(root, copy)
    assert states(copy).told("/demo") == "one commit"
    assert states(copy).commits == 0
    states(copy).set("/demo", "two")
    assert states(copy).get("/demo") == "two"


def test_one_that_is_moved_keeps_them(root):
    states(root).set("/demo", "one")
    moved = root.rename(root.with_name("moved"))
    assert states(moved).get("/demo") == "one"


def test_well_formed_data_is_accepted(root):
    write(root, GOOD)
    assert states(root).get("/demo") == "4-abc"
    assert states(root).commits == 3
    assert states(root).fit(str(root))


@pytest.mark.parametrize(
    "bad",
    [
        *({"states": []}, {"states": {"/demo": 1}}, {"states": {"/demo": "a\r\nX: y"}}),
        *({"states": {"/demo": "\u00fc"}}, {"states": {"/demo": "a" * 1001}}),
        *({"nonce": "a&raise=1"}, {"nonce": "0" * 17}, {"nonce": None}),
        *({"nonce": "0123456789abcde\n"}, {"commits": 1e999}, {"commits": "1"}),
        *({"place": None}, {"place": 0}, {"lacking": []}, {"lacking": {"/demo": 1}}),
        *({"received": None}, {"received": {}}),
    ],
)
def test_nothing_else_is(root, bad):
    write(root, {**GOOD, **bad})
    found = states(root)
    assert found.get("/demo") is None
    assert found.commits == 0
    assert found.nonce != bad.get("nonce", GOOD["nonce"])


def test_files_that_were_put_back_do_not_fit_until_all_was_asked_for(
    root: Path,
) -> None:
    base = root / "demo" / "@@Zope" / "Base"
    base.parent.mkdir(parents=True)
    base.write_bytes(b"one")
    write(root, GOOD)
    assert not states(root).fit(str(root))
    assert not states(root).fit(str(root / "demo"))
    assert states(root).fit(str(root / "elsewhere"))
    states(root).distrust()
    assert states(root).get("/demo") is None
    assert states(root).told("/demo") == "4-abc"
    assert states(root).fit(str(root))


@pytest.mark.parametrize("state", ["a\nb", "\u00fc", "a" * 1001])
def test_a_server_cannot_have_anything_else_kept(root, state):
    states(root).set("/demo", "one")
    states(root).set("/demo", state)
    assert states(root).get("/demo") is None


@pytest.mark.parametrize(
    ("was", "there", "path", "found"),
    [
        ("/demo", "/prefix/demo", "/demo/a", "/prefix/demo/a"),
        ("/", "/prefix", "/a", "/prefix/a"),
        ("/prefix", "/", "/prefix/a", "/a"),
        ("/prefix", "/", "/prefix", "/"),
        ("/", "/prefix", "/", "/prefix"),
    ],
)
def test_states_move_with_their_objects(tmp_path, was, there, path, found):
    (tmp_path / "@@Zope").mkdir()
    before = States(Tree(), str(tmp_path))
    before.set(path, "4-one")
    before.move({was: there})
    assert states(tmp_path).get(found) == "4-one"
    states(tmp_path).move({"/elsewhere": "/demo"})
    assert states(tmp_path).get(found) is None


def test_types_that_a_server_makes_are_remembered(root, monkeypatch):
    made = [("a.File", "file", "Text"), ("a.Page", "file", "")]
    assert states(root).types("/demo") == []
    states(root).learn_types("/demo", made)
    assert states(root).types("/demo") == made
    monkeypatch.setattr(serverstate, "REMEMBERED_TYPES", 1)
    monkeypatch.setattr(serverstate, "REMEMBERED_CONTAINERS", 1)
    states(root).learn_types("/x", made)
    assert states(root).types("/x") == made[:1]
    assert states(root).types("/demo") == []
    states(root).move({"/": "/moved"})
    assert states(root).types("/moved/x") == []
    nonsense: list[Any] = [[], {"/demo": 7}, {"/demo": [["a", "b"]]}, {"/demo": [7]}]
    for damaged in nonsense:
        write(root, {**GOOD, "types": damaged})
        assert states(root).types("/demo") == []
        assert states(root).get("/demo") == "4-abc"


def test_a_user_who_changed_objects_last_is_remembered_and_forgotten(root, monkeypatch):
    changes = {
        path: LastChange(f"0x{number:016x}", number, f"user {number}")
        for number, path in enumerate(("/demo", "/demo/a", "/demo/a/b", "/demo/ab"))
    }
    assert not states(root).knows_changes()
    states(root).learn(changes)
    assert states(root).last_change("/demo/a/b") == changes["/demo/a/b"]
    assert states(root).last_change("/other") is None
    states(root).forget_changes("/demo/a")
    assert states(root).last_change("/demo/a/b") is None
    assert states(root).last_change("/demo/ab") == changes["/demo/ab"]
    states(root).move({"/demo": "/moved"})
    assert states(root).last_change("/moved/ab") == changes["/demo/ab"]
    monkeypatch.setattr(serverstate, "REMEMBERED_CHANGES", 1)
    states(root).learn({"/x": changes["/demo"]})
    assert states(root).last_change("/x") == changes["/demo"]
    assert states(root).last_change("/moved/ab") is None
    write(root, {**GOOD, "changes": {"/demo": "no change", "/a": 7}})
    assert states(root).last_change("/demo") is None
