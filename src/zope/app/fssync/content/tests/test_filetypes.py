"""Content types by name, and by how files begin."""

from __future__ import annotations

import pytest

from zope.app.fssync.content.filetypes import content_type_of
from zope.app.fssync.content.filetypes import is_text


@pytest.mark.parametrize(
    ("name", "beginning", "expected"),
    [
        ("a.css", b"", "text/css"),
        ("a.md", b"# Title", "text/markdown"),
        # A name that says something is believed.
        ("a.txt", b"\x89PNG\r\n\x1a\n", "text/plain"),
        ("a", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a", b"GIF89a", "image/gif"),
        ("a", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("a", b"RIFF\x24\0\0\0WAVE", "application/octet-stream"),
        ("a", b"\0\0\0\x1cftypavif", "image/avif"),
        ("a", b"MM\0*\0", "image/tiff"),
        ("a", b"\0\0\1\0\1", "image/x-icon"),
        ("a", b"BM6\0\0\0\0\0", "image/bmp"),
        ("a", b"BMW drives\n", "text/plain"),
        ("a", b"%PDF-1.7", "application/pdf"),
        ("a", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        ("a", b'<?xml version="1.0"?>\n<svg/>', "image/svg+xml"),
        ("a", b'<?xml version="1.0"?>\n<a/>', "text/xml"),
        ("a", b"<html><p>x</p></html>", "text/html"),
        ("a", b"plain\n", "text/plain"),
        ("a", b"\0\1\2", "application/octet-stream"),
    ],
)
def test_names_and_beginnings(name, beginning, expected):
    assert content_type_of(name, beginning) == expected


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("text/plain", True),
        ("application/json; charset=utf-8", True),
        ("application/ld+json", True),
        ("image/svg+xml", True),
        ("application/xml", True),
        ("image/png", False),
        ("application/octet-stream", False),
        ("", False),
        (None, False),
    ],
)
def test_types_with_lines_are_text(content_type, text):
    assert is_text(content_type) is text
