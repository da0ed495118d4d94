"""The marks of conflicts in texts."""

from __future__ import annotations

from zope.fssync.description.marks import conflicts
from zope.fssync.description.marks import labels_of
from zope.fssync.description.marks import marked_lines
from zope.fssync.description.marks import take

TEXT = """\
type = a

[Extra/x]
a = 1
<<<<<<< a (mine)
b = 1
||||||| before
b = 0
=======
b = 2
>>>>>>> a (server)
c = 1
"""


def test_labels_are_those_of_the_first_conflict() -> None:
    assert labels_of(TEXT.encode()) == ("a (mine)", "a (server)")
    assert labels_of(TEXT.replace("\n", "\r\n").encode()) == ("a (mine)", "a (server)")
    assert labels_of(b"=======\n>>>>>>> a\n<<<<<<< b\n") is None


def test_one_side_is_taken_of_all_conflicts() -> None:
    head, tail = "type = a\n\n[Extra/x]\na = 1\n", "c = 1\n"
    assert take(TEXT.encode(), "mine").decode() == f"{head}b = 1\n{tail}"
    assert take(TEXT.encode(), "theirs").decode() == f"{head}b = 2\n{tail}"


def test_keys_in_conflict_are_named_with_their_part() -> None:
    assert conflicts(TEXT.encode()) == ("Extra/x b",)
    assert conflicts(TEXT.replace("b = 2", "d = 2").encode()) == ("Extra/x",)
    assert conflicts(b"a = 1\n") == ()


def test_lines_of_both_sides_stand_between_marks() -> None:
    assert list(marked_lines(["a"], [], ("x", "y"))) == [
        "<<<<<<< x",
        "a",
        "=======",
        ">>>>>>> y",
    ]
