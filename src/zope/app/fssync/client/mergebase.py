"""The merge base of a promotion: the last state that both sites have in common.

It is the state of the first site at the last promotion, which the note of that
transaction on the second site names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.promotion import Note
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotion import without_login
from zope.app.fssync.client.revisions import resolve
from zope.fssync.errors import Error

__all__ = ["MergeBase", "merge_base", "newest_state", "note_of"]

#: Matches the end of the note of a promotion; servers may join its lines.
_NOTE = re.compile(
    r"(?:^|\s)Promoted from (\S+) as of 0x([0-9a-f]{16})(?: \(([^()]*)\))?\s*$"
)


class MergeBase(NamedTuple):
    """The common state: that of the first site, and the transaction on the second.

    ``note`` is that of the last promotion, if one names the state.
    """

    state: str
    there: str
    note: Note | None = None


def newest_state(source: Network, wanted: Wanted) -> str:
    """Return the newest state of the first site."""
    newest = next(log(source, wanted.source, Query(1)), None)
    if newest is None:
        raise Error(
            f"{without_login(wanted.source)} has no history that you may see",
            advice="What changed there is found out by its history.",
        )
    return newest.id.removeprefix("0x")


def note_of(wanted: Wanted, until: str) -> str:
    """Return the note for the transaction of a promotion up to a state."""
    scope = f" ({wanted.scope()})" if wanted.scope() else ""
    origin = f"Promoted from {without_login(wanted.source)} as of 0x{until}{scope}"
    return f"{wanted.note}\n\n{origin}"


def merge_base(
    source: Network, target: Network, wanted: Wanted, path: str, until: str
) -> MergeBase:
    """Return the state at the last promotion of a path, up to that of ``until``.

    Later states are ignored: a forged note of one would end all promotions.  Notes in
    commits of other objects are ignored: their authors may be allowed to commit a part
    only, and could leave out, or bring back, changes of others elsewhere.
    """
    if wanted.since is not None:
        since = resolve(source, wanted.source, wanted.since)
        # The ids of transactions are times, in both databases.
        return MergeBase(since, since)
    words = f"Promoted from {without_login(wanted.source)} as of 0x"
    for logged in log(target, wanted.target, Query(None, text=words)):
        for url, base, scope in _NOTE.findall(logged.message):
            is_of = url == without_login(wanted.source) and logged.here
            is_of = is_of and base <= until
            if is_of and _covers(scope, path, wanted.kinds):
                there = logged.id.removeprefix("0x")
                note = Note(f"0x{there}", logged.user, f"0x{base}")
                return MergeBase(base, there, note)
    raise Error(
        f"nothing was promoted to {without_login(wanted.target)} from there yet",
        advice="Name the state of the first site that both have in common: 'zsync "
        "promote --since REV', with the date of the copy or the id of a transaction.",
    )


def _covers(scope: str, path: str, kinds: Sequence[str]) -> bool:
    """Return True if a promotion with this scope included a path and the kinds."""
    words = scope.split(", ") if scope else []
    known = {word.removeprefix("kind ") for word in words if word.startswith("kind ")}
    if known and not (kinds and set(kinds) <= known):
        return False
    tops = [word for word in words if not word.startswith("kind ")]
    return not tops or any(f"{path}/".startswith(f"{top}/") for top in tops)
