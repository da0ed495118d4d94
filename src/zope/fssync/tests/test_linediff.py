"""Line differences: right always, shortest where that can be had."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.merge.linediff import changes
from zope.fssync.merge.linediff import split_lines

texts = st.lists(st.integers(0, 5), max_size=30)


def apply(old, new, script):
    """Return ``old`` with the changes of ``script`` taken from ``new``."""
    result, done = [], 0
    for start, end, new_start, new_end in script:
        result += old[done:start] + new[new_start:new_end]
        done = end
    return result + old[done:]


def common_length(old, new):
    """The length of the longest common subsequence, the slow way."""
    row = [0] * (len(new) + 1)
    for item in old:
        before = row
        row = [0]
        for j, other in enumerate(new):
            best = before[j] + 1 if item == other else max(before[j + 1], row[j])
            row.append(best)
    return row[-1]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [b"\n"]),
        (b"a", [b"a"]),
        (b"a\n", [b"a\n"]),
        (b"a\r\nb\rc\x0bd\n", [b"a\r\n", b"b\rc\x0bd\n"]),
        (b"\n\na", [b"\n", b"\n", b"a"]),
    ],
)
def test_split_lines(data, lines):
    assert split_lines(data) == lines
    assert b"".join(lines) == data


@pytest.mark.parametrize(
    ("old", "new", "script"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("", "ab", [(0, 0, 0, 2)]),
        ("ab", "", [(0, 2, 0, 0)]),
        ("abc", "xyz", [(0, 3, 0, 3)]),
        ("abcd", "acd", [(1, 2, 1, 1)]),
        ("abcd", "aXbcd", [(1, 1, 1, 2)]),
        # one of two equal lines: the last place, but not into the common end
        ("xaay", "xay", [(2, 3, 2, 2)]),
        # the example of the paper, as GNU diff answers it
        ("abcabba", "cbabac", [(0, 2, 0, 0), (3, 4, 1, 1), (5, 5, 2, 3), (7, 7, 5, 6)]),
    ],
)
def test_changes(old, new, script):
    assert changes(old, new) == script


@given(texts, texts, st.sampled_from([0, 3, 100]))
def test_the_changes_turn_old_into_new_and_are_as_few_as_can_be(old, new, horizon):
    script = changes(old, new, horizon)
    assert apply(old, new, script) == new
    kept = len(old) - sum(end - start for start, end, _, _ in script)
    assert kept == common_length(old, new)
    before = (-1, -1)
    for start, end, new_start, new_end in script:
        assert start < end or new_start < new_end
        assert start > before[0]
        assert new_start > before[1]
        before = end, new_end


@pytest.mark.slow
@pytest.mark.parametrize("distinct", [2, 50, 10**9])
def test_large_texts_without_likeness_take_linear_time(distinct):
    chance = random.Random(1)
    old, new = ([chance.randrange(distinct) for _ in range(30_000)] for _ in range(2))
    assert apply(old, new, changes(old, new)) == new


@pytest.mark.slow
def test_a_large_text_in_another_order():
    old = list(range(30_000))
    new = list(old)
    random.Random(2).shuffle(new)
    assert apply(old, new, changes(old, new)) == new


@pytest.mark.slow
def test_lines_that_are_single_on_both_sides_are_lined_up():
    chance = random.Random(3)
    noise = [[chance.randrange(50) for _ in range(12_000)] for _ in range(2)]
    for marks in range(0, 12_000, 100):
        for side in noise:
            side[marks] = 1000 + marks
    script = changes(noise[0], noise[1])
    changed = {i for start, end, _, _ in script for i in range(start, end)}
    assert not changed & set(range(0, 12_000, 100))
