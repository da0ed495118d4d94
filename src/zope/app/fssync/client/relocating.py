"""Relocate: change the URL of a working copy."""

from __future__ import annotations

from os.path import join

from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.addresses import change_tops
from zope.app.fssync.client.addresses import is_elsewhere
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.listing import fetch
from zope.app.fssync.client.response import ask
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import BACK
from zope.fssync import paths
from zope.fssync.aliases import modern
from zope.fssync.errors import Error
from zope.fssync.terminal import escape

__all__ = ["relocate"]


def relocate(
    session: ChangingSession, network: Network, old: str, new: str, force: bool = False
) -> str:
    """Replace the beginning of the URL of a working copy; return the new URL.

    All checked out objects have to be found there.  A database without the transactions
    that were seen is another one, or an old backup: ``force`` accepts it, and the next
    update fetches everything.
    """
    network.loadrooturl(session.root)
    before = network.location
    assert before is not None
    move = _Move(RootURL.parse(old), RootURL.parse(new))
    after = move(before)
    states = States(session.files, session.root)
    places: dict[str, str] = {}
    for top in session.metadata.getnames(session.root):
        local = join(session.root, top)
        was = address(session.metadata, session.files, session.root, before, local)
        there = move(before._replace(path=was))
        network.setrooturl(_with_password(there, move.new))
        told = None if force else states.told(was)
        _check(session, network, local, there, told)
        places[was.rstrip("/") or "/"] = there.path.rstrip("/") or "/"
    change_tops(session.files, session.root, lambda url: str(move(RootURL.parse(url))))
    states.move({} if force else places)
    root = join(session.root, paths.CONTROL, paths.ROOT)
    session.files.write(root, [f"{after}\n".encode()])
    network.keep_password()
    return str(after)


class _Move:
    """Replace the beginning of URLs."""

    def __init__(self, old: RootURL, new: RootURL) -> None:
        self.old = old
        self.new = new

    def __call__(self, url: RootURL) -> RootURL:
        start = self.old.path.rstrip("/")
        inside = url.path == start or url.path.startswith(f"{start}/")
        if url.origin != self.old.origin or not inside:
            raise Error(
                f"the working copy is not of {self.old.without_password()}: its URL "
                f"is {url.without_password()}",
                advice="'zsync info' shows the URL; name it, or how it begins.",
            )
        path = self.new.path.rstrip("/") + url.path[len(start) :]
        user = self.new.user or url.user
        return self.new._replace(path=path or "/", user=user, password=None)


def _with_password(url: RootURL, new: RootURL) -> str:
    if new.password is None:
        return str(url)
    from urllib.parse import quote

    scheme, _, rest = str(url).partition("://")
    user, at, rest = rest.partition("@")
    return f"{scheme}://{user}:{quote(new.password, safe='')}{at}{rest}"


def _check(
    session: ChangingSession,
    network: Network,
    local: str,
    there: RootURL,
    told: str | None,
) -> None:
    """Raise an error unless the object of ``local`` is found at a URL."""
    entry = session.metadata.getentry(local)
    top = fetch(network, there.path).top
    said = {"id": top.id}
    known = modern(entry.get("type", top.type))
    if is_elsewhere(entry, said) or (top.type and known != modern(top.type)):
        raise Error(
            f"another object answers at {there}: {escape(top.id or top.name)}, "
            f"not {escape(entry.get('id', ''))}",
            path=local,
            advice="Nothing was changed. Check out from there beside this one.",
        )
    if told is None:
        return
    body, headers = ask(network, there.path, told)
    body.close()
    if BACK in headers:
        raise Error(
            f"another database answers at {there}: it does not know what was last "
            "seen here",
            path=local,
            advice="Nothing was changed. If it is a copy of the old one, or was "
            "restored from a backup, use --force; then 'zsync update'.",
        )
