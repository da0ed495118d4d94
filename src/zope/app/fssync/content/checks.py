"""Faults in texts of common formats, as pairs of a line and a message."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from xml.parsers import expat

__all__ = ["Faults", "checker", "json_faults", "python_faults", "xml_faults"]

Faults = Iterator[tuple[int, str]]


def json_faults(data: bytes) -> Faults:
    """Yield the first fault of a JSON document."""
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        yield error.lineno, error.msg
    except UnicodeDecodeError:
        yield 0, "the document is no UTF-8"
    except RecursionError:
        yield 0, "the document is nested too deeply"


def xml_faults(data: bytes) -> Faults:
    """Yield the first fault of an XML document: it is not well-formed."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        yield error.lineno, expat.ErrorString(error.code)
    except (LookupError, ValueError) as error:
        # The declared encoding is none that Python knows.
        yield 1, str(error)


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


def checker(content_type: str | None) -> Callable[[bytes], Faults] | None:
    """Return what checks a body of a content type, None for all other types."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return json_faults
    if kind in ("text/xml", "application/xml") or kind.endswith("+xml"):
        return xml_faults
    return None
