"""The base of a promotion is the state that the note of the last one names."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.mergebase import _NOTE
from zope.app.fssync.client.mergebase import _covers
from zope.app.fssync.client.mergebase import note_of
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.tests.publisher import Publisher
from zope.app.fssync.client.tests.publisher import me as me

#: Marks what starts a server.
slow = pytest.mark.slow


@slow
def test_a_note_of_a_state_that_is_still_to_come_ends_no_promotions(
    me: Publisher,
) -> None:
    me.edits("staging", "b.txt", "once\n")
    me.promotes(f"--since={me.since}")
    forged = f"Promoted from {me.url('staging', user=False)} as of 0x{'7' + 'f' * 15}"
    me("checkout", "-q", me.url("www"), "production")
    (path,) = (me.place / "production").glob("*-www/a.txt")
    path.write_text("forged\n")
    me("commit", "-q", "-m", forged, "production")
    assert forged in me.transactions("www")[0]["message"]
    me.edits("staging", "b.txt", "twice\n")
    assert "Promoted 0x" in me.promotes()
    assert me.there("b.txt") == "twice\n"


@slow
def test_a_note_by_a_commit_of_a_part_continues_nothing(me: Publisher) -> None:
    me.edits("staging", "b.txt", "once\n")
    me.promotes(f"--since={me.since}")
    me.edits("staging", "b.txt", "twice\n")
    # Who may commit to the folder only says that all was promoted.
    forged = f"Promoted from {me.url('staging', user=False)} as of {me.until()}"
    me("checkout", "-q", f"{me.url('www')}/sub", "part")
    (me.place / "part" / "sub" / "c.txt").write_text("forged\n")
    me("commit", "-q", "-m", forged, "part")
    assert forged in me.transactions("www")[0]["message"]
    assert "Promoted 0x" in me.promotes()
    assert me.there("b.txt") == "twice\n"


@slow
def test_a_state_that_is_named_is_taken_in_place_of_a_note(me: Publisher) -> None:
    me.edits("staging", "b.txt", "once\n")
    before = me.until()
    me.promotes(f"--since={me.since}")
    me.edits("staging", "b.txt", "twice\n")
    # Who may commit to the whole site says that all was promoted.
    forged = f"Promoted from {me.url('staging', user=False)} as of {me.until()}"
    me("checkout", "-q", me.url("www"), "production")
    (path,) = (me.place / "production").glob("*-www/a.txt")
    path.write_text("forged\n")
    me("commit", "-q", "-m", forged, "production")
    shown = me.promotes()
    assert "by the note of zope.zsync" in shown
    assert "Nothing to promote." in shown
    shown = me.promotes(f"--since={before}")
    assert "by the note" not in shown
    assert me.there("b.txt") == "twice\n"


@pytest.mark.parametrize(
    ("scope", "path", "kinds", "covers"),
    [
        ("", "", (), True),
        ("", "a", ("File",), True),
        ("a", "", (), False),
        ("a, b", "b/c", (), True),
        ("a", "ab", (), False),
        ("kind File", "", (), False),
        ("kind File, kind Page", "", ("File",), True),
        ("a, kind File", "a", ("File", "Page"), False),
    ],
)
def test_promoted_files_are_a_base_for_all_that_they_cover(
    scope: str, path: str, kinds: tuple[str, ...], covers: bool
) -> None:
    assert _covers(scope, path, kinds) is covers


@pytest.mark.parametrize(("paths", "scope"), [((), ""), (("b", "a"), "a, b")])
def test_the_note_of_a_promotion_names_state_and_scope(
    paths: tuple[str, ...], scope: str
) -> None:
    wanted = Wanted("http://me:pw@staging/site", "http://www/site", paths, note="May")
    note = note_of(wanted, "03" * 8)
    assert note.startswith("May\n\n")
    assert "pw" not in note
    # Servers may join the lines of a note.
    for each in (note, note.replace("\n\n", " ")):
        assert _NOTE.findall(each) == [("http://staging/site", "03" * 8, scope)]
