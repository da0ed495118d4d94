"""Moves of two sites are merged, and contradictory ones are in conflict."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from zope.app.fssync.client.tests.publisher import LINES
from zope.app.fssync.client.tests.publisher import Publisher
from zope.app.fssync.client.tests.publisher import me as me

#: Marks what starts a server.
slow = pytest.mark.slow


@slow
def test_moved_files_are_moved(me: Publisher) -> None:
    me.edits("www", "sub/c.txt", "theirs\n")
    me("move", f"{me.here}/sub", f"{me.here}/below")
    me("move", f"{me.here}/b.txt", f"{me.here}/b1.txt")
    me("commit", "-q", "-m", "Names", str(me.here))
    me("move", f"{me.here}/b1.txt", f"{me.here}/below/b2.txt")
    (me.here / "below" / "b2.txt").write_text("edited\n")
    me("mkdir", f"{me.here}/new")
    me("mkdir", f"{me.here}/new/inner")
    (me.here / "new" / "e.txt").write_text("e\n")
    me("add", f"{me.here}/new/e.txt")
    me("move", f"{me.here}/a.txt", f"{me.here}/new/inner/a.txt")
    me("commit", "-q", "-m", "More names", str(me.here))
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    me.promotes(f"--since={me.since}")
    assert me.there("below/c.txt") == "theirs\n"
    assert me.there("below/b2.txt") == "edited\n"
    assert me.there("new/inner/a.txt") == LINES.replace("0\n", "theirs\n")
    assert me.there("new/e.txt") == "e\n"
    assert [me.there(each) for each in ("sub/c.txt", "b.txt", "a.txt")] == [None] * 3
    changes = me.transactions("www")[0]["changes"]
    told = {each["path"]: (each["letter"], each.get("origin")) for each in changes}
    assert told["below"] == ("R", "sub")
    assert told["below/b2.txt"] == ("R", "b.txt")
    assert told["new"] == ("A", None)
    assert told["new/inner/a.txt"] == ("R", "a.txt")
    assert told["new/e.txt"] == ("A", None)
    assert not {"a.txt", "b.txt", "sub"} & told.keys()
    assert me.promotes().endswith("\nNothing to promote.\n")


def renames(me: Publisher, site: str, *moves: tuple[str, str | None]) -> None:
    """Move objects of a site, or remove them, in one transaction."""
    copy = Path(tempfile.mkdtemp(dir=me.place))
    me("checkout", "-q", me.url(site), str(copy))
    (top,) = copy.glob(f"*-{site}")
    for old, new in moves:
        if new is None:
            me("remove", f"{top}/{old}")
        else:
            me("move", f"{top}/{old}", f"{top}/{new}")
    me("commit", "-q", "-m", "Names", str(top))


def resolves(me: Publisher, *arguments: str) -> Path:
    """Settle what a promotion left in conflict, and go on; return the site's copy."""
    (copy,) = me.state.glob("promote/*/copy")
    (top,) = copy.glob("*-www")
    me("-C", str(top), "resolve", *arguments)
    me.promotes()
    assert not me.state.exists()
    return top


@slow
def test_objects_that_one_site_moved_have_the_edits_of_the_other(me: Publisher) -> None:
    renames(me, "www", ("b.txt", "mine.txt"), ("sub", "below"))
    me.edits("staging", "b.txt", "edited\n")
    me.edits("staging", "sub/c.txt", "edited, too\n")
    (me.here / "sub" / "new.txt").write_text("new\n")
    me("add", f"{me.here}/sub/new.txt")
    me("move", f"{me.here}/a.txt", f"{me.here}/sub/a.txt")
    me("commit", "-q", "-m", "New", str(me.here / "sub"), str(me.here / "a.txt"))
    me.promotes(f"--since={me.since}")
    found = [me.there(f"{each}.txt") for each in ("mine", "below/c", "below/new")]
    assert found == ["edited\n", "edited, too\n", "new\n"]
    assert me.there("below/a.txt") == LINES
    assert [me.there(each) for each in ("b.txt", "sub", "a.txt")] == [None] * 3
    # The same moves on both sides are none that is left.
    renames(me, "staging", ("b.txt", "mine.txt"))
    me.edits("staging", "mine.txt", "edited again\n")
    me.promotes()
    assert me.there("mine.txt") == "edited again\n"


@slow
def test_objects_that_both_sites_moved_are_in_conflict(me: Publisher) -> None:
    renames(me, "staging", ("b.txt", "sub/d.txt"))
    me.edits("staging", "sub/d.txt", "edited\n")
    renames(me, "www", ("b.txt", "mine.txt"))
    shown = me.promotes(f"--since={me.since}", status=3)
    assert f"C  {me.place.name}-www/mine.txt" in shown
    assert me.there("mine.txt") == "b\n"
    resolves(me)
    assert me.there("mine.txt") == "edited\n"
    assert me.there("sub/d.txt") is None
    assert me.promotes().endswith("\nNothing to promote.\n")


@slow
def test_objects_removed_on_one_site_and_changed_on_the_other_are_in_conflict(
    me: Publisher,
) -> None:
    renames(me, "www", ("b.txt", None), ("sub", None))
    me.edits("staging", "b.txt", "edited\n")
    renames(me, "staging", ("sub/c.txt", "sub/d.txt"), ("a.txt", None))
    me.edits("staging", "sub/d.txt", "edited, too\n")
    renames(me, "www", ("a.txt", "mine.txt"))
    alone = me.promotes(f"--since={me.since}", "sub/d.txt", status=1)
    assert "has no 'sub' for 'sub/d.txt'" in alone
    assert not me.state.exists()
    shown = me.promotes(f"--since={me.since}", status=3)
    name = f"{me.place.name}-www"
    for each in ("b.txt", "sub/d.txt", "mine.txt"):
        assert f"C  {name}/{each}" in shown
    assert me.there("b.txt") is None
    # One is wanted, another one is not.
    (top,) = me.state.glob(f"promote/*/copy/{name}")
    me("-C", str(top), "resolve", "--accept", "theirs", "b.txt")
    resolves(me)
    assert me.there("sub/d.txt") == "edited, too\n"
    assert me.there("b.txt") is None
    assert me.there("mine.txt") == LINES


@slow
def test_objects_moved_on_one_site_and_removed_on_the_other_stay_removed(
    me: Publisher,
) -> None:
    renames(me, "www", ("b.txt", None), ("sub", None))
    renames(me, "staging", ("b.txt", "sub/d.txt"), ("sub/c.txt", "c.txt"))
    me.edits("staging", "a.txt", "edited\n")
    me.promotes(f"--since={me.since}")
    assert me.there("a.txt") == "edited\n"
    assert [me.there(each) for each in ("sub/d.txt", "c.txt", "b.txt")] == [None] * 3
