"""Which names pass the gate, and what becomes of the others."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import NORMALIZED_LENGTH
from zope.fssync.limits import Limits
from zope.fssync.terminal import escape

posix = pytest.mark.skipif(os.name != "posix", reason="names of POSIX systems")

CONTROL_SPELLINGS = [
    "@@Zope",
    "@@zope",
    "@@ZOPE",
    "@@Zope.",
    "@@Zope ",
    "@@Zope. . ",
    "@@Zope::$INDEX_ALLOCATION",
    "@@Zope:stream",
    "@@ZOPE~1",
    "@@zope~12",
    "\uff20\uff20Zope",
    "@@\uff3a\uff4f\uff50\uff45",
    "@@Zo\u200dpe",
    "\u200b@@Zope",
    "@@Zope\ufeff",
    "@@Zope\ufe0f",
    "@@Z\u034fope",
    "@@Zo\u00adpe",
]

UNSAFE = [
    "",
    ".",
    "..",
    "a/b",
    "/etc",
    "C:",
    "c:windows",
    "\\\\server\\share",
    "..\\up",
    "a\\..\\b",
    "\\a",
    "a\\",
    "nul\0",
    "line\nbreak",
    "carriage\r",
    "\x1b[31mred",
    "del\x7f",
    "c1\x9b",
    "rtl\u202eexe",
    "isolate\u2066",
    "para\u2029",
    "lone\ud800",
    "surrogateescape\udcff",
    *CONTROL_SPELLINGS,
]


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_is_refused_and_named_without_raw_characters(name):
    with pytest.raises(PathRefused) as caught:
        paths.check_name(name)
    assert caught.value.path == name
    assert caught.value.advice
    message = str(caught.value)
    assert escape(message.replace("\n", " ")) == message.replace("\n", " ")


@pytest.mark.parametrize(
    "name",
    [
        "readme.txt",
        ".hidden",
        "++etc++site",
        "with blank",
        "größe.txt",
        "gro\u0308ße.txt",
        "文字",
        "a..b",
        "...",
        "-rf",
        "~",
        "@@Zopes",
        "@@ZopeX~1",
        "zope",
        "%2e%2e",
        "x" * 255,
        "é" * 127,
    ],
)
def test_an_ordinary_name_is_accepted_as_it_is(name):
    assert paths.check_name(name) == name


@posix
@pytest.mark.parametrize("name", ["back\\slash:colon.txt", "con", "aux.txt", "end. "])
def test_names_that_other_systems_forbid_are_accepted_on_posix(name):
    assert paths.check_name(name) == name


@pytest.mark.parametrize(
    "name", ["con", "NUL.txt", "com1", "LPT¹.x", "a:b", "x?", "end.", "end ", "a|b"]
)
def test_devices_and_forbidden_characters_are_refused_on_windows(name):
    with pytest.raises(PathRefused):
        paths._check_windows(name)
    paths._check_windows("console.txt")


@pytest.mark.parametrize("name", ["x" * 256, "é" * 128, "\U0001f600" * 64])
def test_a_name_longer_than_file_systems_allow_exceeds_a_limit(name):
    with pytest.raises(LimitExceeded, match="more than 255 bytes"):
        paths.check_name(name)


def test_a_path_in_an_archive_is_split_at_slashes():
    assert paths.split_archive_path("demo/@@Zope/Entries.xml") == (
        "demo",
        "@@Zope",
        "Entries.xml",
    )


@pytest.mark.parametrize(
    "path",
    ["", "/", "/a", "a/", "a//b", "./a", "a/..", "a/../b", "a/.", "a/@@zope/b", "C:/a"],
)
def test_a_path_in_an_archive_with_an_unsafe_component_is_refused(path):
    with pytest.raises(PathRefused) as caught:
        paths.split_archive_path(path)
    assert caught.value.path == path


def test_a_path_that_is_too_deep_exceeds_a_limit():
    limits = Limits(path_depth=3)
    assert paths.split_archive_path("a/b/c", limits) == ("a", "b", "c")
    with pytest.raises(LimitExceeded, match="more than 3 components"):
        paths.split_archive_path("a/b/c/d", limits)


def test_joining_to_the_top_gives_no_leading_slash():
    assert paths.join_archive_path("", "a", "b") == "a/b"
    assert paths.join_archive_path("a", "b") == "a/b"
    assert paths.join_archive_path("") == ""


def test_normal_forms_compose_and_decompose():
    assert paths.nfd("größe") == "gro\u0308ße"
    assert paths.nfc("gro\u0308ße") == "größe"
    assert paths.nfc("plain") is paths.nfd("plain") == "plain"


@pytest.mark.parametrize("form", [paths.nfc, paths.nfd])
def test_each_name_of_a_long_path_has_its_form(form: Callable[[str], str]) -> None:
    names = ["größe", "gro\u0308ße", "a"] * 500
    assert form("/".join(names)) == "/".join(map(form, names))


@pytest.mark.parametrize("form", [paths.nfc, paths.nfd])
def test_longer_text_than_names_are_stays_as_it_is(form: Callable[[str], str]) -> None:
    marks = "a" + "\u0315\u0300" * NORMALIZED_LENGTH
    assert form(marks) == marks
    assert form(f"ö/{marks}") == f"{form('ö')}/{marks}"


def test_text_for_a_terminal_has_its_controls_escaped():
    assert escape("a\x1b[2Jb\u202e\n") == "a\\x1b[2Jb\\u202e\\x0a"
    assert escape("größe 文字") == "größe 文字"


names = st.text(
    st.characters(codec=None, categories=None), max_size=300
) | st.sampled_from(UNSAFE)


@given(names, st.integers(64, 300))
@example("C:" + "a" * 253, 255)
@example("@@Zope" + "\u200d" * 83, 255)
@example("@@zope" + "\u200d" * 74 + "x" * 300, 255)
@example("." * 300, 255)
@example("a." + "\ud800" * 300, 255)
def test_any_key_gets_a_portable_name_that_passes_the_gate(key, size):
    limits = Limits(name_size=size)
    name = paths.portable_name(key, limits)
    assert paths.check_name(name, limits) == name
    assert paths.portable_name(name, limits) == name


@given(names)
def test_a_safe_key_is_its_own_portable_name(key):
    try:
        paths.check_name(key)
    except UnsafeData:
        assert paths.portable_name(key) != key
    else:
        assert paths.portable_name(key) == key


def test_a_shortened_name_keeps_its_suffix_and_differs_from_its_neighbours():
    first = paths.portable_name("a" * 300 + "1.html")
    second = paths.portable_name("a" * 300 + "2.html")
    assert first != second
    assert first.endswith(".html")
    assert second.endswith(".html")


def test_shortening_never_makes_a_short_name_of_the_control_directory(monkeypatch):
    # A digest of digits only, as one in some hundred keys has.
    class Digits:
        def hexdigest(self):
            return "1" * 64

    monkeypatch.setattr(hashlib, "sha256", lambda data: Digits())
    name = paths.portable_name("@@zope" + "\u200d" * 90 + "x" * 300)
    assert not paths.is_control(name)


@pytest.mark.slow
@given(st.text(max_size=12))
def test_no_decoration_hides_the_control_directory(decoration):
    ignorable = "".join(
        char for char in decoration if unicodedata.category(char) == "Cf"
    )
    assert paths.is_control("@@Zope" + ignorable)
    assert paths.is_control(ignorable + "@@ZOPE")
