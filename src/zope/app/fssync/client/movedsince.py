"""Find the moves on a server between two states by its log."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.fssync.reversemerge import Moves
from zope.fssync.reversemerge import ways

__all__ = ["composed", "in_order", "moved_by", "moved_since"]


def moved_since(network: Network, url: str, since: str, until: str) -> dict[str, str]:
    """Return the places at ``until`` of what was moved, by those at ``since``.

    They are below the object of the URL; both states are ids of transactions.
    """
    found = log(network, url, Query(None, since=since, until=until))
    changes = [each.changes for each in found if each.id.removeprefix("0x") > since]
    return composed(reversed(changes))


def composed(transactions: Iterable[Sequence[Sequence[str]]]) -> dict[str, str]:
    """Return the places at the end by those at the beginning.

    Of each transaction, the oldest first, the changes are given as in the log.
    """
    begun = _Places()
    for changes in transactions:
        moves = {before: after for after, before in Moves(changes).own()}
        now = {after: moved_by(before, begun.olds) for before, after in moves.items()}
        for place in begun.within(moves):
            old = begun.take(place)
            now.setdefault(moved_by(place, moves), old)
        for place, old in now.items():
            begun.put(place, old)
    return {old: new for new, old in begun.olds.items() if old != new}


class _Places:
    """The places of what was moved, with those at the beginning."""

    def __init__(self) -> None:
        self.olds: dict[str, str] = {}
        #: The places that are at or below a path.
        self._within: dict[str, set[str]] = {}

    def within(self, paths: Iterable[str]) -> set[str]:
        """Return the places that are at or below one of these paths."""
        return {place for each in paths for place in self._within.get(each, ())}

    def put(self, place: str, old: str) -> None:
        """Add a place."""
        self.olds[place] = old
        for each in (place, *ways(place)):
            self._within.setdefault(each, set()).add(place)

    def take(self, place: str) -> str:
        """Remove a place; return the one at the beginning."""
        for each in (place, *ways(place)):
            self._within[each].discard(place)
        return self.olds.pop(place)


def in_order(moved: dict[str, str]) -> list[dict[str, str]]:
    """Return moves in groups, in an order in which they can be done.

    A folder comes before objects that are moved out of it or into it.  Moves that wait
    for each other are left out.
    """
    left, found = dict(moved), []
    while left:
        coming = frozenset(left.values())
        free = {
            old: new
            for old, new in left.items()
            if not any(above in left for above in ways(old))
            and coming.isdisjoint(ways(new))
        }
        if not free:
            break
        found.append(free)
        for old in free:
            del left[old]
    return found


def moved_by(path: str, moves: dict[str, str]) -> str:
    """Return where a path is after some moves, of which the nearest counts."""
    above, rest = path, ""
    while above:
        if above in moves:
            return f"{moves[above]}{rest}"
        above = above.rpartition("/")[0]
        rest = path[len(above) :]
    return path
