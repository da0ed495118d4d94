"""Texts are merged in their encoding and line ends; nothing is lost."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.encoding import Text
from zope.fssync.encoding import read_text
from zope.fssync.textmerge import TextMerge

BASE = "one\ntwo\nthree\nfour\nfüve\n"
MINE = BASE.replace("one", "ONE")
THEIRS = BASE.replace("füve", "FÜVE €")
MERGED = MINE.replace("füve", "FÜVE €")

MARKS = [
    b"",
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
]
NEWLINES = ["\n", "\r\n", "\r"]


def written(text: str, mark: bytes = b"", newline: str = "\n") -> bytes:
    return Text(mark, text.replace("\n", newline)).data()


def merge(local: bytes, original: bytes, remote: bytes) -> tuple[bytes, bool] | None:
    texts = TextMerge.of(local, original, remote)
    return None if texts is None else texts.merge("mine", "theirs")


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("mark", MARKS)
def test_edits_are_merged_in_the_form_of_the_file(mark, newline):
    sides = [written(text, mark, newline) for text in (MINE, BASE, THEIRS)]
    assert merge(*sides) == (written(MERGED, mark, newline), False)


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("mark", MARKS)
def test_markers_have_the_form_of_the_file(mark, newline):
    sides = [written(text, mark, newline) for text in ("mine", "base", "their\nown\n")]
    expected = "<<<<<<< mine\nmine\n=======\ntheir\nown\n>>>>>>> theirs\n"
    assert merge(*sides) == (written(expected, mark, newline), True)


@pytest.mark.parametrize("text", [MINE, MINE.removesuffix("\n")])
def test_the_last_line_keeps_its_end_or_has_none(text):
    merged = MERGED[: len(MERGED) - (text[-1] != "\n")]
    other = THEIRS.replace("FÜVE €", "füve").replace("three", "THREE")
    merged = merged.replace("FÜVE €", "füve").replace("three", "THREE")
    sides = [text.encode(), BASE.encode(), other.encode()]
    assert merge(*sides) == (merged.encode(), False)
    assert merge(*sides[::-1]) == (merged.encode(), False)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
@pytest.mark.parametrize("mark", MARKS)
def test_a_file_saved_in_another_form_takes_the_edits_of_the_other_side(mark, newline):
    mine, base = written(MINE, mark, newline), BASE.encode()
    merged = written(MERGED, mark, newline)
    assert merge(mine, base, THEIRS.encode()) == (merged, False)
    assert merge(THEIRS.encode(), base, mine) == (merged, False)


def test_different_line_ends_are_kept_line_by_line():
    base = b"one\r\ntwo\nthree\rfour\r\n\nfive\n"
    mine, theirs = base.replace(b"one", b"ONE"), base.replace(b"five", b"FIVE")
    merged = mine.replace(b"five", b"FIVE")
    assert merge(mine, base, theirs) == (merged, False)


def test_line_ends_changed_by_both_are_a_conflict():
    mine, theirs = written(BASE, newline="\r\n"), written(BASE, newline="\r")
    merged = merge(mine, BASE.encode(), theirs)
    assert merged is not None
    assert merged[1]
    assert mine in merged[0]
    assert theirs in merged[0]


def test_encodings_changed_by_both_cannot_be_merged():
    sides = written(MINE, MARKS[2]), BASE.encode(), written(THEIRS, MARKS[3])
    assert merge(*sides) is None


def test_encodings_of_two_new_files_cannot_be_merged():
    assert merge(written("a\n", MARKS[2]), b"", b"a\n") is None


@pytest.mark.parametrize("mark", MARKS)
def test_new_files_are_merged_in_their_form(mark):
    mine, theirs = written("a\n", mark, "\r\n"), written("b\n", mark, "\r\n")
    expected = "<<<<<<< mine\na\n=======\nb\n>>>>>>> theirs\n"
    assert merge(mine, b"", theirs) == (written(expected, mark, "\r\n"), True)


@pytest.mark.parametrize("mark", MARKS)
def test_a_file_that_was_emptied_is_in_conflict_with_an_edit(mark):
    base, theirs = written(BASE, mark, "\r\n"), written(THEIRS, mark, "\r\n")
    merged = merge(b"", base, theirs)
    assert merged is not None
    text = read_text(merged[0])
    assert text is not None
    assert (merged[1], text.mark, text.newline) == (True, mark, "\r\n")
    assert theirs.removeprefix(mark) in merged[0]


@pytest.mark.parametrize("number", range(3))
def test_binary_objects_are_not_merged(number):
    sides = [MINE.encode(), BASE.encode(), THEIRS.encode()]
    sides[number] += b"\0"
    assert merge(*sides) is None
    sides[number] = sides[number][:-1] + b"\xff"
    assert merge(*sides) is None


lines = st.text(st.sampled_from("aü€\u2028\u0a0a\U0001f600"), max_size=3)
ends = st.sampled_from(NEWLINES)
files = st.builds(
    lambda mark, content, newline, last: written(
        "".join(line + (newline or end) for line, end in content) + last, mark
    ),
    st.sampled_from(MARKS),
    st.lists(st.tuples(lines, ends), max_size=8),
    ends | st.none(),
    lines,
)


def read(data: bytes) -> Text:
    text = read_text(data)
    assert text is not None
    return text


@given(files, files, files)
def test_no_line_of_either_side_is_lost(local, original, remote):
    merged = merge(local, original, remote)
    if merged is None:
        return
    found, mine, theirs = map(read, (merged[0], local, remote))
    kept = {*read(original).content.splitlines(), *found.content.splitlines()}
    assert kept.issuperset(mine.content.splitlines())
    assert kept.issuperset(theirs.content.splitlines())
    assert found.mark in (mine.mark, theirs.mark)
    if not merged[1] and "" not in (mine.newline, theirs.newline):
        assert found.newline in (mine.newline, theirs.newline, None)


@given(files, files)
def test_a_change_of_one_side_is_taken_byte_for_byte(original, changed):
    # Of a file without any text the form is that of the other ones.
    assume(read(changed).content)
    assert merge(changed, original, original) == (changed, False)
    assert merge(original, original, changed) == (changed, False)


@given(st.lists(st.binary(max_size=6), min_size=3, max_size=3))
def test_any_bytes_are_merged_as_text_or_not_at_all(sides):
    merged = merge(*sides)
    assert merged is None or read_text(merged[0]) is not None
