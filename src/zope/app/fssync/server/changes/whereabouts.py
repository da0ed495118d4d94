"""The places that an object had, to tell of its own moves in its log.

An object moves with any of its containers.  These are followed back in time: a record
of each changes when it moves.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from zope.app.fssync.server.changes.tracer import Way

__all__ = ["Moved", "Whereabouts"]

#: Stands for the container of a path, as in file systems.
UP = ".."


class Moved(NamedTuple):
    """A move of the object itself, or of a container.

    ``origin`` is the path that it had, from where it is then.  ``containers`` are those
    that this names items of, and ``above`` is what these are in, the innermost first.
    """

    origin: tuple[str, ...]
    containers: tuple[bytes, ...]
    above: tuple[bytes, ...]


class Whereabouts:
    """The object ``oid`` with all containers that it is known to have had.

    ``follow`` is called with the record of each that is not one of ``containers``, and
    with a transaction: older changes of it are of interest.
    """

    def __init__(self, oid: bytes, containers: Iterable[bytes]) -> None:
        self._oid = oid
        #: The oids, in the order in which they became known.
        self.containers = dict.fromkeys(containers)
        self.follow: Callable[[bytes, bytes], object] = _ignore

    def concerned(self, records: Iterable[bytes]) -> list[bytes]:
        """Return those of some records that change when the object is moved."""
        return [oid for oid in records if oid == self._oid or oid in self.containers]

    def was(self, way: Way | None, tid: bytes) -> None:
        """Note where the object was before a transaction."""
        for oid, _ in way or ():
            if oid not in self.containers:
                self.containers[oid] = None
                self.follow(oid, tid)


def moved(before: Way | None, after: Way | None) -> Moved | None:
    """Return how an object was moved between two states, None if it was not."""
    if before is None or after is None or before == after:
        return None
    pairs = zip(reversed(before), reversed(after), strict=False)
    common = sum(1 for _ in takewhile(lambda each: each[0] == each[1], pairs))
    left = before[: len(before) - common]
    up = (UP,) * (len(after) - common)
    origin = (*up, *(str(key) for _, key in reversed(left)))
    containers = tuple(oid for oid, _ in left)
    return Moved(origin, containers, tuple(oid for oid, _ in before[len(left) :]))


def _ignore(oid: bytes, tid: bytes) -> None:
    pass
