"""Text from outside is in an encoding of text, or in none."""

from __future__ import annotations

import pytest

from zope.fssync.charset import is_charset


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "latin-1", "cp1252", "shift_jis"])
def test_encodings_of_text_are_known(name: str) -> None:
    assert is_charset(name)


@pytest.mark.parametrize(
    "name",
    [
        *("punycode", "idna", "utf-7", "UTF7", "unicode_escape", "undefined"),
        *("base64", "zip", "rot13", "", "no-such", "utf-8\0", "ä", "../x"),
    ],
)
def test_other_codecs_are_none(name: str) -> None:
    assert not is_charset(name)
