"""Checkin: copy a working copy to a new object on a server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from os.path import basename
from typing import IO

from zope.app.fssync.client import compat36
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.status import Status
from zope.app.fssync.client.submission import Submission
from zope.app.fssync.client.submission import quoted_note
from zope.app.fssync.client.url import quoted
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.protocol.views import CHECKIN
from zope.app.fssync.protocol.views import REHEARSE_CHECKIN
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.terminal import escape

__all__ = ["checkin", "send"]


def checkin(
    session: Session,
    network: Network,
    target: str,
    note: str,
    dry_run: bool = False,
    encoding: str | None = None,
) -> str:
    """Copy ``target`` to the new object of the root URL; return the report.

    With ``dry_run`` the server undoes it; ``encoding`` is that of byte strings which
    are text.  The report names the files that were not sent.
    """
    target = session.single(target)
    session.entry(target)
    located = fsutil.located(target)
    _container(network.rootpath)
    _check_whole(session, target, located)
    write = Submission(session.metadata, session.files, located)
    answer = send(network, write, basename(located), note, dry_run, encoding)
    return "\n".join(filter(None, [answer, *_not_sent(session, target)]))


def send(
    network: Network,
    write: Callable[[IO[bytes]], object],
    source: str,
    note: str,
    dry_run: bool = False,
    encoding: str | None = None,
) -> str:
    """Send an archive that ``write`` writes, to become the new object of the root URL.

    ``source`` is the name of the object in the archive.  Return the server's report.
    """
    container, name = _container(network.rootpath)
    view = (
        f"{REHEARSE_CHECKIN if dry_run else CHECKIN}?note={quoted_note(note)}"
        f"&name={quoted(name)}&src={quoted(source)}&report=1"
    )
    if encoding:
        view += f"&encoding={quoted(encoding)}"
    with tempfile.TemporaryFile() as stream:
        write(stream)
        # Add-ons that replace `httpreq` read it from where it is.
        stream.seek(0)
        try:
            fp, headers = network.httpreq(container, view, stream, expected_type=None)
        except ServerRefused as error:
            if dry_run:
                error.advice = compat36.rehearsal_advice(error) or error.advice
            raise
        with fp:
            return network.slurptext(fp, headers).rstrip("\n")


def _container(rootpath: str | None) -> tuple[str, str]:
    """Return the path of the container, and the name of the new object."""
    if not rootpath:
        raise Error("root url not set")
    if rootpath == "/":
        raise Error("root url should name an inferior object")
    container, _, name = rootpath.rpartition("/")
    if not name:
        raise Error("root url should not end in '/'")
    return container or "/", name


def _check_whole(session: Session, target: str, located: str) -> None:
    """Refuse an incomplete copy, as of a folder that was deleted and created again."""
    if session.root is None or not session.files.isdir(located):
        return
    with Unchanged(session.files, session.metadata, session.root) as unchanged:
        if unchanged.is_whole(located):
            return
        lines: list[str] = []
        looking = Session(session.root, session.files, lines.append)
        Status(looking, False, unchanged).show(target)
    lost = [
        line.partition(" ")[2]
        for line in lines
        if line.startswith(("lost ", "M(lost-entries) "))
    ]
    path = (lost or [target])[0]
    raise Error(
        f"{escape(path)} is lost here, and the copy would be without it",
        path=path,
        advice=f"Nothing was copied. 'zsync update {escape(target)}' brings back what "
        "is lost; 'zsync remove PATH' registers that it is to go.",
    )


def _not_sent(session: Session, target: str) -> list[str]:
    """Return a line for each file that is not registered, and stays here."""
    lines: list[str] = []
    Status(Session(None, session.files, lines.append), False).show(target)
    unknown = [line[2:] for line in lines if line.startswith("? ")]
    said = [f"not sent: {escape(path)}" for path in unknown]
    if session.is_partial and session.left_out.may_lack(target):
        said.append("not sent: what this working copy leaves out")
    return said
