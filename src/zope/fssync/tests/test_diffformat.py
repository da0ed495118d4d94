"""Differences in the forms of GNU diff."""

import random
import shutil
import subprocess

import pytest

from zope.fssync.errors import UsageError
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.merge.diffformat import differences
from zope.fssync.textmerge import TextMerge

OLD = b"Hello, world.\nSecond line.\nThird line.\n"
NEW = b"Changed first line.\nSecond line.\nThird line.\n"


def diff(old, new, options="", old_label="old", new_label="new"):
    pieces = differences(old, new, old_label, new_label, DiffOptions.parse(options))
    return b"".join(pieces)


def test_normal():
    expected = b"1c1\n< Hello, world.\n---\n> Changed first line.\n"
    assert diff(OLD, NEW) == expected


def test_unified():
    expected = b"""\
--- old\t2026-11-22 15:29:38.214488311 +0000
+++ new
@@ -1,3 +1,3 @@
-Hello, world.
+Changed first line.
 Second line.
 Third line.
"""
    label = "old\t2026-11-22 15:29:38.214488311 +0000"
    assert diff(OLD, NEW, "-u", label) == expected


def test_context():
    expected = b"""\
*** old
--- new
***************
*** 1,3 ****
! Hello, world.
  Second line.
  Third line.
--- 1,3 ----
! Changed first line.
  Second line.
  Third line.
"""
    assert diff(OLD, NEW, "-c") == expected


@pytest.mark.parametrize("options", ["-U 0", "--unified=0"])
def test_unified_without_context(options):
    expected = b"--- old\n+++ new\n@@ -1 +1 @@\n-Hello, world.\n+Changed first line.\n"
    assert diff(OLD, NEW, options) == expected


def test_context_without_context():
    expected = b"""\
*** old
--- new
***************
*** 1 ****
! Hello, world.
--- 1 ----
! Changed first line.
"""
    assert diff(OLD, NEW, "-C 0") == expected


def test_a_missing_last_newline_is_told():
    assert diff(b"a\nb", b"a\nb\n") == (
        b"2c2\n< b\n\\ No newline at end of file\n---\n> b\n"
    )


@pytest.mark.parametrize(
    ("old", "new"), [(b"", b"new\n"), (b"old\n", b""), (b"a\n", b"a\nb\n")]
)
def test_against_nothing(old, new):
    assert diff(old, new, "-u").startswith(b"--- old\n+++ new\n@@ -")


@pytest.mark.parametrize("options", ["", "-u", "-c", "--brief", "-b -B -i"])
def test_equal_texts_have_no_differences(options):
    assert diff(OLD, OLD, options) == b""


@pytest.mark.parametrize(
    ("old", "new", "options"),
    [
        (b"a  b\n", b"a b\n", "-b"),
        (b"a b\n", b"a\tb  \r\n", "-b"),
        (b"ABC\n", b"abc\n", "-i"),
        (b"a\nb\n", b"a\n\n\nb\n", "-B"),
        (b"a\nb\n", b"a\n \nB  \n", "-b -B -i"),
    ],
)
def test_differences_that_are_to_be_ignored(old, new, options):
    assert diff(old, new)
    assert diff(old, new, options) == b""
    assert diff(old, new, options + " --brief") == b""


def test_blanks_where_there_were_none_are_a_difference():
    assert diff(b"ab\n", b"a b\n", "-b")
    assert diff(b"ab\n", b" ab\n", "-b")


def test_brief_names_the_files_without_time():
    assert diff(OLD, NEW, "--brief", "old\tthen", "new\tnow") == (
        b"Files old and new differ\n"
    )


def test_binary_content_is_not_shown():
    assert diff(b"a\0\x1b", b"b", "-u", "old\tthen") == (
        b"Binary files old and new differ\n"
    )
    assert diff(b"a\0", b"b", "--brief") == b"Files old and new differ\n"


@pytest.mark.parametrize("data", [b"caf\xe9\n", b"\xff\xfeodd", b"\0"])
@pytest.mark.parametrize("option", ["-a", "--text"])
def test_binary_files_are_those_that_are_not_merged(data, option):
    assert TextMerge.of(data, b"", b"") is None
    assert diff(data, b"b\n") == b"Binary files old and new differ\n"
    assert diff(b"b\n", data) == b"Binary files old and new differ\n"
    line = data.removesuffix(b"\n")
    end = b"" if data.endswith(b"\n") else b"\\ No newline at end of file\n"
    assert diff(data, b"b\n", option) == (
        b"1c1\n< " + line + b"\n" + end + b"---\n> b\n"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_in_other_encodings_is_shown_in_utf8(encoding):
    old, new = (f"ä\n{line}\n".encode(encoding) for line in ("ö", "ü"))
    assert diff(old, new) == "2c2\n< ö\n---\n> ü\n".encode()
    other = "\ufeffä\nö\n".encode()
    assert diff(old, other) == b"Encodings of old and new differ\n"
    assert diff(old, other, "--brief") == b"Files old and new differ\n"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", DiffOptions()),
        ("-u", DiffOptions("unified")),
        ("-c -b -B -i", DiffOptions("context", 3, True, False, True, True)),
        ("-u -U 1", DiffOptions("unified", 3)),
        ("-U 5 -U 4", DiffOptions("unified", 5)),
        ("--context=0 --brief", DiffOptions("context", 0, brief=True)),
        ("-a", DiffOptions(text=True)),
    ],
)
def test_options(text, options):
    assert DiffOptions.parse(text) == options


@pytest.mark.parametrize("text", ["-x", "-u -c", "-U x", "-C -1", "file", "-U ٣"])
def test_options_that_make_no_sense(text):
    with pytest.raises(UsageError):
        DiffOptions.parse(text)


def line(chance, distinct):
    word = b"%s%d" % (chance.choice([b"a", b"A"]), chance.randrange(distinct))
    return chance.choice([b"", b" " + word, word, word, word + b"\r"]) + b"\n"


@pytest.mark.parametrize("seed", range(60))
def test_as_gnu_diff_does(seed, tmp_path):
    """The real program, where there is one; else that the form is kept."""
    chance = random.Random(seed)
    distinct = chance.choice([20, 1000])
    old = [line(chance, distinct) for _ in range(chance.choice([0, 4, 30, 100]))]
    new = list(old)
    for _ in range(chance.randrange(1, 5)):
        start = chance.randrange(len(new) + 1)
        more = [line(chance, distinct) for _ in range(chance.randrange(3))]
        new[start : start + chance.randrange(3)] = more
    if new and chance.random() < 0.2:
        new[-1] = new[-1][:-1]
    options = chance.choice(["", "-u", "-c", "-U 0", "-C 1", "-U 7", "-u -i", "-B"])
    shown = diff(b"".join(old), b"".join(new), options)
    program = shutil.which("diff")
    if program is None:
        assert bool(shown) == (old != new)
        return
    (tmp_path / "old").write_bytes(b"".join(old))
    (tmp_path / "new").write_bytes(b"".join(new))
    labels = ["--label", "old", "--label", "new"]
    done = subprocess.run(
        [program, *options.split(), *labels, "old", "new"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    assert shown == done.stdout
