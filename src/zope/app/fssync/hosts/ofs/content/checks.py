"""Faults in the sources of Zope's objects: what does not compile.

Zope itself stores no DTML or SQL that does not compile; what is in the database may
all the same be of another release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from Acquisition import aq_base
from DocumentTemplate.DT_Util import ParseError
from zope.component import subscribers
from zope.interface import implementer

from zope.app.fssync.content.checks import checker
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.limits import CHECKED_SIZE

__all__ = [
    "AspectCheck",
    "DTMLCheck",
    "FileCheck",
    "SQLCheck",
    "ScriptCheck",
    "TemplateCheck",
    "dtml_fault",
]

#: What RestrictedPython says of a line.
_line = re.compile(r"Line (\d+): (?:SyntaxError: )?(.*?)(?: at statement: .*)?", re.S)

#: What the parser of DTML says.
_in_dtml = re.compile(r"(.*), on line (\d+) of .*", re.S)

#: What that puts around the error in an expression.
_markup = re.compile("</?(?:strong|pre)>")

#: What the compilers of page templates say.
_at = re.compile(r"(?:[\w.]+: )?(.*?)(?:,? at line (\d+), column \d+)?", re.S)


@implementer(ISourceCheck)
class Check:
    """Base: checks the object ``context``."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        raise NotImplementedError


class ScriptCheck(Check):
    """Checks Python Scripts, which are compiled when they are stored."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        for text in aq_base(self.context).errors:
            match = _line.fullmatch(text)
            yield (int(match[1]), match[2]) if match else (0, text)


class TemplateCheck(Check):
    """Checks page templates: they are compiled, and not run."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        self.context._cook_check()
        # The first line says that there are some.
        for text in (self.context._v_errors or ())[1:]:
            match = _at.fullmatch(text)
            yield (int(match[2] or 0), match[1]) if match else (0, text)


def dtml_fault(error: ParseError | SyntaxError) -> tuple[int, str]:
    """Return the line of an error in DTML, 0 where it is not known, and the message."""
    if isinstance(error, SyntaxError):
        # The line is one of an expression.
        return 0, f"{error.msg} in an expression"
    text = " ".join(unescape(_markup.sub(" ", str(error))).split())
    match = _in_dtml.fullmatch(text)
    return (int(match[2]), match[1]) if match else (0, text)


class DTMLCheck(Check):
    """Checks DTML Methods and Documents."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        yield from _compiled(aq_base(self.context))


class SQLCheck(Check):
    """Checks Z SQL Methods: the template, and that there is the connection."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        method = self.context
        yield from _compiled(aq_base(method).template)
        name = method.connection_id
        if name and getattr(method, name, None) is None:
            yield 0, f"there is no database connection {name!r}"


def _compiled(template: Any) -> Iterator[tuple[int, str]]:
    try:
        template.parse(template.read())
    except (ParseError, SyntaxError) as error:
        yield dtml_fault(error)


class FileCheck(Check):
    """Checks files whose content type says that they are JSON or XML."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        check = checker(self.context.getContentType())
        if check is not None and 0 < self.context.get_size() <= CHECKED_SIZE:
            yield from check(bytes(self.context.data))


class AspectCheck(Check):
    """Checks an object of which a part has changed, parameters of a script say."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        for check in subscribers([self.context.owner], ISourceCheck):
            yield from check.faults()
