"""Faults in texts of common formats, as pairs of a line and a message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from typing import Any
from xml.parsers import expat

from zope.fssync.limits import CHECKED_JSON_SIZE

__all__ = [
    "Faults",
    "checker",
    "dtml_fault",
    "json_faults",
    "python_faults",
    "template_fault",
    "xml_faults",
]

Faults = Iterator[tuple[int, str]]

#: Matches an error message of the DTML parser.
_in_dtml = re.compile(r"(.*), on line (\d+) of .*", re.S)

#: Matches the markup in messages of the DTML parser.
_markup = re.compile("</?(?:strong|pre|p)>")

#: Matches where Chameleon found an error.
_location = re.compile(r"- Location: +\(line (\d+): col \d+\)")

#: Matches an error message of zope.tal.
_at = re.compile(r"(?:[\w.]+: )?(.*?)(?:,? at line (\d+), column \d+)?", re.S)


def json_faults(data: bytes) -> Faults:
    """Yield the first fault of a JSON document; one that takes much memory has none."""
    if len(data) > CHECKED_JSON_SIZE:
        return
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        yield error.lineno, error.msg
    except UnicodeDecodeError:
        yield 0, "the document is no UTF-8"
    except RecursionError:
        yield 0, "the document is nested too deeply"


class _Declares(Exception):
    """A document that declares entities or attributes."""


def xml_faults(data: bytes) -> Faults:
    """Yield the first fault of an XML document: it is not well-formed.

    What declares entities or attributes is not checked further: expat looks at all the
    attributes again for each element.
    """
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = parser.AttlistDeclHandler = _stop
    try:
        with suppress(_Declares):
            parser.Parse(data, True)
    except expat.ExpatError as error:
        yield error.lineno, expat.ErrorString(error.code)
    except (LookupError, ValueError) as error:
        # The declared encoding is none that Python knows.
        yield 1, str(error)


def _stop(*declared: Any) -> None:
    raise _Declares


def python_faults(source: str) -> Faults:
    """Yield the first fault of Python code, which is compiled and not run."""
    try:
        compile(source, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        yield error.lineno or 0, error.msg
    except ValueError as error:
        # A character that no source may hold.
        yield 0, str(error)
    except (MemoryError, RecursionError):
        yield 0, "the code is nested too deeply"


def template_fault(text: str) -> tuple[int, str]:
    """Return the fault that a page template tells of, 0 for an unknown line."""
    message, _, location = text.partition("\n\n")
    found = _location.search(location)
    if found is not None:
        return int(found[1]), message.partition(": ")[2]
    match = _at.fullmatch(text)
    return (int(match[2] or 0), match[1]) if match else (0, text)


def dtml_fault(error: Exception) -> tuple[int, str]:
    """Return the line of an error in DTML, 0 if it is not known, and the message."""
    if isinstance(error, SyntaxError):
        # The line is one in an expression.
        return 0, f"{error.msg} in an expression"
    text = " ".join(unescape(_markup.sub(" ", str(error))).split())
    match = _in_dtml.fullmatch(text)
    return (int(match[2]), match[1]) if match else (0, text)


def checker(content_type: str | None) -> Callable[[bytes], Faults] | None:
    """Return what checks a body of a content type, None for all other types."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return json_faults
    if kind in ("text/xml", "application/xml") or kind.endswith("+xml"):
        return xml_faults
    return None
