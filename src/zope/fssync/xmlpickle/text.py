"""Text in an XML pickle: escaping on the way out, decoding on the way in.

Text without CR, ``<``, ``&`` and ``]]>`` is written as it is; with ``<`` or
``&`` alone it is one CDATA section; otherwise the characters are escaped.  What
XML cannot hold is base64 in lines of 76.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from binascii import b2a_base64

from zope.fssync.patterns import late

__all__ = [
    "base64_lines",
    "bytes_element",
    "decode",
    "identifier",
    "str_element",
    "tolerant",
]

identifier = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]{1,40}").fullmatch

_special = re.compile("[\x00-\x08\x0b-\x1f<&\ud800-\udfff\ufffe\uffff]|\\]\\]>").search
_impossible = late("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# One without an end goes to that of the document: looked for from each beginning
# the end would take long not to be found.
_section = late(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|\]\]>", re.DOTALL)


def str_element(text: str) -> str:
    """Return the element for a str."""
    if _special(text) is None:
        return f"<unicode>{text}</unicode>"
    if _impossible.search(text) is not None:
        encoded = base64_lines(text.encode("utf-8", "surrogatepass"))
        return f'<unicode encoding="base64">{encoded}</unicode>'
    return f"<unicode>{_escaped(text)}</unicode>"


def bytes_element(data: bytes) -> str:
    """Return the element for bytes."""
    return f'<string encoding="base64">{base64_lines(data)}</string>'


def _escaped(text: str) -> str:
    if "\r" not in text and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("\r", "&#x0d;")
        .replace("]]>", "]]&gt;")
    )


def base64_lines(data: bytes) -> str:
    """Return ``data`` in base64, 57 bytes to a line of 76 characters."""
    return "\n".join(
        b2a_base64(data[start : start + 57], newline=False).decode("ascii")
        for start in range(0, len(data), 57)
    )


def decode(text: str, encoding: str | None) -> bytes:
    """Return the bytes that ``text`` encodes; raises ValueError."""
    if encoding != "base64":
        raise ValueError(f"unknown encoding {encoding!r}")
    return a2b_base64(text)


def tolerant(document: bytes) -> bytes:
    """Escape what 3.6.0 forgot to escape: ``]]>`` outside of CDATA sections."""
    return _section.sub(lambda match: match[1] or b"]]&gt;", document)
