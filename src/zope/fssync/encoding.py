"""Which files are text, and in which encoding: their bytes decide."""

from __future__ import annotations

import codecs
from typing import BinaryIO
from typing import NamedTuple

from zope.fssync.limits import CHUNK

__all__ = ["Text", "is_text", "read_text"]

#: Byte order marks, the longer ones first; text without one is UTF-8.
_encodings = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"": "utf-8",
}


class Text(NamedTuple):
    """A text and the byte order mark that it begins with in its file."""

    mark: bytes
    content: str

    @property
    def encoding(self) -> str:
        return _encodings[self.mark]

    @property
    def newline(self) -> str | None:
        """The end of its lines, None if there is but one line, "" if they differ."""
        crlf = self.content.count("\r\n")
        ends = {
            "\r\n": crlf,
            "\n": self.content.count("\n") - crlf,
            "\r": self.content.count("\r") - crlf,
        }
        found = [end for end, number in ends.items() if number]
        if len(found) > 1:
            return ""
        return found[0] if found else None

    def data(self) -> bytes:
        """The content of its file."""
        return self.mark + self.content.encode(self.encoding)


def read_text(data: bytes) -> Text | None:
    """Return the text that ``data`` is; None if it is binary.

    Binary is what has a NUL character or cannot be decoded.
    """
    mark = next(filter(data.startswith, _encodings))
    try:
        content = data[len(mark) :].decode(_encodings[mark])
    except UnicodeDecodeError:
        return None
    return None if "\0" in content else Text(mark, content)


def is_text(stream: BinaryIO) -> bool:
    """Return whether `read_text` would find a text in ``stream``, piece by piece."""
    data = stream.read(CHUNK)
    mark = next(filter(data.startswith, _encodings))
    decoder = codecs.getincrementaldecoder(_encodings[mark])()
    data = data[len(mark) :]
    try:
        while data:
            if "\0" in decoder.decode(data):
                return False
            data = stream.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
