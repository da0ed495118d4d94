"""List: show an object of a server, and its items."""

from __future__ import annotations

from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import receive
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.protocol.headers import announced
from zope.app.fssync.protocol.views import LIST
from zope.fssync.errors import ServerRefused
from zope.fssync.metadata import Entry
from zope.fssync.terminal import escape

__all__ = ["Listed", "Listing", "fetch"]


class Listed(NamedTuple):
    """An object: what it is called, ``file`` or ``directory``, and its class.

    ``modified`` is when its record was last written, in ISO form; all but the name
    may be empty.
    """

    name: str
    kind: str
    type: str
    factory: str
    id: str
    modified: str


class Listing(NamedTuple):
    """An object, its items, and the number of hidden ones.

    ``explanation`` says how the object is synchronized, if that was requested.
    """

    top: Listed
    items: list[Listed]
    withheld: int
    explanation: dict[str, str]


#: What a server says in an explanation.
_EXPLAINED = (
    *("synchronizer", "because", "passed-over"),
    *("permission-to-read", "permission-to-write", "parts"),
)


def fetch(network: Network, path: str, explain: bool = False) -> Listing:
    """Ask a server for the listing of the object at ``path``."""
    try:
        body, headers = network.httpreq(path, f"{LIST}?explain=1" if explain else LIST)
    except ServerRefused as error:
        if network.old_server is not False:
            error.advice = (
                f"Is the path right? The server is {network.rooturl}. One of 3.6.0 "
                "lists nothing: check the object out."
            )
        raise
    with receive(network, path, body, headers) as response:
        metadata = response.archive.getMetadata()
        tops = metadata.getnames("")
        if len(tops) != 1:
            raise ServerRefused(f"the server listed no object for {escape(path)}")
        entry = metadata.getentry(tops[0])
        found = _listed(entry, tops[0])
        explanation = {name: entry[name] for name in _EXPLAINED if entry.get(name)}
        items = [
            _listed(metadata.getentry(f"{tops[0]}/{name}"), name)
            for name in metadata.getnames(tops[0])
        ]
    items.sort(key=lambda item: item.name)
    hidden, _ = announced(headers.get(WITHHELD)) or (0, False)
    return Listing(found, items, hidden, explanation)


def _listed(entry: Entry, name: str) -> Listed:
    return Listed(
        entry.get("key", name),
        entry.get("kind", ""),
        entry.get("type", ""),
        entry.get("factory", ""),
        entry.get("id", ""),
        entry.get("modified", ""),
    )
