"""Workarounds for servers of release 3.6.0.

Such a server answers a wrong password with the objects that everybody may see, so
that an update would delete the rest; and it fails without a reason where it cannot
take back what it has sent.  Nothing in this module changes a file or an object.
"""

from __future__ import annotations

from collections.abc import Iterable
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.connection import Network
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "archive_advice",
    "check_anonymous",
    "check_login",
    "commit_advice",
    "rehearsal_advice",
    "site_advice",
    "tell_unstored",
]


def check_login(network: Network, path: str) -> None:
    """Raise an error if an old server has not accepted the login.

    To be called after it has answered with an archive.
    """
    url = network.location
    if not network.old_server or url is None or url.user is None:
        return
    if not network.accepts_login(path):
        raise AccessDenied(
            "the server does not accept this user name and password; it has sent "
            "only what everybody may see",
            advice=f"Nothing was changed here. {network.login_advice()}",
        )


def check_anonymous(
    network: Network, files: IFileTree, archive: SnarfRepository, target: str
) -> None:
    """Refuse an update without login that would delete objects of an old server."""
    url = network.location
    if not network.old_server or url is None or url.user is not None:
        return
    if any(_is_special(path) for path in archive.iterPaths()):
        return
    found = _find_special(files, target)
    if found is not None:
        raise AccessDenied(
            "without a login the server sends neither extras nor annotations, "
            f"and there are some: '{escape(found)}'",
            path=found,
            advice=f"Nothing was changed here. {network.login_advice()}",
        )


def _is_special(path: str) -> bool:
    return f"{paths.CONTROL}/{paths.EXTRA}/" in path or (
        f"{paths.CONTROL}/{paths.ANNOTATIONS}/" in path
    )


def _find_special(files: IFileTree, target: str) -> str | None:
    """Return an extra or an annotation of ``target``, or of an object in it."""
    for special in (fsutil.getextra(target), fsutil.getannotations(target)):
        if files.isdir(special):
            return special
    if not files.isdir(target):
        return None
    below = (join(target, name) for name in files.listdir(target))
    found = (_find_special(files, path) for path in below)
    return next(filter(None, found), None)


def commit_advice(
    network: Network, metadata: Metadata, files: IFileTree, target: str
) -> str:
    """Return the advice if a server only says that a commit failed."""
    hard = None if network.old_server is False else _hard_name(metadata, files, target)
    if hard is None:
        return (
            "Nothing was committed. If others changed the same folders, "
            "'zsync update' first."
        )
    return (
        "Nothing was committed. If the server is one of 3.6.0: it takes back no "
        f"folder that holds {escape(hard)}, nor one above it (names that "
        "are not ASCII, or that differ from others in case only). Commit files "
        "and folders beside it one by one: 'zsync commit PATH'."
    )


def _hard_name(metadata: Metadata, files: IFileTree, target: str) -> str | None:
    """Return a path below ``target`` that a server of 3.6.0 cannot take back."""
    stack = [target]
    while stack:
        path = stack.pop()
        if not files.isdir(path):
            continue
        for name in metadata.getnames(path):
            below = join(path, name)
            if not name.isascii() or "key" in metadata.getentry(below):
                return below
            stack.append(below)
        metadata.release(path)
    return None


def site_advice(network: Network, conflicts: list[str]) -> str | None:
    """Return the advice if an old server calls a site manager out of date."""
    if network.old_server is False:
        return None
    if any(path.endswith("/++etc++site") for path in conflicts):
        return (
            "Nothing was committed. If the server is one of 3.6.0: it takes back "
            "no site; commit what is in it one by one: 'zsync commit PATH'."
        )
    return None


def archive_advice(network: Network, error: Error) -> None:
    """Return the reason why an old server may have sent a damaged archive."""
    if network.old_server and not error.advice:
        error.advice = (
            "Servers of 3.6.0 damage files of 100,000,000 bytes and more. Check "
            "out folders without them."
        )


def tell_unstored(network: Network, files: IFileTree, lines: Iterable[str]) -> None:
    """Warn of files that an old server has not stored, without saying so.

    ``lines`` is what was reported after a commit.
    """
    if network.old_server is not True:
        return
    for line in lines:
        path = line.removeprefix("M ")
        if path != line and files.isfile(path) and files.size(path) == 0:
            network.options.warn(
                "warning: the server has kept the old content of "
                f"{escape(path)}: one of 3.6.0 stores no file that becomes empty"
            )


def rehearsal_advice(error: ServerRefused) -> str | None:
    """Return the advice if a server lacks the view for rehearsals."""
    if "HTTP error 404" not in error.message:
        return None
    return (
        "Nothing was changed. Either the object does not exist, or the server is one "
        "of 3.6.0, which cannot rehearse."
    )
