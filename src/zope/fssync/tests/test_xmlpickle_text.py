"""Text of XML pickles, in the form that changes it least."""

from __future__ import annotations

import pytest

from zope.fssync.xmlpickle.text import bytes_element
from zope.fssync.xmlpickle.text import decode
from zope.fssync.xmlpickle.text import identifier
from zope.fssync.xmlpickle.text import str_element
from zope.fssync.xmlpickle.text import tolerant


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a > b\n", "a > b\n"),
        ("<a> & b", "<![CDATA[<a> & b]]>"),
        ("a]]>b", "a]]&gt;b"),
        ("a\r<", "a&#x0d;&lt;"),
        ("", ""),
    ],
)
def test_text_stands_as_it_is_where_it_can(text: str, content: str) -> None:
    assert str_element(text) == f"<unicode>{content}</unicode>"


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\uffff"])
def test_text_that_xml_cannot_hold_is_base64(text: str) -> None:
    element = str_element(text)
    start, end = '<unicode encoding="base64">', "</unicode>"
    assert element.startswith(start)
    data = decode(element[len(start) : -len(end)], "base64")
    assert data.decode("utf-8", "surrogatepass") == text


def test_bytes_are_lines_of_76() -> None:
    lines = bytes_element(b"x" * 58).split(">")[1].split("<")[0].split("\n")
    assert [len(line) for line in lines] == [76, 4]


@pytest.mark.parametrize(("text", "encoding"), [("YQ==", "hex"), ("YQ==", None)])
def test_another_encoding_is_refused(text: str, encoding: str | None) -> None:
    with pytest.raises(ValueError, match="unknown encoding"):
        decode(text, encoding)


def test_damaged_base64_is_refused() -> None:
    with pytest.raises(ValueError, match=r"[Pp]adding|[Ii]nvalid"):
        decode("YQ", "base64")


@pytest.mark.parametrize(
    ("document", "repaired"),
    [
        (b"a]]>b", b"a]]&gt;b"),
        (b"<![CDATA[a]]>b]]>", b"<![CDATA[a]]>b]]&gt;"),
        (b"<![CDATA[a", b"<![CDATA[a"),
        (b"a]]b>", b"a]]b>"),
    ],
)
def test_texts_that_were_not_escaped_are(document: bytes, repaired: bytes) -> None:
    assert tolerant(document) == repaired


@pytest.mark.parametrize("key", ["a", "1a", "a-b", "", "a" * 42, "ä1"])
def test_other_keys_are_no_identifiers(key: str) -> None:
    assert not identifier(key)


def test_identifiers_are() -> None:
    assert identifier("_a")
    assert identifier("a" * 41)
