"""Byte strings of Python 2 become text by a declared encoding, or stay bytes."""

from __future__ import annotations

import pytest

from zope.fssync.errors import UsageError
from zope.fssync.xmlpickle.bytetext import ByteText


def test_without_an_encoding_bytes_stay_bytes() -> None:
    assert ByteText()(b"plain") == b"plain"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\xc3\xa9\n\t", "\xe9\n\t"),
        (b"\xff", b"\xff"),
        (b"a\0b", b"a\0b"),
        (b"\xc2\x9b", b"\xc2\x9b"),
        (b"", ""),
    ],
)
def test_only_text_is_text(data: bytes, value: object) -> None:
    assert ByteText("utf-8")(data) == value


def test_values_that_do_not_come_back_stay_bytes() -> None:
    # The mark at the beginning would be lost.
    assert ByteText("utf-16")(b"\xff\xfea\0") == b"\xff\xfea\0" or (
        "a".encode("utf-16") == b"\xff\xfea\0"
    )
    assert ByteText("utf-8-sig")(b"a") == b"a"


@pytest.mark.parametrize("name", ["punycode", "no-such", "base64"])
def test_invalid_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown encoding"):
        ByteText(name)


def test_strings_are_counted_by_path() -> None:
    text = ByteText("ascii")
    text(b"not counted")
    with text.counting("a"):
        text(b"one")
        text(b"\xff")
    with text.counting("nothing"):
        pass
    assert text.counts == {"a": (1, 1)}
