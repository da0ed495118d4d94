"""status -u: what is different on a demo server, before it is brought here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.demoserver import Place

pytestmark = pytest.mark.slow


def last_changes(place: Place) -> dict[str, str]:
    """Return by path what `status -v` says of the last change of a folder."""
    # Beside it are objects of other tests.
    lines = place("status", "-v", "co/notes/w").splitlines()
    found = (re.fullmatch(r"... ?(.*?/?) \((.*)\)", line) for line in lines)
    return {each[1].strip("/"): each[2] for each in found if each}


def test_the_last_change_is_known_of_what_was_committed_or_brought(
    place: Place,
) -> None:
    place("mkdir", "co/notes/w")
    here = place.notes / "w"
    for name in ("a.txt", "b.txt"):
        (here / name).write_text("first\n")
    place("add", "co/notes/w/a.txt", "co/notes/w/b.txt")
    place("commit", "co")
    when = r", 20[0-9-]{8} [0-9]{2}:[0-9]{2}"
    transaction, _, user, *_ = place("log", "-l", "1", "co").split()
    own = last_changes(place)
    assert {each.rpartition("/")[2] for each in own} == {"w", "a.txt", "b.txt"}
    user = own["co/notes/w/a.txt"].split()[2].strip(",")
    assert re.fullmatch(
        f"0x{transaction} by {re.escape(user)}{when}", own["co/notes/w"]
    )

    place("checkout", place.url("/demo/notes/w"), "elsewhere")
    elsewhere = place.directory / "elsewhere" / "w"
    (elsewhere / "b.txt").write_text("second\n")
    place("commit", "elsewhere")
    newer = place("log", "-l", "1", "co").split()[0]
    assert last_changes(place) == own
    place("update", "co")
    brought = last_changes(place)
    assert brought["co/notes/w/b.txt"].startswith(f"0x{newer} by {user}, ")
    assert brought["co/notes/w/a.txt"] == own["co/notes/w/a.txt"]

    # A new checkout knows nothing of it, and asks.
    place("checkout", place.url("/demo/notes"), "fresh")
    shown = place("status", "-v", "fresh")
    assert " by " not in shown
    shown = place("status", "-uv", "fresh")
    assert f"fresh/notes/w/b.txt (0x{newer} by {user}, " in shown
    assert f"fresh/notes/w/a.txt (0x{transaction} by {user}, " in shown
    shown = place("status", "-v", "--json", "fresh")
    items = {each["path"]: each for each in json.loads(shown)["items"]}
    told = items["fresh/notes/w/b.txt"]
    assert (told["changed_in"], told["user"]) == (f"0x{newer}", user)


def test_status_of_the_server_is_shown_who_changed_what_and_nothing_is_changed_here(
    place: Place,
) -> None:
    place("mkdir", "co/notes/u")
    here = place.notes / "u"
    for name in ("mine.txt", "theirs.txt", "both.txt", "gone.txt"):
        (here / name).write_text(f"{name}\n")
    place("add", *(f"co/notes/u/{each.name}" for each in sorted(here.glob("*.txt"))))
    place("commit", "co")
    assert place("status", "-u", "co") == "Up to date with the server.\n"

    place("checkout", place.url("/demo/notes/u"), "other")
    other = place.directory / "other" / "u"
    for name in ("theirs.txt", "both.txt"):
        (other / name).write_text("changed there\n")
    (other / "new.txt").write_text("new\n")
    (other / "folder").mkdir()
    (other / "folder" / "x.txt").write_text("x\n")
    place("add", "other/u/new.txt", "other/u/folder")
    place("remove", "other/u/gone.txt")
    told = place("commit", "other")
    transaction = place("log", "-l", "1", "other").split()[0]
    assert f" as 0x{transaction}" in told

    for name in ("mine.txt", "both.txt"):
        (here / name).write_text("changed here\n")
    before = snapshot(here)
    shown = place("status", "-u", "co").splitlines()
    assert snapshot(here) == before
    assert [line.partition(" by ")[0] for line in shown] == [
        "M * co/notes/u/both.txt (changed there",
        "M   co/notes/u/mine.txt",
        "  * co/notes/u/ (changed there",
        "  * co/notes/u/folder/ (new there",
        "  * co/notes/u/folder/x.txt (new there",
        "  * co/notes/u/gone.txt (gone there",
        "  * co/notes/u/new.txt (new there",
        "  * co/notes/u/theirs.txt (changed there",
        "7 objects are out of date.",
    ]
    assert [line for line in shown if "*" in line and " by " not in line] == []

    document = json.loads(place("status", "-u", "--json", "co"))
    items = {Path(item["path"]).name: item for item in document["items"]}
    assert (items["both.txt"]["action"], items["both.txt"]["server"]) == (
        "modified",
        "changed",
    )
    assert "server" not in items["mine.txt"]
    assert items["folder"]["directory"]
    (user,) = {items[name]["user"] for name in items if name != "mine.txt"}
    assert user
    when = rf"{re.escape(user)}, 20[0-9-]{{8}} [0-9]{{2}}:[0-9]{{2}}"
    assert all(re.search(f" by {when}", line) for line in shown if "*" in line)
    # From within the folder the lines are the same but for the paths.
    below = [line.replace("co/notes/", "") for line in shown]
    assert place("-C", "co/notes", "status", "-u", "u").splitlines() == below
    for target in ([], ["."], ["../u"], [str(here)]):
        inside = place("-C", "co/notes/u", "status", "-u", *target).splitlines()
        assert [line.partition(" (")[0] for line in inside] == [
            line.partition(" (")[0].replace("co/notes/u/", "")
            for line in (each.replace("/u/ (", "/u/./ (") for each in shown)
        ], target

    kind = rf"      > both sides have a version of their own \(there by {when}\)"
    conflict = rf"^C[ U] co/notes/u/both.txt\n{kind}$"
    updated, _ = place.start("update", "co").communicate(timeout=60)
    assert re.search(conflict, updated, re.MULTILINE)
    marked = (here / "both.txt").read_text()
    assert re.search(rf"^>>>>>>> \S+ \(server, {when}\)$", marked, re.MULTILINE)
    for verb in (["status"], ["resolve", "--list"]):
        assert re.search(conflict, place(*verb, "co/notes/u"), re.MULTILINE)
    (listed,) = json.loads(place("resolve", "--list", "--json", "co"))["items"]
    assert (listed["user"], listed["changed_in"]) == (user, f"0x{transaction}")
    # Asked once more, the conflict is still whose it was.
    place("update", "co", status=3)
    assert re.search(conflict, place("status", "co/notes/u"), re.MULTILINE)
    place("resolve", "--accept", "theirs", "co/notes/u/both.txt")
    assert place("status", "co/notes/u/both.txt") == ""
    place("revert", "co/notes/u")
