"""Error documents of servers, as text that is safe to read."""

import io
import time

import pytest

from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.transport.document import content_type
from zope.app.fssync.client.transport.document import summary_of
from zope.app.fssync.client.transport.document import text_of
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import Error


def text(data, kind="text/html", **more):
    return text_of(io.BytesIO(data), {"Content-Type": kind}, **more)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (b"<p>a &lt;b&gt; &#x20ac;<br>c</p><p>d  e\n f</p>", "a <b> €\nc\nd e\nf"),
        (b"<title>T</title>", "T"),
        (b"<html><head><title>T</title></head><body>B</body></html>", "B"),
        (b"<head><style>x{}</style></head><script>alert(1)</script>ok", "ok"),
        (b"<head><title>never closed<body>x", "never closed<body>x"),
        (b"<script>never closed", ""),
        (b"<b>un<i>closed", "unclosed"),
        (b"<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"),
        (b"a<!-- hidden -->b<![CDATA[c]]>", "ab"),
        (b"a&nbsp;&nbsp;b<p>&#160;</p>", "a b"),
        (b"1 < 2 <= 3", "1 < 2 <= 3"),
        (b"a<p title='x'", "a"),
        (b"a<!-- <b>-->c<!DOCTYPE x>", "ac"),
        (b"a<SCRIPT>x</SCRIPT>b<Title>T</tITLE>", "a\nb"),
        (b"&#27;[2J\x1b[2J&#155;1m", "[2J\\x1b[2J\u203a1m"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_html(page, shown):
    assert text(page) == shown


@pytest.mark.parametrize(
    ("data", "kind", "shown"),
    [
        (b"a\r\n b\x1b", "text/plain", "a\n b\\x1b"),
        (b"\xfc", "text/plain; charset=latin-1", "ü"),
        (b"\xfc", 'text/plain;x=y; Charset="ISO-8859-1"', "ü"),
        (b"\xc3\xbc", "text/plain;charset=nosuch", "ü"),
        (b"\xc3\xbc", "text/plain;charset=rot13", "ü"),
        (b"\xc3\xbc", "TEXT/PLAIN", "ü"),
        (b"<b>x</b>", "text/x-odd", "<b>x</b>"),
        (b"\x89PNG", "image/png", "Content-type: image/png"),
        (b"x", "", "Content-type: unknown"),
        (b"x", "a\x1b/b", "Content-type: a\\x1b/b"),
    ],
)
def test_other_types(data, kind, shown):
    assert text(data, kind) == shown


def test_a_document_without_a_type():
    assert content_type({}) == ""
    assert text_of(io.BytesIO(b"x"), {}) == "Content-type: unknown"


def test_no_more_is_read_than_is_shown():
    stream = io.BytesIO(b"x" * 1000)
    shown = text_of(stream, {"Content-Type": "text/plain"}, limit=100)
    assert shown == "x" * 100 + "\n[...]"
    assert stream.tell() == 101


@pytest.mark.parametrize(
    "pattern",
    [b"<", b"<a ", b"&", b"<!--", b"<b>", b"</b>", b"<![", b"<a b='", b"<script>"],
)
def test_a_hostile_page_takes_no_time(pattern):
    before = time.process_time()
    text(pattern * (65536 // len(pattern)))
    assert time.process_time() - before < 5


def test_there_is_no_transport_for_other_schemes():
    with pytest.raises(Error, match="no transport for URLs of 'gopher'"):
        open_transport(RootURL("gopher", "h", 70))


@pytest.mark.parametrize("title", ["Z3: ", "Site |", "Site \u2013 ", " - "])
def test_a_title_that_ends_with_the_name_of_the_site_says_nothing(title: str) -> None:
    page = f"<html><head><title>{title}</title></head></html>".encode()
    assert summary_of(page, {"Content-Type": "text/html"}) == ""
