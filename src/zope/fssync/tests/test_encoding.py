"""The bytes of a file decide whether it is text."""

from __future__ import annotations

import codecs
import io
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.encoding import is_text
from zope.fssync.encoding import read_text

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


@pytest.mark.parametrize("data", [b"", b"\n", b"a", "ü\n".encode(), b"a\x1b[0m\n"])
def test_utf8_is_text(data):
    text = read_text(data)
    assert text is not None
    assert (text.encoding, text.mark, text.data()) == ("utf-8", b"", data)
    assert is_text(io.BytesIO(data))


@pytest.mark.parametrize("encoding", MARKS)
@given(content=st.text(characters))
def test_a_mark_tells_the_encoding_and_all_bytes_are_kept(encoding, content):
    data = MARKS[encoding] + content.encode(encoding)
    text = read_text(data)
    assert text is not None
    assert (text.mark, text.content) == (MARKS[encoding], content)
    assert (text.encoding, text.data()) == (encoding, data)
    assert is_text(io.BytesIO(data))


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b\n",
        b"\x89PNG\r\n\x1a\n",
        "caf\xe9\n".encode("latin-1"),
        "one\n".encode("utf-16-le"),
        codecs.BOM_UTF16_LE + b"odd",
        codecs.BOM_UTF16_LE + b"\x00\xd8a\0",
        codecs.BOM_UTF16_BE + b"\0a\0\0",
        codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff",
        codecs.BOM_UTF8 + b"\0",
        codecs.BOM_UTF8 + b"\xff",
    ],
)
def test_bytes_with_nul_or_that_cannot_be_decoded_are_binary(data):
    assert read_text(data) is None
    assert not is_text(io.BytesIO(data))


def test_a_database_is_binary(tmp_path: Path):
    path = tmp_path / "shop"
    database = sqlite3.connect(path)
    database.execute("create table article (name text)")
    database.commit()
    database.close()
    assert read_text(path.read_bytes()) is None


@given(st.binary())
def test_text_is_written_as_it_was_read(data):
    text = read_text(data)
    assert text is None or text.data() == data


@pytest.mark.parametrize(
    ("data", "newline"),
    [
        (b"", None),
        (b"a", None),
        (b"a\nb", "\n"),
        (b"a\r\nb\r\n", "\r\n"),
        (b"a\rb", "\r"),
        (b"a\nb\r\n", ""),
        (b"a\r\r\n", ""),
        (b"a\n\r", ""),
    ],
)
def test_the_end_of_lines_is_known_where_all_have_the_same(data, newline):
    text = read_text(data)
    assert text is not None
    assert text.newline == newline
