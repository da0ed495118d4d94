"""What a move of an object is called, and which containers are followed."""

from __future__ import annotations

from zope.app.fssync.server.changes.whereabouts import Moved
from zope.app.fssync.server.changes.whereabouts import Whereabouts
from zope.app.fssync.server.changes.whereabouts import moved

ROOT, A, B, FILE, LATER = (bytes([number]) * 8 for number in range(5))


def test_a_new_name_is_told_with_the_old_one() -> None:
    before, after = ((A, "old"), (ROOT, "a")), ((A, "new"), (ROOT, "a"))
    assert moved(before, after) == Moved(("..", "old"), (A,), (ROOT,))
    assert moved(before, before) is None
    assert moved(None, after) is None


def test_a_move_of_a_container_is_one_of_what_is_in_it() -> None:
    before = ((A, "x"), (ROOT, "a"))
    after = ((A, "x"), (B, "a"), (ROOT, "b"))
    assert moved(before, after) == Moved(("..", "..", "..", "a", "x"), (A, ROOT), ())


def test_containers_that_an_object_had_are_followed_from_then_on() -> None:
    followed = []
    whereabouts = Whereabouts(FILE, [A, ROOT])
    whereabouts.follow = lambda oid, tid: followed.append((oid, tid))
    whereabouts.was(((B, "x"), (A, "b"), (ROOT, "a")), LATER)
    whereabouts.was(None, LATER)
    assert followed == [(B, LATER)]
    assert whereabouts.concerned([B, FILE, b"other"]) == [B, FILE]
