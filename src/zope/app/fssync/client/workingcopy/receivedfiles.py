"""Find files with control data that were put back beside a newer `@@Zope/State`.

Version control, a backup or rsync may restore files with their pristine copies, all of
them or those of some directories, and leave a newer state.  The files then seem to be
unmodified, and the server sends only changes after the state.  So the state has the
size and the time of modification of each file with pristine copies that was written
since the checkout.  If one differs, the next update receives everything.
"""

from __future__ import annotations

from collections.abc import Iterable

from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import below
from zope.app.fssync.client.workingcopy.pristine import is_pristine
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync import paths
from zope.fssync.files import signature_at
from zope.fssync.limits import RECEIVED_PATHS

__all__ = ["Received", "are_older", "received_after", "seen", "within"]

#: Size and time of a file as text, by its path below the root, with slashes.  The
#: latest are at the end.
Received = dict[str, str]

_tree = f"{paths.DATA}/{TREE}/"


def are_older(root: str, received: Iterable[tuple[str, str]]) -> bool:
    """Return True if a file is not the one that was written; it may be lost."""
    return any(_on_disk(root, path) not in (None, look) for path, look in received)


def within(path: str, directory: str) -> bool:
    """Return whether a file holds pristine copies of what is in a directory.

    That of the root is empty; copies of an object at the root lie beside it.
    """
    inside = path.removeprefix(_tree)
    return (
        not directory
        or inside.startswith(f"{directory}/")
        or ("/" not in directory and inside.startswith(f"{paths.CONTROL}/"))
    )


def seen(root: str, received: Received, directory: str = "") -> Received:
    """Return the files as they are on the disk now, those in a directory at least."""
    looks = {
        path: _on_disk(root, path) if within(path, directory) else look
        for path, look in received.items()
    }
    return {path: look for path, look in looks.items() if look is not None}


def received_after(
    changes: Changes, received: Received, more: bool, whole: str | None = None
) -> Received:
    """Return the received files after ``changes``, given those before.

    Files are added where ``more`` came from the server; ``whole`` is a directory of
    which all came.  A file that was put back stays unlike itself until then.
    """
    found = dict(received) if whole is None else seen(changes.root, received, whole)
    for path in filter(is_pristine, changes.changed()):
        place = below(changes.root, path)
        if not changes.exists(place):
            found.pop(path, None)
        elif (more and path not in found) or found.get(path) == _on_disk(
            changes.root, path
        ):
            found.pop(path, None)
            found[path] = _look(changes.size(place), changes.modified(place))
    return _latest(found)


def _latest(received: Received) -> Received:
    """Return those that fit into a state."""
    size, found = 0, []
    for path, look in reversed(received.items()):
        size += len(path) + len(look)
        if size > RECEIVED_PATHS:
            break
        found.append((path, look))
    return dict(reversed(found))


def _on_disk(root: str, path: str) -> str | None:
    try:
        look = signature_at(below(root, path))
    except ValueError:
        # Others may have made the state: no file has such a name.
        return None
    return None if look is None else _look(*look[1:3])


def _look(size: int, modified: int) -> str:
    return f"{size}-{modified}"
