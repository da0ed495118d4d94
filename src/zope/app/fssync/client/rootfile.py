"""``Root``, the file in the control directory with the URL of the checkout."""

from __future__ import annotations

import os

from zope.app.fssync.client.workingcopy.ownership import check_trusted
from zope.app.fssync.client.workingcopy.place import control_of
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.files import SaveFile
from zope.fssync.files import make_directories
from zope.fssync.files import open_regular
from zope.fssync.fsutil import unwanted
from zope.fssync.limits import SIZES
from zope.fssync.terminal import escape

__all__ = ["find_root", "read_root", "write_root"]


def find_root(target: str) -> str | None:
    """Return the URL in the nearest ``Root``, above ``target`` or in it.

    The directory must belong to the user, or to somebody they trust.
    """
    directory = os.path.realpath(target)
    while True:
        url = read_root(directory)
        if url:
            check_trusted(directory)
            return url
        directory, tail = os.path.split(directory)
        if tail in unwanted:
            return None


def read_root(directory: str) -> str | None:
    """Return the URL in the ``Root`` of a directory, None if it has none."""
    filename = os.path.join(control_of(directory), paths.ROOT)
    try:
        stream = open_regular(filename)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with stream:
        data = stream.read(SIZES.root)
    try:
        return data.decode("utf-8").strip() or None
    except UnicodeDecodeError:
        raise MetadataDamaged(
            f"{escape(filename)} is not text",
            path=filename,
            advice="It should hold the URL of the checkout and nothing else.",
        ) from None


def write_root(directory: str, url: str) -> None:
    """Write the ``Root`` of a directory."""
    control = control_of(directory)
    make_directories(control)
    with SaveFile(os.path.join(control, paths.ROOT)) as stream:
        stream.write(f"{url}\n".encode())
