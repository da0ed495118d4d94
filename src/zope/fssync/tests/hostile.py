"""A corpus of hostile archives, one small case each, for every reader there is.

Each is made of a good archive, given as its files by path: of which a client made a
submission, or a server an answer.  ``refused`` are those that no reader may accept;
of ``odd`` ones a reader may make something, but never more than is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["odd", "refused"]

Files: TypeAlias = Mapping[str, bytes]
Case: TypeAlias = tuple[str, bytes]

ENTRIES = "@@Zope/Entries.xml"

SIZES = {
    "negative size": b"-5",
    "negative zero": b"-0",
    "signed size": b"+5",
    "blank before the size": b" 5",
    "underscore in the size": b"1_0",
    "arabic digits": "\u0665".encode(),
    "CR after the size": b"5\r",
    "hexadecimal size": b"0x5",
    "fraction": b"5.0",
    "exponent": b"5e0",
    "no size": b"",
    "size of 20 digits": b"9" * 20,
    "size of 5000 digits": b"9" * 5000,
    "size above every limit": b"%d" % (1 << 62),
    "overrun size field of 3.6.0": b"200000000",
}

NAMES = {
    "absolute path": b"/etc/passwd",
    "two slashes": b"//host/x",
    "dot": b"demo/./x",
    "dots": b"demo/../../x",
    "only dots": b"..",
    "empty component": b"demo//x",
    "trailing dot": b"demo/.",
    "backslashes up": b"demo\\..\\..\\x",
    "drive": b"C:/x",
    "drive of the current directory": b"C:x",
    "UNC": b"\\\\host\\share",
    "NUL": b"demo/a\x00.txt",
    "CR": b"demo/a\r",
    "ESC": b"demo/\x1b[2J",
    "DEL": b"demo/\x7f",
    "C1 control": "demo/\x9b".encode(),
    "bidi override": "demo/\u202etxt.exe".encode(),
    "line separator": "demo/\u2028".encode(),
    "invalid UTF-8": b"demo/\xff",
    "overlong UTF-8": b"demo/\xc0\xae\xc0\xae/x",
    "surrogates": b"demo/\xed\xa0\x80",
    "latin-1": b"demo/gr\xf6\xdfe",
    "control data in other case": b"demo/@@ZOPE/Entries.xml",
    "control data in full width": "demo/\uff20\uff20Zope/Entries.xml".encode(),
    "control data with a joiner": "demo/@@Zo\u200dpe/Entries.xml".encode(),
    "control data with a dot": b"demo/@@Zope./Entries.xml",
    "control data as a stream": b"demo/@@Zope::$INDEX_ALLOCATION/Entries.xml",
    "control data as a short name": b"demo/@@ZOPE~1/Entries.xml",
    "name of 256 bytes": b"demo/" + b"n" * 256,
    "path of 200 components": b"demo/" + b"d/" * 200 + b"x",
    "path of 9000 bytes": b"demo/" + b"n/" * 4500,
}

#: Documents in the place of an Entries.xml.
DOCUMENTS = {
    "no content": b"",
    "NULs": b"\0" * 100,
    "half a document": b"<?xml version='1.0' encoding='utf-8'?>\n<entries>\n <entry na",
    "no XML": b"entries",
    "wrong root": b"<entry name='a'/>",
    "unknown element": b"<entries><file name='a'/></entries>",
    "text": b"<entries>text</entries>",
    "no name": b"<entries><entry type='x'/></entries>",
    "the same name twice": b"<entries><entry name='a'/><entry name='a'/></entries>",
    "DOCTYPE": b"<!DOCTYPE entries><entries/>",
    "internal entity": b'<!DOCTYPE e [<!ENTITY a "x">]><entries>&a;</entries>',
    "entity bomb": b'<!DOCTYPE e [<!ENTITY a "xxxxxxxxxx">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8)
    )
    + b"]><entries>&i;</entries>",
    "external entity": b'<!DOCTYPE e [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<entries>&a;</entries>",
    "parameter entity": b'<!DOCTYPE e [<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]>'
    b"<entries/>",
    "deep nesting": b"<entries>" * 5000,
    "name upwards": b"<entries><entry name='../../x'/></entries>",
    "name that is a path": b"<entries><entry name='a/b'/></entries>",
    "empty name": b"<entries><entry name=''/></entries>",
    "absolute name": b"<entries><entry name='/etc/passwd'/></entries>",
    "name of control data": b"<entries><entry name='@@Zope'/></entries>",
    "name of control data, disguised": b"<entries><entry name='@@ZOPE '/></entries>",
    "undeclared encoding": "<entries><entry name='ö'/></entries>".encode("latin-1"),
    "unknown encoding": b"<?xml version='1.0' encoding='utf-7'?><entries/>",
    "pickle of Python 2 with a call": b"<pickle><initialized_object><klass>"
    b"<global name='system' module='os'/></klass><arguments><tuple><string>id</string>"
    b"</tuple></arguments></initialized_object></pickle>",
}


def archived(files: Files) -> bytes:
    return b"".join(
        b"%08d %s\n%s" % (len(data), path.encode(), data)
        for path, data in files.items()
    )


def member(name: bytes, data: bytes = b"x", size: bytes | None = None) -> bytes:
    return b"%s %s\n%s" % (b"%d" % len(data) if size is None else size, name, data)


def refused(good: Files) -> Iterator[Case]:
    """What nobody may accept, be there a good archive before or after it."""
    whole = archived(good)
    for name, size in SIZES.items():
        yield name, whole + member(b"demo/x", b"12345", size)
        yield f"{name} at first", member(b"demo/x", b"12345", size) + whole
    for name, path in NAMES.items():
        yield name, whole + member(path)
    yield "no newline", whole + b"5"
    yield "endless line", whole + b"1 " + b"n" * (1 << 20)
    yield "no blank", whole + b"nothing\n"
    yield "empty line", whole + b"\n"
    yield "content missing", whole + b"10 demo/x\n123"
    yield "content in a directory", whole + b"3 demo/dir/\nabc"
    yield "file that is a directory", whole + member(b"demo/x") + member(b"demo/x/y")
    yield "directory that is a file", whole + member(b"demo/x/y") + member(b"demo/x")
    first = next(iter(good))
    yield "path twice", whole + member(first.encode(), good[first])
    for name, document in DOCUMENTS.items():
        if document:
            yield name, archived({**good, f"demo/{ENTRIES}": document})
    yield "not an archive", b"PK\x03\x04" + bytes(100)
    yield "compressed", b"\x1f\x8b\x08\x00" + bytes(100)
    yield "web page", b"<html><body>Not found</body></html>"
    for end in range(1, len(whole), 97):
        cut = whole[:end]
        if not _is_whole(cut, good):
            yield f"cut after {end} bytes", cut


def _is_whole(cut: bytes, good: Files) -> bool:
    size = 0
    for path, data in good.items():
        size += 9 + len(path.encode()) + 1 + len(data)
        if size == len(cut):
            return True
    return False


def odd(good: Files) -> Iterator[Case]:
    """Strange, but nothing that a reader must refuse."""
    yield "nothing at all", b""
    yield "no entries", archived({**good, f"demo/{ENTRIES}": b""})
    yield (
        "only control data",
        archived({path: data for path, data in good.items() if "@@Zope" in path}),
    )
    yield (
        "no control data",
        archived({path: data for path, data in good.items() if "@@Zope" not in path}),
    )
    for flag in ("added", "removed", "conflict", "xyz"):
        yield f"all {flag}", archived(_with(good, f' flag="{flag}"'.encode()))
    yield "conflicts", archived(_with(good, b' conflict="yes"'))
    yield (
        "thousand attributes",
        archived(_with(good, b"".join(b' a%d="x"' % number for number in range(1000)))),
    )
    yield "reversed", archived(dict(reversed(list(good.items()))))
    names = [
        b"demo/NAME.txt",
        b"demo/name.txt",
        "demo/o\u0308".encode(),
        "demo/ö".encode(),
    ]
    yield "names that are one elsewhere", archived(good) + b"".join(map(member, names))
    yield (
        "many directories",
        archived(good) + b"".join(b"0 demo/d%d/\n" % number for number in range(400)),
    )
    yield (
        "many empty files",
        archived(good) + b"".join(b"0 demo/f%d\n" % number for number in range(400)),
    )
    yield (
        "devices of Windows",
        archived(good) + member(b"demo/CON") + member(b"demo/a."),
    )


def _with(good: Files, attributes: bytes) -> Files:
    change: Callable[[str, bytes], bytes] = lambda path, data: (  # noqa: E731
        data.replace(b"<entry ", b"<entry" + attributes + b" ")
        if path.endswith(ENTRIES)
        else data
    )
    return {path: change(path, data) for path, data in good.items()}
