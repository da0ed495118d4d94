"""Checkout: copy an object of a server into a new working copy."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Mapping
from os.path import join
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client import compat36
from zope.app.fssync.client.absent import note
from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.addresses import is_elsewhere
from zope.app.fssync.client.addresses import note_top
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.pinned import pin
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import ask
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import is_anonymous
from zope.app.fssync.client.response import left_out
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.response import receive
from zope.app.fssync.client.response import warn_of_absent
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import HeldReport
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy import layout as layouts
from zope.app.fssync.client.workingcopy.modified import remember_top
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.streamcheckout import NotStreamable
from zope.app.fssync.client.workingcopy.streamcheckout import StreamedCheckout
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import SPARSE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import announced
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.files import Tree
from zope.fssync.metadata import Entry
from zope.fssync.sparse import Sparse
from zope.fssync.terminal import escape

__all__ = ["checkout"]


class _New(NamedTuple):
    """The layout of a new working copy, and the place of its control data."""

    layout: int
    control: str | None


def checkout(
    network: Network,
    target: str,
    reporter: Callable[[str], object],
    sparse: Sparse | None = None,
    revision: str | None = None,
    layout: int | None = None,
    control: str | None = None,
) -> ChangingSession:
    """Copy the object of the root URL into the directory ``target``.

    A new working copy gets ``layout``, by default `layout.NEW`.  Its control data are
    in the directory ``control``, if one is given.  Objects that ``sparse`` leaves out
    are not received, now and later.  With a ``revision`` the working copy has that
    state, and is never updated.  Return the session, which has the existing files that
    are in conflict now.
    """
    path = network.rootpath
    if not path:
        raise Error("root url not set")
    if Session().metadata.getentry(target):
        raise Error(f"target already registered {target!r}", path=target)
    if os.path.lexists(target) and not os.path.isdir(target):
        raise Error(f"target should be a directory {target!r}", path=target)
    _check_same_server(network, target)
    new = _New(layouts.NEW if layout is None else layout, control)
    if control is not None:
        _check_control(target, control, new.layout)
    if revision is not None:
        return _checkout_old(network, target, path, revision, reporter, new)
    sparse = _remembered(network, target, path, sparse)
    wanted = everything(_known(network, target, path))
    more = left_out(sparse)
    fp, headers = ask(network, path, wanted, *more)
    session: ChangingSession | None = None
    is_told = sparse is None or SPARSE in headers
    # A streamed checkout writes packs.
    is_told = is_told and new.layout != layouts.PLAIN
    if STREAMED in headers and is_told and not os.path.lexists(target):
        answer = fp, headers
        session = _checkout_streamed(network, target, answer, reporter, sparse, new)
        if session is None:
            fp, headers = ask(network, path, wanted, *more)
    if session is None:
        answer = fp, headers
        session = _checkout_merged(network, target, path, answer, reporter, sparse, new)
    network.keep_password()
    return session


def _checkout_streamed(
    network: Network,
    target: str,
    answer: tuple[BinaryIO, Mapping[str, str]],
    reporter: Callable[[str], object],
    sparse: Sparse | None,
    new: _New,
) -> ChangingSession | None:
    """Write files while they are received; return None if that is not possible."""
    fp, headers = answer
    try:
        with (
            fp,
            HeldReport(reporter) as report,
            WorkingCopy.making(target, new.layout, new.control) as copy,
            changing(copy, "checkout", report.add) as session,
        ):
            stream = StreamedCheckout(
                session.files,
                session.metadata,
                target,
                session.reporter,
                progress=network.progress,
                announced=announced(headers.get(OBJECTS)),
            )
            stream.receive(fp)
            closing = stream.closing
            session.transaction = transaction_of(closing.get(STATE))
            States(session.files, session.root).take(
                _path(network), closing.get(STATE), closing.get(SEEN)
            )
            _note_origin(session, network, target, stream.name)
            _remember(session, stream.name, sparse)
            name = join(target, stream.name)
            note(session, name, closing, is_anonymous(network))
            warn_of_absent(network, closing)
    except NotStreamable:
        return None
    remember_top(session.root)
    return session


def _checkout_merged(
    network: Network,
    target: str,
    path: str,
    answer: tuple[BinaryIO, Mapping[str, str]],
    reporter: Callable[[str], object],
    sparse: Sparse | None,
    new: _New,
) -> ChangingSession:
    """Receive the whole archive, and merge it with files that may exist."""
    with receive(network, path, *answer, left_out(sparse)) as response:
        compat36.check_login(network, path)
        return _checkout_response(
            network, target, path, response, reporter, sparse, new
        )


def _checkout_old(
    network: Network,
    target: str,
    path: str,
    revision: str,
    reporter: Callable[[str], object],
    new: _New,
) -> ChangingSession:
    """Make a new working copy of an old state."""
    if os.path.lexists(target) and Tree().listdir(target):
        raise Error(
            f"'{escape(target)}' is not empty",
            path=target,
            advice="What was there once needs a directory of its own.",
        )
    at = resolve(network, str(network.rooturl), revision)
    with fetch_old(network, (path, ""), at) as response:
        session = _checkout_response(
            network, target, path, response, reporter, None, new, at
        )
    network.keep_password()
    return session


def _checkout_response(
    network: Network,
    target: str,
    path: str,
    response: Response,
    reporter: Callable[[str], object],
    sparse: Sparse | None,
    new: _New,
    at: str | None = None,
) -> ChangingSession:
    name = path.rstrip("/").rpartition("/")[2] or "root"
    with (
        HeldReport(reporter) as report,
        WorkingCopy.making(target, new.layout, new.control) as copy,
        changing(copy, "checkout", report.add) as session,
    ):
        top = only_name(response.archive, name)
        entry = response.archive.getMetadata().getentry(top)
        name = session.files.file_name(top, entry.get("key", top))
        _check_same_object(session, join(target, name), entry)
        if sparse is not None:
            session.left_out.set(name, sparse)
        merged = merge(session, network, response, target, name)
        _remember(session, name, sparse)
        _, _, state, seen, back, closing = response
        session.transaction = transaction_of(state)
        states = States(session.files, session.root)
        states.take(_path(network), state, seen, merged.resend, back)
        _note_origin(session, network, target, name)
        note(session, join(target, name), closing, is_anonymous(network))
        if at is not None:
            pin(session, at)
    return session


def _check_control(target: str, control: str, layout: int) -> None:
    """Raise an error if a directory cannot have the control data."""
    from zope.app.fssync.client.workingcopy.outside import check_free

    if layout != layouts.DESCRIBED:
        raise Error(
            "control data can be outside in layout 3 only",
            path=control,
            advice="Leave --control or --layout out.",
        )
    check_free(os.path.realpath(target), control)


def _path(network: Network) -> str:
    """Return the path under which the state of the object is stored."""
    return check_address(network.rootpath or "/").rstrip("/") or "/"


def _known(network: Network, target: str, path: str) -> str | None:
    """Return the known state of an object that is checked out again."""
    if network.readrooturl(target) is None:
        return None
    states = States(Session().files, WorkingCopy.find(target).root)
    return states.told(path.rstrip("/") or "/")


def _remembered(
    network: Network, target: str, path: str, sparse: Sparse | None
) -> Sparse | None:
    """Return the rules for an object that may have been checked out before."""
    url = network.readrooturl(target)
    session = reading(target)
    if url is None or (sparse is None and not session.is_partial):
        return sparse
    there = RootURL.parse(url)
    for name in session.metadata.getnames(target):
        local = join(target, name)
        root = session.root or target
        found = address(session.metadata, session.files, root, there, local)
        if found.rstrip("/") != path.rstrip("/"):
            continue
        known = session.left_out.tops.get(name)
        if sparse is None or sparse == known:
            return known
        raise Error(
            f"'{local}' is here already, and leaves out something else",
            path=local,
            advice="'zsync update --set-depth DEPTH PATH' changes what it leaves out.",
        )
    return sparse


def _remember(session: ChangingSession, name: str, sparse: Sparse | None) -> None:
    if sparse is not None:
        session.left_out.set(name, sparse)
        session.left_out.save(session)


def _note_origin(
    session: ChangingSession, network: Network, target: str, name: str
) -> None:
    """Write the URL of the working copy, and of the object ``name`` in it."""
    before, url = network.readrooturl(target), str(network.rooturl)
    note_top(session.metadata, session.files, session.root, before, name, url)
    root = join(session.root, paths.CONTROL, paths.ROOT)
    session.files.write(root, [f"{url}\n".encode()])


def _check_same_object(session: ChangingSession, local: str, entry: Entry) -> None:
    """Raise an error if ``local`` is another object of the same name."""
    if is_elsewhere(session.metadata.getentry(local), entry):
        raise Error(
            f"'{local}' was checked out from another place",
            path=local,
            advice="Name another directory.",
        )


def _check_same_server(network: Network, target: str) -> None:
    """Raise an error if ``target`` is a working copy of another server."""
    url = network.readrooturl(target)
    if url and not network.same_server(url):
        raise Error(
            f"target is a working copy of another server: '{target}'",
            path=target,
            advice="Name another directory.",
        )
