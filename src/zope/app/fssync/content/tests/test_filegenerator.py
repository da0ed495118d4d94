"""Content types of files that are made for new files."""

from __future__ import annotations

import io

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.content.filegenerator import FileGenerator
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.interfaces import IFileGenerator

PNG = b"\x89PNG\r\n\x1a\n\0"


def test_filegenerator_keeps_its_contract() -> None:
    assert verifyObject(IFileGenerator, FileGenerator())


@pytest.mark.parametrize(
    ("name", "data", "kind", "content_type"),
    [
        ("a.pt", b"<p/>", "File", "text/html"),
        ("a.zpt", b"<p/>", "File", "text/html"),
        ("a.cpt", b"<p/>", "File", "text/html"),
        ("a.dtml", b"<p/>", "File", "text/html"),
        ("a.vpy", b"pass", "File", "text/x-python"),
        ("a.zsql", b"select 1", "File", "text/x-sql"),
        ("a.css", b"p{}", "File", "text/css"),
        ("a.svg", b"<svg/>", "Image", "image/svg+xml"),
        ("a.png", b"", "Image", "image/png"),
        ("a.png", PNG, "Image", "image/png"),
        ("a", PNG, "File", "image/png"),
        ("a", b"words", "File", "text/x-unknown-content-type"),
    ],
)
def test_names_and_bytes_tell_the_type(
    site: ServerSite, name: str, data: bytes, kind: str, content_type: str
) -> None:
    generator = FileGenerator()
    made = generator.create(site.root, name, name[1:] or ".")
    generator.load(made, io.BytesIO(data))
    assert (type(made).__name__, made.contentType) == (kind, content_type)
    assert made.data == data
