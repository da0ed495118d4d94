"""The tree of errors that a person may see.

Each class says what is wrong, carries the path it happened to and an advice on what
to do next, and has the exit code that `zsync` ends with.  Classes marked with ``*``
stand beside the code that raises them::

    Error                      1   something was asked for that cannot be done
    +-- AnswerBroken *         1   the answer of Zope ended early (ssh servers)
    +-- TourFailed *           1   a step of the tour of the demo went wrong
    +-- UsageError             2   the command line makes no sense
    +-- ConflictsRemain        3   finished, but conflicts are left to resolve
    +-- AccessDenied           4   login or permission
    |   +-- Withheld           4   a permission hides an object from the caller
    |   +-- FormRefused *      4   a form does not come from a page of this server
    +-- OutOfDate              5   not up to date, nothing was committed
    +-- TransferError          6   network or server
    |   +-- ServerUnreachable  6   no connection, or it broke
    |   |   +-- HostKeyRefused * 6 the ssh server is not the one that is meant
    |   +-- ServerRefused      6   the server answered with an error
    |   |   +-- NotThere       6   it has nothing at an address
    |   |   +-- NoLongerThere  6   it has no such object, or not at that path
    |   |   +-- ProxyFailed    6   a proxy answered for a server that was too slow
    |   +-- ArchiveDamaged     6   (also a ValueError) not a whole SNARF archive
    +-- WorkingCopyError       7   the working copy cannot be used as it is
    |   +-- Locked             7   another command is at work
    |   +-- MetadataDamaged    7   (also a ValueError) unreadable control data
    +-- UnsafeData             8   data from outside that is refused
    |   +-- PathRefused        8   (also a ValueError) a name that is no safe path
    |   +-- NameRefused        8   a dotted name nobody registered
    |   +-- PickleRefused      8   (also a ValueError) a pickle that is not data
    |   +-- LimitExceeded      8   larger, longer or deeper than allowed
    |   +-- RequestRefused *   8   a request over ssh that is not passed on
    +-- SynchronizationError   1   an object and its files cannot be reconciled
        +-- MissingSynchronizer 1  no synchronizer is registered for a class
        +-- CommitFailed *     1   objects that cannot be as the archive has them
        +-- DatabaseDamaged *  1   objects of the server that cannot be read

All are raised in one form: ``Error(message, path=path, advice=advice)``, where the
message names the path, if at all, once.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import ClassVar


__all__ = [
    "AccessDenied",
    "ArchiveDamaged",
    "ConflictsRemain",
    "Error",
    "LimitExceeded",
    "Locked",
    "MetadataDamaged",
    "MissingSynchronizer",
    "NameRefused",
    "NoLongerThere",
    "NotThere",
    "OutOfDate",
    "PathRefused",
    "PickleRefused",
    "ProxyFailed",
    "ServerRefused",
    "ServerUnreachable",
    "SynchronizationError",
    "TransferError",
    "UnsafeData",
    "UsageError",
    "Withheld",
    "WorkingCopyError",
]


class Error(Exception):
    """Something was asked for that cannot be done.

    ``msg`` is a sentence without a full stop, ``path`` what it happened to, and
    ``advice`` a sentence on what to do next.

    ``args`` serve add-ons that call it as release 3.6.0 did: they complete ``msg`` by
    the ``%`` operator where it holds a ``%``, else their reprs are appended.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        msg: str,
        *args: object,
        path: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(msg, *args)
        self.msg = msg
        self.args = args
        self.path = path
        self.advice = advice

    @property
    def message(self) -> str:
        """The sentence on what happened, without the advice."""
        if not self.args:
            return self.msg
        if "%" in self.msg:
            return self.msg % self.args
        return " ".join([self.msg, *map(repr, self.args)])

    def __str__(self) -> str:
        return f"{self.message}\n{self.advice}" if self.advice else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}{(self.msg, *self.args)!r}"


class UsageError(Error):
    """The command line makes no sense."""

    exit_code = 2


class ConflictsRemain(Error):
    """The command finished, and left conflicts that a person has to resolve."""

    exit_code = 3


class AccessDenied(Error):
    """The server does not know the caller, or does not let the caller do it."""

    exit_code = 4


class Withheld(AccessDenied):
    """A permission hides an object from the caller."""


class OutOfDate(Error):
    """The server has changes that the working copy lacks; nothing was committed.

    ``paths`` are the archive paths concerned, in the order of the check.
    """

    exit_code = 5

    def __init__(
        self, msg: str, paths: Iterable[str] = (), *, advice: str | None = None
    ) -> None:
        super().__init__(msg, advice=advice)
        self.paths = list(paths)


class TransferError(Error):
    """The network or the server failed."""

    exit_code = 6


class ServerUnreachable(TransferError):
    """There is no connection, or it broke before the answer was complete."""


class ServerRefused(TransferError):
    """The server answered, but not with what was asked for.

    ``status`` is that of HTTP, None where it is none of HTTP.
    """

    status: int | None = None


class NotThere(ServerRefused):
    """The server has nothing at an address."""

    status = 404


class ProxyFailed(ServerRefused):
    """A proxy answered for a server that may have done what it was asked for."""


class NoLongerThere(ServerRefused):
    """The server has no such object, or another one at its path."""

    status = 404


class ArchiveDamaged(TransferError, ValueError):
    """The bytes are not a whole SNARF archive."""


class WorkingCopyError(Error):
    """The working copy cannot be used as it is."""

    exit_code = 7


class Locked(WorkingCopyError):
    """Another command is at work in the working copy."""


class MetadataDamaged(WorkingCopyError, ValueError):
    """Control data (`Entries.xml`, `Root`, the journal) cannot be read."""


class UnsafeData(Error):
    """Data from outside was refused."""

    exit_code = 8


class PathRefused(UnsafeData, ValueError):
    """A name from outside that cannot become a safe path."""


class NameRefused(UnsafeData):
    """A dotted name that the application did not register."""


class PickleRefused(UnsafeData, ValueError):
    """A pickle that names more than data, or is malformed."""


class LimitExceeded(UnsafeData):
    """Something is larger, longer or deeper than `zope.fssync.limits` allows."""


class SynchronizationError(Error):
    """An object and its files cannot be reconciled."""


class MissingSynchronizer(SynchronizationError):
    """No synchronizer is registered for a class."""
