"""Byte strings of Python 2 that were text: read by a declared encoding, or not at all.

The rule: without a declared encoding every base64 string is bytes.  With one, it
becomes text if it decodes, has no control characters but tab, line feed, form feed
and carriage return, and encodes to the same bytes again; all others stay bytes, and
so do the arguments of constructors (the state of a date is bytes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from zope.fssync.charset import is_charset
from zope.fssync.errors import UsageError
from zope.fssync.messages import _

__all__ = ["ByteText"]

_control = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]").search


class ByteText:
    """Decodes byte strings, and counts them by the path of their pickle."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        #: By path: how many were read as text, and how many stayed bytes.
        self.counts: dict[str, tuple[int, int]] = {}
        self._counting = False
        self._texts = self._bytes = 0
        if encoding is not None and not is_charset(encoding):
            raise UsageError(
                _(
                    "unknown encoding: ${encoding}",
                    mapping={"encoding": repr(encoding[:40])},
                )
            )

    def __call__(self, data: bytes) -> str | bytes:
        """Return the text that ``data`` is, or ``data``."""
        value = self._read(data)
        if self._counting:
            if type(value) is str:
                self._texts += 1
            else:
                self._bytes += 1
        return value

    def _read(self, data: bytes) -> str | bytes:
        if self.encoding is None:
            return data
        try:
            text = data.decode(self.encoding)
            if _control(text) or text.encode(self.encoding) != data:
                return data
        except UnicodeError:
            return data
        return text

    @contextmanager
    def counting(self, path: str) -> Iterator[None]:
        """Count the strings of the pickle that is read."""
        self._counting, self._texts, self._bytes = True, 0, 0
        try:
            yield
        finally:
            self._counting = False
            if self._texts or self._bytes:
                self.counts[path] = self._texts, self._bytes
