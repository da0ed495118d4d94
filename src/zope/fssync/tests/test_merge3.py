"""Three-way merge: what diff3 does, and nothing lost."""

import random
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.merge.merge3 import both_sides
from zope.fssync.merge.merge3 import merge3

lines = st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\xff\0\n", b"\n", b"=======\n"])
texts = st.builds(
    lambda body, last: b"".join(body) + last,
    st.lists(lines, max_size=12),
    st.sampled_from([b"", b"a", b"z"]),
)


def merge(local, original, remote):
    return merge3(local, original, remote, "mine", "theirs")


# As printed by diff3 -m -E of GNU diffutils 3.8.
RECORDED = [
    # local, original, remote, result
    (b"a\nb\n", b"a\nb\n", b"a\nb\n", b"a\nb\n"),
    (b"", b"", b"", b""),
    (b"A\nb\nc\n", b"a\nb\nc\n", b"a\nb\nC\n", b"A\nb\nC\n"),
    (b"A\nb\n", b"a\nb\n", b"A\nb\n", b"A\nb\n"),
    (b"a\nb\n", b"a\nx\nb\n", b"a\nb\n", b"a\nb\n"),
    (b"a\r\nB\r\n", b"a\r\nb\r\n", b"A\r\nb\r\nc\r\nd\r\n", None),
    # adjoining changes are a conflict, and so are lines between two overlaps
    (
        b"A\nb\nc\n",
        b"a\nb\nc\n",
        b"a\nB\nc\n",
        b"<<<<<<< mine\nA\nb\n=======\na\nB\n>>>>>>> theirs\nc\n",
    ),
    # both versions new
    (b"A\n", b"", b"B\n", b"<<<<<<< mine\nA\n=======\nB\n>>>>>>> theirs\n"),
    # removed here, changed there, and the other way round
    (
        b"a\nc\n",
        b"a\nb\nc\n",
        b"a\nB\nc\n",
        b"a\n<<<<<<< mine\n=======\nB\n>>>>>>> theirs\nc\n",
    ),
    (
        b"a\nB\nc\n",
        b"a\nb\nc\n",
        b"a\nc\n",
        b"a\n<<<<<<< mine\nB\n=======\n>>>>>>> theirs\nc\n",
    ),
    # text that looks like a marker is text
    (
        b"<<<<<<< x\n.\n",
        b"a\n",
        b"B\n..\n",
        b"<<<<<<< mine\n<<<<<<< x\n.\n=======\nB\n..\n>>>>>>> theirs\n",
    ),
    # a missing last newline stays missing, also before a marker
    (b"a\nb\nc", b"a\nb\nc", b"a\nB\nc", b"a\nB\nc"),
    (b"a\nb\nc\n", b"a\nb\nc\n", b"a\nb\nc", b"a\nb\nc"),
    (
        b"a\nb\nc",
        b"a\nb\nx",
        b"a\nb\ny",
        # diff3 would glue the markers to the lines
        b"a\nb\n<<<<<<< mine\nc\n=======\ny\n>>>>>>> theirs\n",
    ),
]


@pytest.mark.parametrize(("local", "original", "remote", "result"), RECORDED)
def test_recorded(local, original, remote, result):
    if result is None:
        merged, conflicts = merge(local, original, remote)
        assert conflicts
        assert merged.count(b"\r\n") == 6
        return
    assert merge(local, original, remote) == (result, b"<<<<<<< mine" in result)


@given(texts, texts)
def test_a_change_of_one_side_is_taken(original, changed):
    assert merge(changed, original, original) == (changed, False)
    assert merge(original, original, changed) == (changed, False)


@given(texts, texts)
def test_the_same_change_on_both_sides_is_no_conflict(original, changed):
    assert merge(changed, original, changed) == (changed, False)


@given(texts, texts, texts)
def test_no_line_is_lost(local, original, remote):
    merged, conflicts = merge(local, original, remote)
    known = original.split(b"\n")
    for side in (local, remote):
        for line in side.split(b"\n"):
            assert line in known or line in merged
    assert conflicts == (b"<<<<<<< mine\n" in merged)
    if not conflicts:
        assert merge(remote, original, local) == (merged, False)


def test_labels_leave_a_text_a_text_and_markers_one_line():
    merged, conflicts = merge3(b"A\n", b"", b"B\n", "d/ü\udcff", "w/ü\n=======")
    assert conflicts
    assert merged.startswith(b"<<<<<<< d/\xc3\xbc\\xff\n")
    assert merged.endswith(b">>>>>>> w/\xc3\xbc\\x0a=======\n")


def edited(chance, text, distinct):
    text = list(text)
    for _ in range(chance.randrange(5)):
        start = chance.randrange(len(text) + 1)
        new = [b"%d\n" % chance.randrange(distinct) for _ in range(chance.randrange(3))]
        text[start : start + chance.randrange(3)] = new
    if text and chance.random() < 0.1:
        text[-1] = text[-1][:-1]
    return text


@pytest.mark.parametrize("seed", range(60))
def test_as_diff3_does(seed, tmp_path):
    """The real program, where there is one; else both sides of the merge."""
    chance = random.Random(seed)
    distinct = chance.choice([20, 1000])
    size = chance.choice([5, 30, 200])
    original = [b"%d\n" % chance.randrange(distinct) for _ in range(size)]
    mine = edited(chance, original, distinct)
    theirs = edited(chance, original, distinct)
    data = [b"".join(text) for text in (mine, original, theirs)]
    merged, conflicts = merge(*data)
    program = shutil.which("diff3")
    if program is None:
        assert merge(data[2], data[1], data[0])[1] == conflicts
        return
    for name, content in zip(("mine", "original", "theirs"), data, strict=True):
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [program, "-m", "-E", "mine", "original", "theirs"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    # Here a marker is a line of its own, whatever is before it.
    glued = rb"(?<=[^\n])(=======\n|>>>>>>> theirs\n)"
    assert merged == re.sub(glued, rb"\n\1", done.stdout)
    assert conflicts == bool(done.returncode)


def test_a_large_text_is_merged_in_a_moment():
    original = [b"line %d of a text\n" % number for number in range(50_000)]
    mine, theirs = list(original), list(original)
    for number in range(0, 50_000, 500):
        mine[number] = b"mine\n"
        theirs[number + 250] = b"theirs\n"
    merged, conflicts = merge(b"".join(mine), b"".join(original), b"".join(theirs))
    assert not conflicts
    assert merged.count(b"mine\n") == merged.count(b"theirs\n") == 100


def test_both_sides_are_kept_where_they_differ() -> None:
    found = both_sides(b"a\nb\nc\nd\n", b"a\nc\nD", "mine", "theirs")
    assert found == (
        b"a\n<<<<<<< mine\nb\n=======\n>>>>>>> theirs\n"
        b"c\n<<<<<<< mine\nd\n=======\nD\n>>>>>>> theirs\n"
    )
    assert both_sides(b"a", b"a", "mine", "theirs") == b"a"
