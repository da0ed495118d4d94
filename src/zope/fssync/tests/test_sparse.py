"""Rules say what is left out, and are read as they were written."""

from __future__ import annotations

import pytest

from zope.fssync.limits import SPARSE_LENGTH
from zope.fssync.limits import SPARSE_RULES
from zope.fssync.sparse import EXCLUDE
from zope.fssync.sparse import INFINITY
from zope.fssync.sparse import Sparse


def rules(depth: str = INFINITY, *patterns: str) -> Sparse:
    sparse = Sparse()
    sparse.set((), depth)
    sparse.add_patterns(patterns)
    return sparse


def left_out(sparse: Sparse, *paths: str) -> list[str]:
    return [
        path
        for path in paths
        if sparse.leaves_out(path.rstrip("/").split("/"), path.endswith("/"))
    ]


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        ("empty", ["a", "d/"]),
        ("files", ["d/"]),
        ("immediates", ["d/b", "d/e/"]),
        ("infinity", []),
    ],
)
def test_a_depth_is_about_what_is_in_the_directory(
    depth: str, expected: list[str]
) -> None:
    # Nobody asks for what is in a directory that is not there.
    below = ["d/b", "d/e/"] if depth in ("immediates", "infinity") else []
    assert left_out(rules(depth), "a", "d/", *below) == expected


def test_patterns_are_those_of_ignore_files() -> None:
    sparse = rules(INFINITY, "*.png", "!logo.png", "/old", "tmp/", "a/*/b")
    paths = ["x.png", "d/x.png", "logo.png", "old/", "d/old/", "tmp/", "tmp", "a/c/b"]
    assert left_out(sparse, *paths) == ["x.png", "d/x.png", "old/", "tmp/", "a/c/b"]


def test_wanted_objects_come_with_all_they_contain() -> None:
    sparse = rules(INFINITY, "*.png", "old")
    sparse.set(["old"], INFINITY)
    assert left_out(sparse, "old/", "old/x.png", "x.png") == ["x.png"]
    sparse.set(["old", "y.png"], EXCLUDE)
    assert left_out(sparse, "old/x.png", "old/y.png") == ["old/y.png"]


def test_a_new_depth_replaces_those_below() -> None:
    sparse = rules("files")
    sparse.set(["d"], "empty")
    sparse.set(["d", "x"], INFINITY)
    sparse.set(["d"], INFINITY)
    assert sparse.depths == {(): "files", ("d",): INFINITY}
    sparse.set([], INFINITY)
    assert not sparse
    sparse.set(["d"], INFINITY)
    assert not sparse


def test_rules_may_be_asked_for_a_part() -> None:
    sparse = rules("immediates", "*.png")
    sparse.place = ("d",)
    assert sparse.depth() == "empty"
    assert sparse.leaves_out(["a"], False)
    sparse.set((), INFINITY)
    assert sparse.depths[("d",)] == INFINITY
    assert not sparse.leaves_out(["a"], False)
    assert not sparse.may_lack()
    sparse.place = ()
    assert sparse.may_lack()


def test_forms_of_a_name_are_one() -> None:
    sparse = rules(INFINITY, "u\u0308")
    assert sparse.leaves_out(["\u00fc"], False)
    sparse.set(["u\u0308"], INFINITY)
    assert not sparse.leaves_out(["\u00fc"], False)


def test_words_are_read_as_they_were_written() -> None:
    sparse = rules("files", "* .png", "a/b:c", "!\u00fc")
    sparse.set(["x y", "a/b\udc80"], EXCLUDE)
    again = Sparse.of_words(sparse.lines())
    assert again == sparse
    assert again.patterns == sparse.patterns
    sparse.place = ("x y",)
    header = sparse.header()
    assert header is not None
    assert header.isascii()
    told = Sparse.of_header(header)
    assert told is not None
    assert told.place == ("x y",)
    assert told.leaves_out(["a/b\udc80"], False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "files",
        "deep:a",
        "not:",
        "not:a/b",
        "at:",
        "files:a//b",
        "files:%ff",
        "files:  empty:",
        "files:" + "a" * SPARSE_LENGTH,
        " ".join(["not:a"] * (SPARSE_RULES + 1)),
    ],
)
def test_other_headers_are_not_followed(text: str) -> None:
    assert Sparse.of_header(text) is None


def test_rules_that_do_not_fit_are_not_sent() -> None:
    assert rules().header() is None
    assert rules(INFINITY, "x" * SPARSE_LENGTH).header() is None
    assert rules(INFINITY, *(["x"] * (SPARSE_RULES + 1))).header() is None


def test_a_depth_and_patterns_are_rules() -> None:
    assert Sparse.of_depth(None) is None
    assert Sparse.of_depth("files") == rules("files")
    assert Sparse.of_depth(None, ["*.png"]) == rules(INFINITY, "*.png")
    assert Sparse.of_depth("empty", iter(["*.png"])) == rules("empty", "*.png")
