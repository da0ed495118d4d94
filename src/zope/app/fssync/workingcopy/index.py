"""What files looked like when they were last found unchanged: `@@Zope/Index`.

The index is derived and can be deleted at any time.  What cannot be read or
written counts as absent: nothing ever fails for its sake.

A record says: as long as the control data of this directory and this file look
as they did then, the file equals its original.  What a file looks like is its
inode, size and times of modification and of change; the latter cannot be set,
so an edit that keeps size and modification time is seen.  An edit in the moment
of looking might not be: so nothing is recorded that has changed in the tick of
the file system's clock in which looking began, or later, or in its future.

Whoever can write into a working copy can make its index say that a modified
file is unmodified, and nothing else: what it says is compared, never followed,
and no name in it becomes a path but by joining it to the directory looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.limits import DEFAULT

__all__ = ["Index", "Signature", "looks", "looks_at"]

#: Inode, size, time of modification, time of change.
Signature = list[int]

_name = "Index"
_magic = b"zsync index 1 "
#: What reading something else than an index raises.
_damages = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)


class Index:
    """The records of the working copy ``root``, one block for each directory.

    A block is what `json` reads; whoever gets one checks its form.
    """

    def __init__(self, root: str) -> None:
        self.path = os.path.join(root, paths.CONTROL, _name)
        self._tree = files.Tree(root)
        self._data = b""
        self._places: dict[str, list[int]] = {}
        self._new: dict[str, bytes] = {}
        self._probe: str | None = None
        self._began = 0
        # Deleted or damaged it is of no use, but no harm.
        with suppress(OSError, Error, *_damages):
            self._load()

    def _load(self) -> None:
        with files.open_regular(self.path) as stream:
            line = stream.readline(64)
            if line.startswith(_magic):
                places = json.loads(stream.read(int(line[len(_magic) :])))
                self._places = {
                    directory: [int(start), int(end)]
                    for directory, (start, end) in places.items()
                }
                self._data = stream.read(DEFAULT.entries_size)

    def get(self, directory: str) -> Any:
        """The block of a directory, a path relative to the root; None without."""
        with suppress(KeyError, *_damages):
            start, end = self._places[directory]
            return json.loads(self._data[start:end])
        return None

    def put(self, directory: str, block: Any) -> None:
        """Take over a block."""
        self._new[directory] = json.dumps(block, separators=(",", ":")).encode()

    def began(self) -> int:
        """When looking began, by the clock of the file system.

        0 where nothing can be recorded.
        """
        if self._probe is None:
            probe = os.path.join(os.path.dirname(self.path), f".#{os.urandom(8).hex()}")
            self._probe = ""
            with suppress(OSError):
                files.create(probe).close()
                self._probe = probe
                self._began = os.lstat(probe).st_mtime_ns
        return self._began

    def close(self) -> None:
        """Write what is new."""
        if self._probe:
            with suppress(OSError, Error):
                if self._new:
                    with files.overwrite(self._probe) as stream:
                        stream.writelines(self._written())
                    files.replace(self._probe, self.path)
                else:
                    self._tree.remove(self._probe)
        self._probe, self._new = None, {}

    def _written(self) -> Iterator[bytes]:
        blocks = {
            directory: self._data[start:end]
            for directory, (start, end) in self._places.items()
        }
        blocks.update(self._new)
        places, end = {}, 0
        for directory, block in blocks.items():
            places[directory] = [end, end + len(block)]
            end += len(block)
        text = json.dumps(places).encode()
        yield b"%s%d\n%s" % (_magic, len(text), text)
        yield from blocks.values()


def looks(status: os.stat_result) -> Signature:
    """What a file looks like."""
    return [
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    ]


def looks_at(path: str) -> Signature | None:
    """What the file at a path looks like; None where there is none."""
    try:
        return looks(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
