"""Read the header lines that Zope, its skins and its editors write into sources.

They are only read when an object is made from a file: afterwards settings have files of
their own.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any

from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.script import PythonScriptSynchronizer
from zope.app.fssync.hosts.ofs.content.sql import SQLMethodSynchronizer

__all__ = ["apply"]

_title = re.compile(r"##[ \t]*Script \(Python\)")
_comment = re.compile(r"\s*<dtml-comment>(.*?)</dtml-comment>", re.S | re.I)
_params = re.compile(r"\s*(<params>(.*?)</params>[ \t]*\n?)", re.S | re.I)

#: Numeric settings of a Z SQL Method, and its attributes.  Class and class file are
#: left out: they need more than the permission to add a method.
NUMBERS = {
    "max_rows": "max_rows_",
    "max_cache": "max_cache_",
    "cache_time": "cache_time_",
}


def apply(obj: Any) -> None:
    """Apply the header of the source to the settings of a new object."""
    kind = synchronizer_class(obj)
    if kind is PythonScriptSynchronizer:
        _apply_to_script(obj)
    elif kind is SQLMethodSynchronizer:
        _apply_to_sql(obj)


def _apply_to_script(script: Any) -> None:
    source = aq_base(script)._body
    lines = source.splitlines(keepends=True)
    header = [*takewhile(_is_header, lines)]
    known = [line for line in header if _is_known(script, line)]
    if not known:
        return
    # Zope's own method reads the settings from them.
    script.write("".join([*known, *lines[len(header) :]]))
    # Comments, and the settings of other kinds of scripts, as "##bind state=state".
    other = [line for line in header if line.strip("# \t\r\n") and line not in known]
    if other:
        script._body = "".join(other) + script._body
        script._makeFunction()


def _is_header(line: str) -> bool:
    return not line.strip() or line.strip().startswith("##")


def _is_known(script: Any, line: str) -> bool:
    if _title.match(line):
        return True
    key, equals, _value = line.strip()[2:].partition("=")
    # After a space it is a comment.
    is_setting = bool(equals) and not key.startswith(" ")
    return is_setting and key.strip().lower() in script._metadata_map()


def _apply_to_sql(method: Any) -> None:
    source = aq_base(method).src
    found = {"arguments": method.arguments_src}
    comment = _comment.match(source)
    # Before the comment, or after it.
    place = 0 if comment is None else comment.end()
    params = _params.match(source) or _params.match(source, place)
    if params is not None:
        found["arguments"] = params[2].strip()
        source = source[: params.start(1)] + source[params.end() :]
    comment = _comment.match(source)
    if comment is not None:
        found.update(_pairs(comment[1]))
    method.manage_edit(
        found.get("title", method.title),
        found.get("connection_id", method.connection_id),
        found["arguments"],
        source,
    )
    for name, attribute in NUMBERS.items():
        if found.get(name, "").isdecimal():
            setattr(method, attribute, int(found[name]))


def _pairs(block: str) -> dict[str, str]:
    """Return the lines ``name : value`` of a comment."""
    pairs = (line.partition(":") for line in block.splitlines())
    return {
        name.strip().lower().replace(" ", "_"): value.strip()
        for name, colon, value in pairs
        if colon
    }
