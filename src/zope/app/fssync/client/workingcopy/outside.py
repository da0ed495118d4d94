"""Control data outside of the tree of a working copy: `zsync checkout --control DIR`.

`.zsync` at the root holds a pointer then, one line with the path of the directory that
has the control data.  A path that is not absolute begins at the root, so that both can
move together.  That directory names the root in the same way, in a file of its own.

Both may be on different file systems.  A staged change waits on that of what it is to
replace, in `.zsync` or in the directory, and is moved into place in one step.

A working copy may come from a stranger, with any pointer.  So a pointer is only
followed to a directory that names this very root: no tree can use the control data of
another one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from os.path import join

from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.client.workingcopy.place import POINTER
from zope.app.fssync.client.workingcopy.place import is_outside
from zope.app.fssync.client.workingcopy.place import is_root
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.limits import POINTER_SIZE
from zope.fssync.limits import REMEMBERED_POINTERS
from zope.fssync.terminal import escape

__all__ = ["BACK", "check_free", "followed", "placing", "relocate", "told_of"]

#: Beside the control data: where the root is.
BACK = "WorkingCopy"

#: In no path that a file names here.
_unwanted = frozenset("\0\r\n")


def told_of(root: str) -> list[str]:
    """Return the files by which a root and its control data name each other."""
    return [join(root, paths.DATA), _pointer(root), join(followed(root), BACK)]


def _pointer(root: str) -> str:
    return join(root, paths.DATA, POINTER)


def _ignored(root: str) -> str:
    return join(root, paths.DATA, ".gitignore")


def followed(root: str) -> str:
    """Return the real path of the directory with the control data of ``root``."""
    directory = os.path.realpath(_read(root, root, _pointer(root)))
    if not (os.path.lexists(directory) and files.DISK.isdir(directory)):
        raise WorkingCopyError(
            f"the control data of {escape(root)} is not there: {escape(directory)}",
            path=directory,
            advice=_moved(root),
        )
    if _is_within(directory, root):
        raise _refused(root, directory, "lies in the tree")
    try:
        named = os.path.realpath(_read(root, directory, join(directory, BACK)))
    except FileNotFoundError:
        raise _refused(root, directory, f"has no file {BACK}") from None
    if not _is_same(named, root):
        raise _refused(root, directory, f"belongs to {escape(named)}")
    return directory


def _read(root: str, base: str, path: str) -> str:
    """Return the path that a file of ``root`` names, which may begin at ``base``."""
    text = _text(path, tuple(files.signature(os.lstat(path))))
    # Windows would log in to the server that a path with two slashes names.
    is_remote = text.replace("\\", "/").startswith("//")
    is_long = len(text) > POINTER_SIZE
    if not text or is_long or is_remote or not _unwanted.isdisjoint(text):
        raise MetadataDamaged(
            f"no path of a directory in {escape(path)}",
            path=path,
            advice=_moved(root),
        )
    return join(base, text)


@lru_cache(maxsize=REMEMBERED_POINTERS)
def _text(path: str, signature: tuple[int, ...]) -> str:
    """Return the line in a file, which has that signature."""
    with files.open_regular(path) as stream:
        return os.fsdecode(stream.read(POINTER_SIZE + 2).removesuffix(b"\n"))


def _is_same(path: str, root: str) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.lstat(root))
    except OSError:
        return False


def _is_within(path: str, directory: str) -> bool:
    return f"{path}{os.sep}".startswith(join(directory, ""))


def _refused(root: str, directory: str, why: str) -> PathRefused:
    shown = escape(directory)
    return PathRefused(
        f"{shown} is not used as the control data of {escape(root)}: it {why}",
        path=directory,
        advice=_moved(root),
    )


def _moved(root: str) -> str:
    return (
        "If you have moved one of them, say where both are: 'zsync relocate "
        f"--control DIR {escape(root)}'. If the data is lost, or not yours, remove "
        f"{escape(join(root, paths.DATA))}, and use 'zsync attach'."
    )


# Making


@contextmanager
def placing(root: str, named: str) -> Iterator[None]:
    """Let the control data of a new working copy be in the directory ``named``.

    What was made is removed if the block fails, and no change is left to be finished.
    """
    check_free(root, named)
    directory = os.path.realpath(named)
    made = [_ignored(root), _pointer(root), join(directory, BACK)]
    made = [path for path in made if not os.path.lexists(path)]
    above = [*_missing(directory), *_missing(join(root, paths.DATA))]
    files.make_directories(directory)
    try:
        _join(root, directory, os.path.isabs(named))
        yield
    except BaseException:
        if {BACK, POINTER}.issuperset(files.DISK.listdir(directory)):
            _unmake(made, above)
        raise


def _unmake(made: list[str], above: list[str]) -> None:
    for path in filter(os.path.lexists, made):
        files.DISK.remove(path)
    for path in filter(os.path.lexists, above):
        files.DISK.rmdir(path)


def check_free(root: str, named: str) -> None:
    """Raise an error unless a new working copy can have its control data there.

    The directory is new or empty, or a checkout into it was interrupted.
    """
    directory = os.path.realpath(named)
    _check_place(root, directory)
    if is_outside(root) and followed(root) == directory:
        return
    if is_root(root):
        raise Error(
            f"{escape(root)} is a working copy already",
            path=root,
            advice="Its control data stays where it is: leave --control out.",
        )
    if os.path.lexists(directory) and not files.DISK.isdir(directory):
        raise Error(
            f"{escape(directory)} is no directory",
            path=directory,
            advice="Name one that is new or empty.",
        )
    if _is_used(root, directory):
        raise Error(
            f"{escape(directory)} is not empty",
            path=directory,
            advice="Control data needs a directory of its own.",
        )


def _is_used(root: str, directory: str) -> bool:
    tree = files.DISK
    names = tree.listdir(directory) if tree.exists(directory) else []
    if all(map(files.is_temporary, names)):
        return False
    return paths.ROOT in names or not _is_same(_named_by(root, directory), root)


def _named_by(root: str, directory: str) -> str:
    """Return the root that control data names; empty for none."""
    try:
        return os.path.realpath(_read(root, directory, join(directory, BACK)))
    except (OSError, Error):
        return ""


def _missing(path: str) -> list[str]:
    """Return the directories that have to be made, the innermost first."""
    found = []
    while not os.path.lexists(path):
        found.append(path)
        path = os.path.dirname(path)
    return found


def _check_place(root: str, directory: str) -> None:
    """Raise an error where a directory cannot have the control data of ``root``."""
    why = ""
    if _is_within(directory, root):
        why = "lies in the working copy"
    elif _is_within(root, directory):
        why = "holds the working copy"
    elif paths.is_control(os.path.basename(directory)):
        why = "has the name of a control directory"
    elif not _unwanted.isdisjoint(directory + root):
        why = "has a line break in its path"
    if why:
        raise Error(
            f"{escape(directory)} {why}",
            path=directory,
            advice="Name a directory beside the working copy.",
        )


def _join(root: str, directory: str, is_absolute: bool) -> None:
    """Let a root and its control data name each other."""
    there, here = directory, root
    if not is_absolute:
        there, here = os.path.relpath(directory, root), os.path.relpath(root, directory)
    files.make_directories(join(root, paths.DATA))
    if not os.path.lexists(_ignored(root)):
        files.write_new(_ignored(root), [b"*\n"])
    with files.SaveFile(join(directory, BACK)) as stream:
        stream.write(os.fsencode(f"{here}\n"))
    with files.SaveFile(_pointer(root)) as stream:
        stream.write(os.fsencode(f"{there}\n"))


# Moving


def relocate(root: str, named: str) -> str:
    """Let ``root`` have its control data in a directory, to which it was moved.

    Either may have been moved, or the data out of `.zsync`.  Return the directory.
    """
    directory = os.path.realpath(named)
    _check_place(root, directory)
    for each in (paths.DATA, paths.CONTROL):
        if os.path.lexists(join(root, each, paths.ROOT)):
            raise Error(
                f"{escape(root)} has control data of its own, in {each}",
                path=root,
                advice=f"Move {each} to where you want it first.",
            )
    if not files.DISK.isfile(join(directory, paths.ROOT)):
        raise Error(
            f"no control data in {escape(directory)}",
            path=directory,
            advice="Name the directory that you have moved; if it is lost, use "
            "'zsync attach'.",
        )
    with Lock(join(directory, "Lock"), "zsync relocate"):
        _check_unused(root, directory)
        _join(root, directory, os.path.isabs(named))
    return directory


def _check_unused(root: str, directory: str) -> None:
    """Raise an error where another working copy has its control data here."""
    other = _named_by(root, directory)
    try:
        is_used = bool(other) and followed(other) == directory
    except (OSError, Error):
        return
    if is_used and not _is_same(other, root):
        raise Error(
            f"{escape(directory)} has the control data of {escape(other)}",
            path=directory,
            advice="Each working copy needs its own: for a copy of the files, use "
            "'zsync attach'.",
        )
