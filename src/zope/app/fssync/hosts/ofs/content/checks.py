"""Find faults in the sources of Zope's objects by compiling them.

Zope itself stores no DTML or SQL that does not compile, but sources in the database may
come from another release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from chameleon import PageTemplate as ChameleonTemplate
from chameleon.exc import TemplateError
from DocumentTemplate.DT_Util import ParseError
from zope.component import subscribers
from zope.interface import implementer

from zope.app.fssync.content.checks import checker
from zope.app.fssync.content.checks import dtml_fault
from zope.app.fssync.content.checks import template_fault
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.limits import CHECKED_SIZE

__all__ = [
    "AspectCheck",
    "CacheCheck",
    "DTMLCheck",
    "FileCheck",
    "SQLCheck",
    "ScriptCheck",
    "TemplateCheck",
]

#: Matches an error message of RestrictedPython.
_line = re.compile(r"Line (\d+): (?:SyntaxError: )?(.*?)(?: at statement: .*)?", re.S)


@implementer(ISourceCheck)
class Check:
    """Base of the checks of the object ``context``."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        raise NotImplementedError


class ScriptCheck(Check):
    """Check Python Scripts, which Zope compiles when they are stored."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        for text in aq_base(self.context).errors:
            match = _line.fullmatch(text)
            yield (int(match[1]), match[2]) if match else (0, text)


class TemplateCheck(Check):
    """Check page templates: they are compiled, and not run."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        self.context._cook_check()
        # The first line says that there are some.
        errors = (self.context._v_errors or ())[1:]
        for text in errors:
            yield template_fault(text)
        if not errors:
            yield from _in_expressions(getattr(self.context, "_v_program", None))


def _in_expressions(program: Any) -> Iterator[tuple[int, str]]:
    """Yield the first fault in an expression.

    Zope lets Chameleon compile a template whose expressions are none: they fail when
    the page is shown.
    """
    template = getattr(program, "template", None)
    if not isinstance(template, ChameleonTemplate):
        return
    compiled: Any = type(template)
    try:
        compiled(
            template.body,
            strict=True,
            expression_types=template.expression_types,
            extra_builtins=template.extra_builtins,
        )
    except TemplateError as error:
        line, text = error.location[0], " ".join(str(error.args[0]).split())
        python = _line.fullmatch(text.removeprefix("Python expression error: "))
        if python is not None:
            line, text = line + int(python[1]) - 1, f"{python[2]} in an expression"
        yield line, text


class DTMLCheck(Check):
    """Check DTML Methods and Documents."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        yield from _compiled(aq_base(self.context))


class SQLCheck(Check):
    """Check Z SQL Methods: the template, and that the connection exists."""

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
    """Check preconditions, and the data of files that are JSON or XML."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        name = str(self.context.precondition)
        if name and not hasattr(self.context, name):
            # Zope then sends the file to everybody.
            yield 0, f"there is no method {name!r} for the precondition"
        check = checker(self.context.getContentType())
        if check is not None and 0 < self.context.get_size() <= CHECKED_SIZE:
            yield from check(bytes(self.context.data))


class CacheCheck(Check):
    """Check that there is the cache manager of an object."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        obj = self.context
        name = obj.ZCacheable_getManagerId()
        if name and obj.ZCacheable_getManager() is None:
            yield 0, f"there is no cache manager {name!r}"


class AspectCheck(Check):
    """Check an object of which a part has changed, as the parameters of a script."""

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        for check in subscribers([self.context.owner], ISourceCheck):
            yield from check.faults()
