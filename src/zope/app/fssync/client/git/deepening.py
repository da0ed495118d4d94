"""Fetch the transactions before those of a shallow clone.

The first commit of a shallow clone has no parent.  The older commits are written by
themselves, and ``git replace`` makes the last one of them its parent: so the commits
that are there keep their ids.
"""

from __future__ import annotations

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.fetching import Progress
from zope.app.fssync.client.git.fetching import began
from zope.app.fssync.client.git.fetching import write
from zope.app.fssync.client.git.history import History
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log_pages
from zope.fssync.limits import GIT_DEPTH

__all__ = ["deepen"]

_TRAILER = "--format=%(trailers:key=Zsync-Transaction,valueonly)"


def deepen(
    clone: Clone,
    network: Network,
    tip: str,
    depth: int,
    is_relative: bool,
    progress: Progress,
) -> None:
    """Fetch older transactions, until the clone has ``depth`` commits.

    If that ``is_relative``, so many more.  A clone that is not shallow has all.
    """
    git = clone.git
    shallow = clone.shallow()
    firsts = clone.first_commits(tip)
    first = next((each for each in firsts if each in shallow), None)
    if first is None:
        return
    wanted: int | None = depth
    if depth >= GIT_DEPTH:
        wanted = None
    elif not is_relative:
        wanted = depth - int(git.line("rev-list", "--count", tip))
    if wanted is not None and wanted <= 0:
        return
    transaction = git.line("log", "-1", _TRAILER, first).strip()
    path = network.rootpath or "/"
    logged, are_all = _older(network, path, transaction.removeprefix("0x"), wanted)
    shallow.remove(first)
    if logged:
        reference = f"{clone.reference}-older"
        with FastImport(git, reference) as writer:
            history = History(clone, writer, "", {}, ())
            write(history, (network, path), logged, True, progress)
        # If this is interrupted, the next time writes the same commits.
        git.run("replace", "--force", "--graft", first, history.tip)
        git.run("update-ref", "-d", reference)
        if not are_all:
            shallow += clone.first_commits(history.tip)
    clone.set_shallow(shallow)


def _older(
    network: Network, path: str, until: str, limit: int | None
) -> tuple[list[Logged], bool]:
    """Return transactions before one, the oldest first, and whether those are all."""
    # The one itself is the first.
    most = None if limit is None else limit + 1
    logged: list[Logged] = []
    packed, begins = "", 0.0
    for page in log_pages(network, path, Query(most, until=until, records=True)):
        logged += page.transactions
        packed, begins = page.packed, page.begins or 0
    found = [each for each in reversed(logged) if packed < each.id < until]
    if limit is not None and len(found) >= limit:
        return found, False
    if packed and packed < until:
        found.insert(0, began(packed, begins))
    return found, True
