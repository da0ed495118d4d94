"""Sites, servers and recorded data for tests, of add-ons too.

``serversite``
    A site in memory behind the publisher, and archives as dictionaries.
``clientside``
    A server in memory for tests of the client, and a client that uses it.
``demoserver``, ``databases``, ``ssh``, ``rawserver``
    Servers in processes and threads of their own: the demonstration, ZEO and
    PostgreSQL, ssh, and one that answers with given bytes.
``chromium``
    A browser without a screen, and a person at it.
``person``
    Somebody who runs zsync, in the process of the test or on a terminal.
``processes``
    The command line of zsync and its environment, for processes of their own.
``ofs``
    Zope: an application in memory, and an instance in a process of its own.
``hostcontract``
    The tests that every host passes.
``serverfixtures``, ``clientfixtures``, ``sshfixtures``
    Fixtures of pytest for the above: import them in a ``conftest.py``.
``filefaults``, ``casefolding``
    A file system that fails, and one that folds case.

This module reads recorded data and compares directories.  It imports nothing of
the client or the server.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from itertools import pairwise
from pathlib import Path

import zope.fssync

__all__ = ["DATA", "recorded", "recorded_body", "snapshot", "working_copy"]

#: Requests, responses and output of release 3.6.0.
DATA = Path(__file__).with_name("data")

# Archives and working copies are shared with the tests of `zope.fssync`.
_shared = Path(*zope.fssync.__path__, "tests", "data")
_folders = (DATA, *(_shared / name for name in ("tofs", "sessions", "wc")))

#: The size in bytes from which a snapshot holds the digest of a file.
_large = 1 << 20


def _find(name: str) -> Path:
    for folder in _folders:
        if (path := folder / name).is_file():
            return path
    raise FileNotFoundError(f"no recorded data: {name}")


def recorded(name: str) -> bytes:
    """Return a file that release 3.6.0 wrote.

    ``demo.snarf`` is an archive, ``checkin.request`` a request,
    ``http/checkout-demo.response`` a response, ``commit.txt`` the output of a command.
    """
    return _find(name).read_bytes()


def recorded_body(name: str) -> bytes:
    """Return the body of a recorded request or response."""
    return recorded(name).partition(b"\r\n\r\n")[2]


def working_copy(name: str, directory: Path) -> Path:
    """Unpack a working copy that release 3.6.0 left; return its path.

    ``demo-pending.tar.gz`` and others; files get the times that they had.
    """
    with tarfile.open(_find(name)) as archive:
        archive.extractall(directory, filter="data")
        return directory / archive.getnames()[0].split("/")[0]


_derived = frozenset(
    f"{control}/{name}"
    for control in ("@@Zope", ".zsync")
    for name in ("Index", "Operations")
)


def snapshot(root: Path) -> dict[str, bytes | str]:
    """Return what is below a directory, by relative path, to compare it later.

    A file is its content, or its digest if it is large; a link is its target and a
    directory is ``/``.  The index of a working copy is left out: it is derived, and
    any command may write it.  So is what is kept to take commands back.
    """
    return {
        str(path.relative_to(root)): _content(path)
        for path in sorted(root.rglob("*"))
        if _derived.isdisjoint(map("/".join, pairwise(path.parts)))
    }


def _content(path: Path) -> bytes | str:
    if path.is_symlink():
        return os.readlink(path)
    if not path.is_file():
        return "/"
    if path.stat().st_size < _large:
        return path.read_bytes()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
