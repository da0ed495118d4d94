"""The addresses of the objects of a working copy on its server.

The address of an object is the URL of the checkout, followed by the path in the
working copy.  A request never contains the id that a server gives an object, true or
not: virtual hosts and proxies have paths of their own.  Ids are only compared, so that
another object at the same address is not taken for this one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.url import RootURL
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import PathRefused
from zope.fssync.limits import SIZES
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import Entry
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMetadata

__all__ = [
    "address",
    "change_tops",
    "check_address",
    "check_same",
    "is_elsewhere",
    "note_top",
]

#: The URLs of the objects at the root, where more than one was checked out there: a
#: URL, a blank and a name to a line.
_tops = "Roots"


def address(
    metadata: IMetadata, files: IFileTree, root: str, rooturl: RootURL, target: str
) -> str:
    """Return the path on the server of the object ``target``.

    ``rooturl`` is what ``@@Zope/Root`` says in ``root``, where the working copy begins.
    """
    head, tail = os.path.split(os.path.abspath(target))
    place = os.path.relpath(join(os.path.realpath(head), tail), root)
    top, *names = place.split(os.sep)
    if paths.CONTROL in names or top in (os.curdir, os.pardir, paths.CONTROL):
        raise Error(f"its path on the server is unknown: {target!r}", path=target)
    found = [_top_path(metadata, files, root, rooturl, top).rstrip("/")]
    local = join(root, top)
    for name in _not_moved(metadata, root, [top, *names])[1:]:
        local = join(local, name)
        found.append(_key(metadata.getentry(local), name))
    return check_address("/".join(found) or "/")


def _not_moved(metadata: IMetadata, root: str, names: list[str]) -> list[str]:
    """Return the path on the server of a moved object, or of one in it."""
    for depth in range(len(names), 1, -1):
        moved = metadata.getentry(join(root, *names[:depth])).get(MOVED)
        if moved is not None:
            return _not_moved(metadata, root, moved.split("/") + names[depth:])
    return names


def check_address(path: str) -> str:
    """Return ``path`` if no server can misread it."""
    inner = path.removesuffix("/").split("/")[1:]
    if not path.startswith("/") or not {"", ".", ".."}.isdisjoint(inner):
        raise PathRefused(
            f"not a path on a server: {escape(path)}",
            path=path,
            advice="Write the URL without empty parts, '.' and '..'.",
        )
    return path


def _key(entry: Entry, name: str) -> str:
    """Return the name of an object in its container."""
    key = entry.get("key", name)
    if "/" in key or key in ("", ".", ".."):
        raise PathRefused(
            f"this is no name in a path on a server: {escape(key)}", path=name
        )
    if "key" in entry:
        return key
    # File systems and servers decompose names; the id has it as it is.
    said = entry.get("id", "").rpartition("/")[2]
    return said if paths.nfc(said) == paths.nfc(key) else paths.nfc(key)


def _top_path(
    metadata: IMetadata, files: IFileTree, root: str, rooturl: RootURL, top: str
) -> str:
    url = _read_tops(files, root).get(top)
    if url is not None:
        return RootURL.parse(url).path
    if metadata.getnames(root) == [top] or _is_called(
        rooturl, top, metadata.getentry(join(root, top))
    ):
        return rooturl.path
    path = join(root, top)
    raise Error(
        f"'{path}' stands beside others that were checked out there, and "
        "nothing tells where on the server it is",
        path=path,
        advice=f"Say it once more: 'zsync checkout URL {escape(root)}'.",
    )


def _is_called(url: RootURL, name: str, entry: Entry) -> bool:
    last = paths.nfc(url.path.rstrip("/").rpartition("/")[2] or "root")
    return last in (paths.nfc(name), paths.nfc(entry.get("key", name)))


def _read_tops(files: IFileTree, root: str) -> dict[str, str]:
    path = join(root, paths.CONTROL, _tops)
    if not files.isfile(path):
        return {}
    with files.open(path) as stream:
        text = stream.read(SIZES.root).decode("utf-8", "replace")
    found = (line.partition(" ") for line in text.splitlines())
    return {name: url for url, _, name in found}


def note_top(
    metadata: IMetadata,
    files: IFileTree,
    root: str,
    before: str | None,
    top: str,
    url: str,
) -> None:
    """Write the URL of ``top``, if there are others beside it.

    ``before`` is the URL that ``@@Zope/Root`` has had until now.
    """
    others = [name for name in metadata.getnames(root) if name != top]
    if not others:
        return
    tops = _read_tops(files, root)
    if before is not None:
        was = RootURL.parse(before)
        for name in others:
            entry = metadata.getentry(join(root, name))
            if len(others) == 1 or _is_called(was, name, entry):
                tops.setdefault(name, before)
    tops[top] = url
    _write_tops(files, root, tops)


def _write_tops(files: IFileTree, root: str, tops: dict[str, str]) -> None:
    lines = (f"{url} {name}\n" for name, url in sorted(tops.items()))
    files.write(join(root, paths.CONTROL, _tops), ["".join(lines).encode()])


def change_tops(files: IFileTree, root: str, change: Callable[[str], str]) -> None:
    """Change the URL of each object at the root that has one of its own."""
    tops = _read_tops(files, root)
    if tops:
        _write_tops(files, root, {name: change(url) for name, url in tops.items()})


def is_elsewhere(known: Entry, said: Entry) -> bool:
    """Return True if two entries belong to objects at different places."""
    if known.get("flag") == "added":
        return False
    ids = [paths.nfc(entry.get("id", "")) for entry in (known, said)]
    return all(ids) and ids[0] != ids[1]


def check_same(known: Entry, said: Entry, local: str) -> None:
    """Refuse an object that a server sends in place of a removed one."""
    if is_elsewhere(known, said):
        raise NoLongerThere(
            f"{escape(local)} is no longer there: the server answered with "
            "another object",
            path=local,
            advice=GONE,
        )


#: The advice for an object that is gone.
GONE = (
    "Nothing was changed. It was removed, moved or renamed on the server, or is hidden "
    "from you: update the folder that it is in. If it is what was checked out, find "
    "out where it is now, and check that out beside this one."
)
