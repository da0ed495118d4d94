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
    begun: dict[str, str] = {}
    for changes in transactions:
        moves = {before: after for after, before in Moves(changes).own()}
        now = {moved_by(place, moves): old for place, old in begun.items()}
        for before, after in moves.items():
            now[after] = moved_by(before, begun)
        begun = now
    return {old: new for new, old in begun.items() if old != new}


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
