"""The promotion that a user asks for, and the result of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.url import RootURL

__all__ = ["Note", "Promotion", "Wanted", "without_login"]


class Wanted(NamedTuple):
    """A requested promotion: two URLs, ``paths`` below both, and ``kinds`` of objects.

    Without paths or kinds all objects are promoted.  ``since`` names the common state,
    for the first promotion or in place of the last note.
    """

    source: str
    target: str
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: str | None = None
    note: str = "fssync_promote"

    def scope(self) -> str:
        """Return the filters in the form of a note."""
        words = [*sorted(self.paths), *(f"kind {kind}" for kind in sorted(self.kinds))]
        return ", ".join(words)

    def is_of(self, other: Wanted) -> bool:
        """Return True if another promotion has the same filters."""
        return (self.paths, self.kinds) == (other.paths, other.kinds)


class Note(NamedTuple):
    """The note of an earlier promotion, by a user who may commit all of the object.

    The server vouches for ``transaction`` and ``user``; the promoted ``state`` is
    stated by the note alone.
    """

    transaction: str
    user: str
    state: str


class Promotion(NamedTuple):
    """The result of a promotion: the transaction, and the promoted state.

    ``notes`` are those of earlier promotions that it continued from.
    """

    transaction: str | None
    until: str | None
    notes: Sequence[Note] = ()


def without_login(url: str) -> str:
    """Return a URL without user and password, as notes and messages have it."""
    return str(RootURL.parse(url)._replace(user=None, password=None))
