"""Info: show the origin and the type of an object, and the state of its server."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from zope.app.fssync.client import listing
from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.leftout import described
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log_of
from zope.app.fssync.client.pinned import pinned
from zope.app.fssync.client.response import find
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy.layout import NAMES
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.place import is_outside
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.views import COMMIT
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.metadata import Entry
from zope.fssync.report import conflict_detail

__all__ = ["NOT_REGISTERED", "info"]

#: The state of a file that is not an object.
NOT_REGISTERED = "not registered"

_ENTRY = ("type", "factory", "provides", "id", "key")


def info(network: Network | None, target: str) -> dict[str, str]:
    """Return the facts about a path or a URL; ask the server if there is a network."""
    found: dict[str, str] = {} if "://" in target else _local(target)
    if network is not None:
        found.update(_remote(network, target))
    return {name: value for name, value in found.items() if value}


def _local(target: str) -> dict[str, str]:
    copy = WorkingCopy.find(target)
    session = reading(target)
    path = session.single(target)
    entry = session.metadata.getentry(path)
    network = Network()
    network.loadrooturl(copy.root)
    url = network.location
    assert url is not None
    layout = read_layout(session.files.tree, copy.root)
    found = {
        "path": path,
        "working copy": copy.root,
        "layout": NAMES[layout],
        "control": copy.control if is_outside(copy.root) else "",
        "url": "",
        "root": str(url),
        "server": f"{url.scheme}://{url.host_port}",
        "user": url.user or "",
        "state": _state(entry),
        "describes": session.files.owner_of(path) or "",
        "revision": pinned(session) or "",
        "kind": session.files.kind(path) or "",
    }
    if entry:
        found.update((name, entry.get(name, "")) for name in _ENTRY)
        found.update(_place(session, copy.root, url, path))
    if session.is_partial:
        found.update(_left_out(session, path))
    return found


def _state(entry: Entry) -> str:
    if not entry:
        return NOT_REGISTERED
    words = [entry["flag"]] if "flag" in entry else []
    if "conflict" in entry:
        words.append(f"in conflict ({conflict_detail(entry)})")
    if "withheld" in entry:
        words.append("withheld")
    return ", ".join(words) or "registered"


def _left_out(session: Session, path: str) -> dict[str, str]:
    """Return the parts of an object that the working copy leaves out."""
    if not session.metadata.getentry(path):
        from zope.app.fssync.client.depths import is_left_out

        return {"state": "left out here"} if is_left_out(session, path) else {}
    sparse = session.left_out.sparse(path)
    if sparse is None or not session.files.isdir(path) or not sparse.may_lack():
        return {}
    return {"depth": sparse.depth(), "left out": described(sparse)}


def _place(session: Session, root: str, url: RootURL, path: str) -> dict[str, str]:
    """Return where an object is on the server, and when it was last received."""
    try:
        there = address(session.metadata, session.files, root, url, path)
    except Error:
        # Extras and annotations have no place of their own.
        return {}
    states = States(session.files, root)
    return {
        "url": str(url._replace(path=there)),
        "transaction": states.transaction(there.rstrip("/") or "/") or "",
    }


def _remote(network: Network, target: str) -> dict[str, str]:
    path = find(network, target)
    top = listing.fetch(network, path).top
    changed = _last_change(network, path)
    url = network.location
    assert url is not None
    return {
        "url": str(url._replace(path=path, password=None)),
        "server": f"{url.scheme}://{url.host_port}",
        "user": url.user or "",
        "kind": top.kind,
        "type": top.type,
        "factory": top.factory,
        "id": top.id,
        # That of its own record only: others hold its content, and the rest.
        "modified": "" if changed else top.modified,
        "permissions": "checkout, commit" if _may_commit(network, path) else "checkout",
        **changed,
    }


def _last_change(network: Network, path: str) -> dict[str, str]:
    """Return the last change in the log, empty if the user may not see it."""
    try:
        last = next(log_of(network, path, Query(1)), None)
    except (AccessDenied, ServerRefused):
        return {}
    if last is None:
        return {}
    time = datetime.fromtimestamp(last.time, UTC).astimezone()
    return {
        "changed": f"{time:%Y-%m-%d %H:%M:%S %z}",
        "changed by": last.user,
        "changed in": last.id,
    }


def _may_commit(network: Network, path: str) -> bool:
    """Ask by a GET, which commits nothing, whether the user may commit."""
    try:
        body, _ = network.httpreq(path, COMMIT, expected_type=None)
    except AccessDenied:
        return False
    except Error:
        # The request only lacks an archive.
        return True
    body.close()
    return True
