"""Content types of files, by their names and by how they begin."""

from __future__ import annotations

import os

from zope.contenttype import guess_content_type

__all__ = ["content_type_of", "is_text", "type_by_content", "type_by_name"]

#: What suffixes mean to Zope, and to no registry of types, or something else there.
_SUFFIXES = {
    **dict.fromkeys((".cpt", ".dtml", ".pt", ".zpt"), "text/html"),
    **dict.fromkeys((".cpy", ".vpy"), "text/x-python"),
    **dict.fromkeys((".sql", ".zsql"), "text/x-sql"),
}

#: The beginnings of common formats without lines.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
)

#: The brands of a container of the format ISO 14496.
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"mif1": "image/heif",
    b"isom": "video/mp4",
    b"mp42": "video/mp4",
}

#: What is text, and not named so.
_TEXTS = frozenset(
    (
        "application/ecmascript",
        "application/javascript",
        "application/json",
        "application/sql",
        "application/x-javascript",
        "application/x-sh",
        "application/xml",
        "application/yaml",
    )
)


def content_type_of(name: str, beginning: bytes) -> str:
    """Return the content type of a file by its name, else by how it begins."""
    named = type_by_name(name)
    if named is not None:
        return named
    guessed: str = guess_content_type(name, beginning)[0]
    return type_by_content(beginning) or guessed


def type_by_name(name: str) -> str | None:
    """Return the content type that the name of a file tells, None if it tells none."""
    known = _SUFFIXES.get(os.path.splitext(name)[1].lower())
    if known is not None:
        return known
    guessed: str = guess_content_type(name, b"\x00")[0]
    return None if guessed == "application/octet-stream" else guessed


def is_text(content_type: str | None) -> bool:
    """Return True if a body of this content type has lines that can be merged."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind.startswith("text") or kind in _TEXTS or kind.endswith(("+json", "+xml"))


def type_by_content(data: bytes) -> str | None:
    """Return the content type of a common format without lines, by how it begins."""
    for start, kind in _MAGIC:
        if data.startswith(start) and (start != b"BM" or b"\x00" in data[:16]):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12])
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head):
        return "image/svg+xml"
    return None
