"""Ask a server for an archive, and receive it.

Checkout, update, commit and doctor share this.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client import compat36
from zope.app.fssync.client.absent import told
from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.missing import MissingObjects
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.protocol.headers import ACCEPT
from zope.app.fssync.protocol.headers import AGAIN
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import SPARSE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.protocol.headers import announced
from zope.app.fssync.protocol.views import CHECKOUT
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.metadata import name_of
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import ANSWER
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import closing_lines
from zope.fssync.snarf import inflated
from zope.fssync.streams import chunks
from zope.fssync.streams import spooled
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.sparse import Sparse

__all__ = [
    "SHORT",
    "WENT_BACK",
    "Response",
    "ask",
    "everything",
    "fetch",
    "find",
    "find_top",
    "is_anonymous",
    "left_out",
    "locate",
    "only_name",
    "receive",
    "top_name",
    "warn_of_absent",
]

#: The header that asks for small archives to be deflated.
SHORT = (ACCEPT, DEFLATE)


#: The warning that the server has lost transactions.
WENT_BACK = (
    "warning: the database of the server went back to an earlier time, to a backup "
    "say. What is here and not there stays, marked C: after 'zsync resolve PATH' the "
    "next commit brings it back, 'zsync revert PATH' takes what the server has"
)


class Response(NamedTuple):
    """A received archive, and the state of the server.

    ``seen`` is the last transaction that it shows, if the server sends no state.  With
    ``back`` the server has lost transactions that were seen before.  ``closing`` are
    the headers at its end, with the number of absent objects.
    """

    archive: SnarfRepository
    missing: MissingObjects
    state: str | None
    seen: str | None = None
    back: bool = False
    closing: Mapping[str, str] = {}


def everything(told: str | None) -> str:
    """Return a header to request a whole object, whatever the state.

    ``told`` are the transactions that were seen.
    """
    return f"{NO_STATE} {told}" if told else NO_STATE


def locate(session: Session, network: Network, target: str) -> str:
    """Turn to the server of ``target``, and return its path there.

    Requests for this path have the id of the object.
    """
    entry = session.entry(target)
    assert session.root is not None
    network.loadrooturl(session.root)
    assert network.location is not None
    path = address(
        session.metadata, session.files, session.root, network.location, target
    )
    network.mean(path, None if entry.get("flag") == "added" else entry.get("id"))
    return path


def find(network: Network, target: str) -> str:
    """Turn to the server of ``target``, a path or a URL; return the path there."""
    if "://" in target:
        network.setrooturl(target)
        assert network.location is not None
        return network.location.path
    session = reading(target)
    return locate(session, network, session.single(target))


def ask(
    network: Network, path: str, state: str | None = None, *more: tuple[str, str]
) -> tuple[BinaryIO, Mapping[str, str]]:
    """Ask for the archive of the object at ``path``; return body and headers.

    ``state`` is that of the working copy; None asks for all of the object, without
    a state for the next time.
    """
    own = [] if state is None else [(STATE, state), SHORT, *more]
    return network.httpreq(path, CHECKOUT, headers=own)


def left_out(sparse: Sparse | None) -> list[tuple[str, str]]:
    """Return the headers that ask for a sparse archive."""
    text = None if sparse is None else sparse.header()
    return [] if text is None else [(SPARSE, text)]


@contextmanager
def fetch(
    network: Network,
    path: str,
    state: str | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> Iterator[Response]:
    """Ask for an archive as `ask` does, and receive it."""
    with receive(network, path, *ask(network, path, state, *more), more) as response:
        compat36.check_login(network, path)
        yield response


@contextmanager
def receive(
    network: Network,
    path: str,
    fp: BinaryIO,
    headers: Mapping[str, str],
    more: Sequence[tuple[str, str]] = (),
) -> Iterator[Response]:
    """Receive a whole archive into a temporary file before it is read.

    If a server could not finish a streamed one, it is requested again; ``more`` are the
    headers of the request.
    """
    said = announced(headers.get(OBJECTS))
    if said is not None and network.progress is not None:
        word = "at least" if said[1] else "about"
        network.progress.objects("receiving", None, said[0], word)
    with fp:
        deflated = headers.get(CODING) == DEFLATE
        stream = spooled(chunks(inflated(fp) if deflated else fp))
    with stream:
        try:
            archive = SnarfRepository(stream)
            closing = _closing(archive) if STREAMED in headers else headers
            if AGAIN not in closing:
                warn_of_absent(network, closing)
                missing = MissingObjects(network, path, closing.get(WITHHELD, "0"))
                state, seen = closing.get(STATE), closing.get(SEEN)
                yield Response(archive, missing, state, seen, BACK in headers, closing)
                return
        except ArchiveDamaged as error:
            compat36.archive_advice(network, error)
            raise
    again = ask(network, path, NO_STATE, (STREAMED, UNSTREAMED), *more)
    with receive(network, path, *again, more) as response:
        yield response


def warn_of_absent(network: Network, closing: Mapping[str, str]) -> None:
    """Name the objects that the server failed to read, and count the withheld ones."""
    for line in told(closing, network.rooturl if is_anonymous(network) else None):
        network.warn_once(line)


def is_anonymous(network: Network) -> bool:
    """Return True if the user is not logged in."""
    return network.location is None or network.location.user is None


def _closing(archive: SnarfRepository) -> Mapping[str, str]:
    """Return the headers at the end of an archive that was streamed."""
    if not archive.isfile(ANSWER):
        raise ArchiveDamaged("the archive has no end: the server broke off")
    if not archive.ends_with(ANSWER):
        raise ArchiveDamaged("the archive goes on after its end")
    return closing_lines(archive.readable(ANSWER))


def top_name(archive: SnarfRepository, key: str) -> str:
    """Return the name in the archive of the object ``key``."""
    found = find_top(archive, key)
    if found is not None:
        return found
    raise AccessDenied(
        f"the server sent nothing for {escape(key)}",
        path=key,
        advice="The user may not read it.",
    )


def only_name(archive: SnarfRepository, name: str) -> str:
    """Return the name of the only object in an archive, or of the object ``name``.

    The root of a virtual host is an object that has a name of its own.
    """
    names = archive.getMetadata().getnames("")
    return names[0] if len(names) == 1 else top_name(archive, name)


def find_top(archive: SnarfRepository, key: str) -> str | None:
    """Return the name in the archive of the object ``key``, None without.

    The archive holds one object at its top, under a name that servers decompose.
    """
    metadata = archive.getMetadata()
    entries = {name: metadata.getentry(name) for name in metadata.getnames("")}
    return name_of(entries, key)
