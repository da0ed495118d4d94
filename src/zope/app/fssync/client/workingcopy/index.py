"""The stat cache on disk, `@@Zope/Index`: signatures of unchanged files.

The index is derived and can be deleted at any time.  A file that cannot be read or
written counts as absent: no command fails for it.  The first line has the sizes of
the table of blocks, in the file and inflated; table and blocks are each deflated by
themselves.  Before the block of a directory in which nothing has changed is an outline
of it, which takes less time to read: names, and one digest of all their signatures.

A record says: as long as the signatures of this file and of the control data of its
directory are those, the file equals its original.  A signature has inode, size, and
the times of modification and of change; the latter cannot be set, so that an edit
which keeps size and modification time is seen.  Entries modified in or after the
current tick of the clock of the file system are not recorded (git calls them
"racily clean").

An attacker who can write into a working copy can make its index say that a modified
file is unmodified or that an unregistered one is not there, and nothing else:
signatures are only compared, and names are only joined to the directory that is
examined.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.compression import compressed
from zope.app.fssync.client.workingcopy.compression import expanded
from zope.app.fssync.client.workingcopy.indexjson import DAMAGES
from zope.app.fssync.client.workingcopy.indexjson import load_json
from zope.app.fssync.client.workingcopy.indexjson import load_outline
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import staging_of
from zope.fssync import files
from zope.fssync.errors import Error
from zope.fssync.limits import CLOCK_TICK
from zope.fssync.limits import CLOCK_TICKS
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SIZES

__all__ = [
    "DAMAGES",
    "Block",
    "Index",
    "clock_of",
    "clocks",
    "index_chunks",
    "index_path",
    "passed",
    "place_of",
]

_name = "Index"
_magic = b"zsync index 4 "


class Index:
    """The records of the working copy ``root``, one block for each directory.

    A block is what `json` reads; whoever gets one checks its form.
    """

    def __init__(self, root: str) -> None:
        self.path = index_path(root)
        self._root = root
        self._data = b""
        self._places: dict[str, list[Any]] = {}
        self._new: dict[str, Block] = {}
        self._probe: str | None = None
        self._began = 0
        # A missing or damaged index is ignored.
        with suppress(OSError, Error, *DAMAGES):
            self._load()

    def _load(self) -> None:
        with files.open_regular(self.path) as stream:
            line = stream.readline(64)
            if line.startswith(_magic):
                stored, size = map(int, line[len(_magic) :].split())
                places = load_json(_expanded(stream.read(stored), size))
                self._places = {
                    directory: [*map(int, numbers), whole]
                    for directory, (*numbers, whole) in places.items()
                }
                self._data = stream.read(DEFAULT.entries_size)

    def get(self, directory: str) -> Any:
        """The block of a directory, a path relative to the root; None without."""
        with suppress(KeyError, Error, *DAMAGES):
            _, start, end, _, size, _ = self._places[directory]
            return load_json(_expanded(self._data[start:end], size))
        return None

    def outline(self, directory: str) -> Any:
        """The outline of the block of a directory; None without."""
        return self.outlines([directory])[0]

    def outlines(self, directories: Iterable[str]) -> list[Any]:
        """The outlines of the blocks of directories; None for one without."""
        return [*map(load_outline, [*map(self._outlined, directories)])]

    def _outlined(self, directory: str) -> bytes | None:
        with suppress(KeyError, Error, *DAMAGES):
            start, end, _, size, _, _ = self._places[directory]
            return _expanded(self._data[start:end], size)
        return None

    def sizes(self, top: str) -> Iterator[tuple[str, int]]:
        """The directories that have blocks, from ``top`` downwards, with their sizes.

        Sizes are those of inflated blocks, in bytes.
        """
        below = "" if top == os.curdir else f"{top}{os.sep}"
        for directory, (*_, size, _) in self._places.items():
            if directory == top or directory.startswith(below):
                yield directory, size

    def whole(self, directory: str) -> Any:
        """Return how to find that nothing in a directory is lost; None without."""
        with suppress(KeyError, *DAMAGES):
            return self._places[directory][-1]
        return None

    def put(
        self, directory: str, block: Any, whole: Any = None, outline: Any = None
    ) -> None:
        """Take over a block."""
        self._new[directory] = Block.of(block, whole, outline)

    def began(self) -> int:
        """When looking began, by the clock of the file system; of two the earlier.

        0 where nothing can be recorded.
        """
        if self._probe is None:
            probe = os.path.join(os.path.dirname(self.path), f".#{os.urandom(8).hex()}")
            self._probe = ""
            with suppress(OSError):
                files.create(probe).close()
                self._probe = probe
                # The file system of the tree may be another one.
                others = map(clock_of, clocks(self._root)[1:])
                self._began = min([os.lstat(probe).st_mtime_ns, *others])
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
                    files.Tree(self._root).remove(self._probe)
        self._probe, self._new = None, {}

    def _written(self) -> Iterator[bytes]:
        blocks = {
            directory: Block(
                self._data[middle:end], size, whole, self._data[start:middle], outlined
            )
            for directory, (
                start,
                middle,
                end,
                outlined,
                size,
                whole,
            ) in self._places.items()
        }
        blocks.update(self._new)
        return index_chunks(blocks)


class Block(NamedTuple):
    """The data of one directory: a block, its `Index.whole`, and its outline.

    ``size`` is that of the block, of which ``data`` is deflated.
    """

    data: bytes
    size: int
    whole: Any
    outline: bytes
    outline_size: int

    @classmethod
    def of(cls, block: Any, whole: Any, outline: Any = None) -> Block:
        """Return what is kept of values that `json` writes."""
        text, short = _dumped(block), _dumped(outline)
        return cls(compressed(text), len(text), whole, compressed(short), len(short))


def _dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _expanded(data: bytes, size: int) -> bytes:
    if size > SIZES.index_size:
        raise ValueError("more than any index has")
    return expanded(data, size)


def index_path(root: str) -> str:
    """Return where the index of a working copy is."""
    return os.path.join(control_of(root), _name)


def index_chunks(blocks: Mapping[str, Block]) -> Iterator[bytes]:
    """The bytes of an index with these blocks, by directory."""
    places, end = {}, 0
    for directory, block in blocks.items():
        start, middle = end, end + len(block.outline)
        end = middle + len(block.data)
        sizes = block.outline_size, block.size
        places[directory] = [start, middle, end, *sizes, block.whole]
    text = _dumped(places)
    data = compressed(text)
    yield b"%s%d %d\n%s" % (_magic, len(data), len(text), data)
    for block in blocks.values():
        yield block.outline
        yield block.data


def clocks(root: str) -> list[str]:
    """Return the directories by whose file systems' clocks files may be dated.

    The first has the control data, and another one is in the tree if that has not.
    """
    return list(dict.fromkeys((control_of(root), os.path.dirname(staging_of(root)))))


def clock_of(directory: str) -> int:
    """Return what the clock of a file system says, in nanoseconds."""
    probe = os.path.join(directory, f".#{os.urandom(8).hex()}")
    with files.create(probe) as stream:
        now = os.fstat(stream.fileno()).st_mtime_ns
    files.Tree(directory).remove(probe)
    return now


def passed(directories: Iterable[str], moment: int) -> bool:
    """Wait until the clocks of file systems are later than a moment.

    Return False where one is too coarse to wait for it: it would not show an edit.
    """
    for _ in range(CLOCK_TICKS):
        time.sleep(CLOCK_TICK)
        if min(map(clock_of, directories)) > moment:
            return True
    return False


def place_of(status: os.stat_result) -> list[int]:
    """Return what changes in a directory when a name is added or removed."""
    return [status.st_ino, status.st_mtime_ns]
