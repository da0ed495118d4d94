"""Ask a server for the changes of a folder that transactions made."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from collections.abc import Sequence

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.views import REPLAY
from zope.fssync import paths
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.limits import REPLAYED_TRANSACTIONS
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import inflated
from zope.fssync.snarf import read_header
from zope.fssync.streams import chunks
from zope.fssync.streams import exact_chunks
from zope.fssync.streams import spooled
from zope.fssync.terminal import escape

__all__ = ["left_places", "local_path", "replayed", "wanted"]


def replayed(
    network: Network, path: str, logged: Sequence[Logged], whole: bool
) -> Iterator[tuple[Logged, SnarfRepository]]:
    """Yield each transaction with an archive of its changes.

    With ``whole`` the archive of the first one has the whole object.
    """
    place = 0
    while place < len(logged):
        several = logged[place : place + REPLAYED_TRANSACTIONS]
        asked: list[list[object]] = [[each.id, wanted(each)] for each in several]
        if whole and place == 0:
            asked[0][1] = None
        before = place
        for each, archive in zip(several, _ask(network, path, asked), strict=False):
            yield each, archive
            place += 1
        if place == before:
            raise ArchiveDamaged("the server sent none of the transactions")


def _ask(
    network: Network, path: str, asked: list[list[object]]
) -> Iterator[SnarfRepository]:
    body = io.BytesIO(json.dumps(asked).encode("ascii"))
    kind = "application/json"
    fp, headers = network.httpreq(path, REPLAY, body, kind, headers=[SHORT])
    with fp:
        is_deflated = headers.get(CODING) == DEFLATE
        stream = spooled(chunks(inflated(fp) if is_deflated else fp))
    with stream:
        stream.seek(0)
        for tid, _ in asked:
            header = read_header(stream)
            if header is None:
                return
            if header.path != tid:
                raise ArchiveDamaged(f"the server sent {escape(header.path)}")
            short = ArchiveDamaged("the archive ends within a file")
            pieces = exact_chunks(stream, header.size, short)
            with spooled(pieces) as inner:
                yield SnarfRepository(inner)


def wanted(logged: Logged) -> list[list[str]] | None:
    """Return the marks of the changed parts, None to ask for the whole object."""
    if logged.count > len(logged.changes):
        return None
    found = []
    for letter, path, *before in logged.changes:
        if letter == "A" and not path:
            return None
        if letter == "M":
            found.append([NODE, path])
        elif letter in "AR" and path:
            found.append([TREE, path])
        for gone in left_places(letter, path, before):
            if local_path(gone) is None:
                found.append([LIST, gone.rpartition("/")[0]])
    return found


def left_places(letter: str, path: str, before: Sequence[str]) -> Sequence[str]:
    """Return the places that a change of the log has left empty."""
    if letter == "R":
        return before
    return [path] if letter == "D" else []


def local_path(path: str) -> str | None:
    """Return the local path of an object.

    None if its name is changed locally; the list of its folder has the local name.
    """
    names = path.split("/")
    try:
        if any(paths.check_name(name) != name for name in names):
            return None
    except Error:
        return None
    return "/".join(local_name(name, name) for name in names)
