"""A ZCML directive for files that need a module which may not be importable.

The condition ``installed`` of ZCML does not survive a SyntaxError, and there are
releases that install on Python 3 but consist of Python 2.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from zope.configuration.xmlconfig import include
from zope.interface import Interface
from zope.schema import DottedName
from zope.schema import NativeStringLine

__all__ = ["IIncludeAvailableDirective", "include_available"]


class IIncludeAvailableDirective(Interface):
    """Include a file if a module can be imported."""

    file = NativeStringLine(title="File", description="A ZCML file beside this one.")
    module = DottedName(title="Module", description="The module that it needs.")


def include_available(_context: Any, file: str, module: str) -> None:
    """Handle ``fssync:includeAvailable``."""
    try:
        import_module(module)
    except (ImportError, SyntaxError):
        return
    include(_context, file=file)
