"""What lies in the control directories of working copies of any layout, and where."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.fssync import paths
from zope.fssync.descriptionnames import is_description
from zope.fssync.files import Tree

__all__ = ["Part", "control", "has", "listed", "read", "remove", "write"]


def control(directory: Path) -> Path:
    """Return the directory on the disk with the control data of a directory.

    That of what a working copy begins with is at its root.
    """
    return Path(CompactTree(Tree()).place(str(directory)).control)


def has(path: Path) -> bool:
    """Return True if anything is at a path of the layout of 3.6.0."""
    return CompactTree(Tree()).exists(str(path))


def read(path: Path) -> bytes:
    """Return a file by its path in the layout of 3.6.0, wherever it lies."""
    with CompactTree(Tree()).open(str(path)) as stream:
        found: bytes = stream.read()
    return found


def write(path: Path, content: bytes) -> None:
    """Write a file, as a person would who edits it."""
    files = CompactWriter(Tree())
    files.write(str(path), [content])
    files.flush()


def remove(path: Path) -> None:
    """Remove a file, as a person would."""
    files = CompactWriter(Tree())
    files.remove(str(path))
    files.flush()


def listed(directory: Path) -> list[str]:
    """Return the names of the files in a directory that are no control data."""
    return sorted(
        path.name
        for path in directory.iterdir()
        if path.name not in (paths.CONTROL, paths.DATA)
        if not is_description(path.name)
    )


class Part:
    """A file of control data by its path in the layout of 3.6.0, used as a `Path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return has(self.path)

    def read_bytes(self) -> bytes:
        return read(self.path)

    def read_text(self) -> str:
        return read(self.path).decode()

    def write_bytes(self, content: bytes) -> None:
        write(self.path, content)

    def write_text(self, content: str) -> None:
        write(self.path, content.encode())

    def unlink(self) -> None:
        remove(self.path)
