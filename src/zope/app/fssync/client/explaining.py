"""Explain: how a server synchronizes an object, and which files it has here."""

from __future__ import annotations

import os

from zope.app.fssync.client import listing
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import find
from zope.app.fssync.client.schedule import registered
from zope.app.fssync.client.session import reading
from zope.fssync import fsutil
from zope.fssync.errors import ServerRefused

__all__ = ["explain"]


def explain(network: Network, target: str) -> tuple[dict[str, str], list[str]]:
    """Return the server's explanation of a path or a URL, and the files of a path.

    The files of a directory are those of its parts, not of its items.
    """
    path = find(network, target)
    found = listing.fetch(network, path, explain=True)
    if "synchronizer" not in found.explanation:
        raise ServerRefused(
            "the server does not explain what it does",
            path=target,
            advice="It is of an older release; 'zsync info -u' asks what it knows.",
        )
    told = {"path": path, "type": found.top.type, "factory": found.top.factory}
    told.update(found.explanation)
    files = [] if "://" in target else _files(target)
    return {name: text for name, text in told.items() if text}, files


def _files(target: str) -> list[str]:
    session = reading(target)
    path = session.single(target)
    own = [path] if session.files.isfile(path) else [os.path.join(path, "")]
    parts = [each for each in registered(session, path) if fsutil.ispart(each)]
    # Several may be in one description, and in none where they go without saying.
    shown = dict.fromkeys(map(session.files.shown, parts))
    there = [each for each in shown if session.files.tree.exists(each)]
    return own + [os.path.relpath(p) if os.path.isabs(p) else p for p in there]
