"""Faults in the sources of a commit: they are reported, or refused.

`ISourceCheck` subscribers find them.  They are refused if the site has the directive
``<fssync:strict />``, or the caller sends the argument ``strict``.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from zope.component import queryUtility
from zope.component import subscribers
from zope.interface import Interface

from zope.fssync import paths
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.limits import FAULT_MESSAGE
from zope.fssync.limits import FAULTS
from zope.fssync.limits import FAULTS_SIZE
from zope.fssync.task.commit import CommitFailed
from zope.fssync.terminal import escape

__all__ = [
    "Fault",
    "IStrict",
    "faults_of",
    "header",
    "lines",
    "refuse",
    "told_once",
    "warnings",
]

#: The path of a part of an object.
_part = re.compile(
    rf"((?:.*/)?){paths.CONTROL}/(?:{paths.EXTRA}|{paths.ANNOTATIONS})/([^/]+)/[^/]+",
    re.DOTALL,
)

log = logging.getLogger(__name__)


class IStrict(Interface):
    """A utility of a site that refuses sources with faults."""


class Fault(NamedTuple):
    """A fault in the file ``path``; ``line`` is 0 if it is not known."""

    path: str
    line: int
    message: str

    @property
    def place(self) -> str:
        """Return path and line, as compilers print them."""
        return f"{self.path}:{self.line}" if self.line else self.path


def faults_of(obj: Any, path: str) -> Iterator[Fault]:
    """Yield the faults of an object, which has no security wrapper."""
    for check in subscribers([obj], ISourceCheck):
        try:
            found = list(check.faults())
        except Exception:
            # A failing check is not the fault of the sender: log it and go on.
            log.exception("%s cannot be checked", escape(path))
            continue
        for line, message in found:
            yield Fault(path, line, " ".join(message.split())[:FAULT_MESSAGE])


def told_once(faults: Sequence[Fault]) -> list[Fault]:
    """Return faults without those of a part that its object has as well.

    For example, the settings of a script are checked by compiling the script.
    """
    found = set(faults)
    return [
        fault
        for fault in dict.fromkeys(faults)
        if (_object_of(fault.path), fault.line, fault.message) not in found
    ]


def _object_of(path: str) -> str | None:
    """Return the path of the object that a part belongs to, None for an object."""
    match = _part.fullmatch(path)
    return None if match is None else match[1] + match[2]


def refuse(faults: Sequence[Fault], strict: bool) -> None:
    """Raise `CommitFailed` for faults if the caller or the site is strict."""
    if faults and (strict or queryUtility(IStrict) is not None):
        raise CommitFailed(
            (fault.place, SynchronizationError(fault.message)) for fault in faults
        )


def header(faults: Sequence[Fault]) -> str:
    """Return the value of a header: the faults as JSON, in ASCII."""
    told = faults[:FAULTS]
    while len(text := json.dumps(told)) > FAULTS_SIZE:
        told = told[:-1]
    return text


def warnings(faults: Sequence[Fault]) -> str:
    """Return a line of text for each fault."""
    return "".join(f"warning: {line}\n" for line in lines(faults))


def lines(faults: Sequence[Fault]) -> list[str]:
    """Return a line with the place and the message of each fault."""
    return [
        f"{escape(fault.place)}: {escape(fault.message)}" for fault in faults[:FAULTS]
    ]
