"""Fetch old states of objects."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlencode

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import find
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.response import receive
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.protocol.views import HISTORY
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.report import owner_and_part
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

__all__ = ["Place", "cat_old", "fetch_old", "place_of"]

Place = tuple[str, str]


def place_of(network: Network, target: str) -> Place:
    """Turn to the server of a path or a URL; return a path there, and one below it.

    An unregistered path is looked up below the nearest registered folder.
    """
    if "://" in target:
        return find(network, target), ""
    session = reading(target)
    path, below = fsutil.located(session.single(target)), ""
    while not _was_sent(session, path):
        head, name = os.path.split(path)
        if session.root is None or head in (path, session.root):
            return find(network, target), ""
        path, below = head, f"{name}/{below}".rstrip("/")
    return find(network, path), below


def _was_sent(session: Session, path: str) -> bool:
    entry = session.metadata.getentry(path)
    return bool(entry) and entry.get("flag") != "added"


@contextmanager
def fetch_old(
    network: Network, place: Place, at: str, shallow: bool = False
) -> Iterator[Response]:
    """Receive the archive of an object as it was after the transaction ``at``.

    ``place`` is the result of `place_of`.  If nothing is at the path today, the folder
    above is asked, up to that of the checkout: a password goes nowhere else.  Of a URL
    that somebody names those above may know more.  ``shallow`` leaves out the items of
    the object.
    """
    path, below = place
    top = None if place == (network.rootpath, "") else network.rootpath
    first: ServerRefused | None = None
    while True:
        arguments = {"at": at, "path": below, "shallow": "1" if shallow else ""}
        query = urlencode({name: value for name, value in arguments.items() if value})
        try:
            found = network.httpreq(path, f"{HISTORY}?{query}", headers=[SHORT])
            break
        except AccessDenied:
            if first is None:
                raise
            # The object is not there, and its folder is nothing for the caller.
            raise first from None
        except ServerRefused as error:
            first = first or error
            head, _, name = path.rstrip("/").rpartition("/")
            if error.status != HTTPStatus.NOT_FOUND or not name or path == top:
                raise first from None
            path, below = head or "/", f"{name}/{below}".rstrip("/")
    with receive(network, path, *found) as response:
        yield response


def cat_old(
    network: Network, target: str, revision: str, write: Callable[[bytes], object]
) -> None:
    """Write a file as it was; ``target`` is a path, also of a part, or a URL."""
    owner, part = owner_and_part(target) if "://" not in target else (target, "")
    at = resolve(network, owner, revision)
    with fetch_old(network, place_of(network, owner), at, shallow=True) as response:
        archive = response.archive
        path = only_name(archive, "")
        if part:
            what, _, name = part.partition("/")
            path = paths.join_archive_path(paths.CONTROL, what, path, name)
        if not archive.isfile(path):
            raise Error(
                f"'{escape(target)}' was no file at that time",
                path=target,
                advice="It was a folder, or the object had no such part.",
            )
        with archive.readable(path) as stream:
            for chunk in chunks(stream):
                write(chunk)
