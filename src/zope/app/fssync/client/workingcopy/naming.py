"""Find files by names that look the same.

Two names that look the same may differ: `ü` is one character or two, depending on the
keyboard, the editor or the archive that a file was unpacked from.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.files import DISK
from zope.fssync.metadata import Metadata

__all__ = ["as_named", "check_apart", "check_twin", "twin_advice"]


def as_named(path: str) -> str:
    """Return the path by which a file is there or registered.

    ``path`` may be in another normal form; it comes back as it is where there is
    nothing of either form.
    """
    metadata = Metadata(CompactTree(DISK))

    def is_known(directory: str, name: str) -> bool:
        try:
            return bool(metadata.getmanager(directory).entries.get(name))
        except Error:
            # The command reports the damage if it reads these entries.
            return False

    return _as_named(path, is_known)


def _as_named(path: str, is_known: Callable[[str, str], bool]) -> str:
    if path.isascii() or os.path.lexists(path):
        return path
    head, name = os.path.split(path)
    head = _as_named(head, is_known)
    for form in (name, paths.nfc(name), paths.nfd(name)):
        found = os.path.join(head, form)
        if os.path.lexists(found) or is_known(head or os.curdir, form):
            return found
    return os.path.join(head, name)


def _twin(metadata: Metadata, path: str) -> str | None:
    """Return the other name under which the object of a path is registered."""
    directory, name = fsutil.split(path)
    twin = metadata.getmanager(directory).name_of(name)
    return None if twin == name else twin


def twin_advice(metadata: Metadata, path: str) -> str | None:
    """Return what to do where another file is registered for the same object."""
    twin = _twin(metadata, path)
    if twin is None:
        return None
    # With its characters spelled out: both forms of a name look the same.
    shown = os.path.join(os.path.dirname(path), twin)
    if paths.nfc(twin) != paths.nfc(os.path.basename(path)):
        return f"The file of that object is '{shown}' here: name that one."
    return (
        f"Registered is the same name in another form: {shown!a}. Move your "
        "changes into that file and this one away; 'zsync upgrade' gives files the "
        "names that their objects have."
    )


def check_twin(metadata: Metadata, path: str) -> None:
    """Raise `Error` where another file is registered for the object at a path."""
    advice = twin_advice(metadata, path)
    if advice is not None:
        raise Error(
            f"can't add '{path}': another file has its name", path=path, advice=advice
        )


def check_apart(metadata: Metadata, directory: str, names: Iterable[str]) -> None:
    """Raise `Error` where one of the names was added for an object that has a file.

    Older releases of zsync let them be added.
    """
    entries = metadata.getmanager(directory).entries
    added = [name for name in names if entries[name].get("flag") == "added"]
    if not added:
        return
    files = {
        paths.nfc(entry.get("key", name)): name
        for name, entry in entries.items()
        if entry and entry.get("flag") != "added"
    }
    for name in added:
        twin = files.get(paths.nfc(entries[name].get("key", name)))
        if twin is not None:
            path = os.path.join(directory, name)
            raise Error(
                f"can't add '{path}': another file has its name",
                path=path,
                advice=f"Registered for that object is {twin!a}. "
                "'zsync revert' takes back the addition; then move your changes into "
                "that file.",
            )
