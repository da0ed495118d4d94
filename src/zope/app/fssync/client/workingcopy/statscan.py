"""Compare the signatures of all files below a directory with the index.

In a working copy that has not changed this takes the time of one ``lstat`` a file.
So large ones are shared out to all processors.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from array import array
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from os.path import join
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from typing import NoReturn

from zope.app.fssync.client.workingcopy.index import DAMAGES
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.place import BASE
from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import control_in
from zope.app.fssync.client.workingcopy.place import described_data
from zope.fssync import paths
from zope.fssync.files import NO_SIGNATURE
from zope.fssync.files import Signature
from zope.fssync.files import blake2b
from zope.fssync.files import signature
from zope.fssync.files import signature_at
from zope.fssync.files import signatures_in
from zope.fssync.limits import SCAN_PROCESSES
from zope.fssync.limits import SCAN_SHARE
from zope.fssync.limits import SCANNED_OUTLINES

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.statcache import Record

__all__ = [
    "NO_NAMES",
    "ScanResult",
    "below_control",
    "control_signatures",
    "is_as_before",
    "list_of",
    "outline_of",
    "sweep",
]

#: What is no name of an object.
NO_NAMES = ("", os.curdir, os.pardir, paths.CONTROL)


class ScanResult(NamedTuple):
    """The scan of a directory whose control data is unchanged.

    ``number`` counts the records, ``unlike`` has the names of those that do not
    hold any more.  ``settled`` says that all registered objects are there as the
    server sent them, those in ``directories`` not counting what is in them, and
    ``alone`` that nothing else is there.
    """

    number: int
    directories: list[str]
    unlike: list[str]
    settled: bool
    alone: bool = False


def control_signatures(control: str, is_root: bool) -> list[Signature | None]:
    """Return the signatures of the control data of a directory."""
    own = [join(control, name) for name in (paths.ENTRIES, BASE)]
    # The control directory of the root changes with every command.
    if not is_root:
        own.append(control)
    return [signature_at(path) for path in own]


def sweep(index: Index, root: str, top: str) -> dict[str, ScanResult]:
    """Scan the files in directory ``top`` and below.

    Directories are relative to ``root``.  Those with changed control data or without
    a record are left out.
    """
    sizes = list(index.sizes(top))
    # Asking how many may look takes longer than a look at a few files.
    is_large = sum(size for _, size in sizes) >= 2 * SCAN_SHARE
    shares = _shares(sizes, _number_of_processes() if is_large else 1)
    found: dict[str, ScanResult] = {}
    helpers: list[_Helper] = []
    try:
        for share in shares[1:]:
            helpers.append(_Helper(partial(_look, index, root, share)))
        found.update(_look(index, root, shares[0]))
        for helper in helpers:
            found.update(helper.answer())
    finally:
        for helper in helpers:
            helper.end()
    return found


def _shares(sizes: Iterable[tuple[str, int]], number: int) -> list[list[str]]:
    """Directories in about equal shares; at least one, maybe empty."""
    places = sorted(sizes, key=lambda place: place[1], reverse=True)
    total = sum(size for _, size in places)
    shares: list[list[str]] = [
        [] for _ in range(max(1, min(number, total // SCAN_SHARE)))
    ]
    loads = [0] * len(shares)
    for place, size in places:
        least = loads.index(min(loads))
        shares[least].append(place)
        loads[least] += size
    return shares


def _number_of_processes() -> int:
    """How many processes may look."""
    # Libraries of macOS do not stand a fork.
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    # Imported where there are others.
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), SCAN_PROCESSES)
    return min(os.cpu_count() or 1, SCAN_PROCESSES)


class _Helper:
    """A process that scans a share.

    A directory that it does not answer for is scanned when it is asked for.
    """

    def __init__(self, look: Callable[[], dict[str, ScanResult]]) -> None:
        reader, writer = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(reader)
            _answer(look, writer)
        os.close(writer)
        self._stream = os.fdopen(reader, "rb")

    def answer(self) -> dict[str, ScanResult]:
        with suppress(ValueError):
            found = json.loads(self._stream.read())
            return {place: ScanResult(*values) for place, values in found.items()}
        return {}

    def end(self) -> None:
        self._stream.close()
        # To import `signal` for the name takes as long as to look at 1,000 files.
        os.kill(self._process, 9)
        os.waitpid(self._process, 0)


def _answer(look: Callable[[], dict[str, ScanResult]], writer: int) -> NoReturn:
    """Write what was found, and end without what belongs to the parent's end."""
    try:
        with os.fdopen(writer, "wb") as stream:
            stream.write(json.dumps(look()).encode())
    finally:
        os._exit(0)


def _look(index: Index, root: str, places: Iterable[str]) -> dict[str, ScanResult]:
    found: dict[str, ScanResult] = {}
    data = described_data(root)
    waiting = list(places)
    while waiting:
        # Outlines take memory: those of some directories at once.
        some, waiting = waiting[:SCANNED_OUTLINES], waiting[SCANNED_OUTLINES:]
        controls = [control_in(root, place, data) for place in some]
        outlines = index.outlines(some)
        for place, own, outline in zip(some, controls, outlines, strict=True):
            # Ignore a damaged or foreign index.
            with suppress(OSError, *DAMAGES):
                looked = _look_at(index, join(root, place, ""), place, own, outline)
                if looked is not None:
                    found[place] = looked
    return found


def _look_at(
    index: Index, prefix: str, place: str, own: str, outline: Any
) -> ScanResult | None:
    """Return the scan of a directory; None if its control data has changed."""
    control = control_signatures(own, place == os.curdir)
    below = below_control(own, prefix)
    outlined = _by_outline(outline, prefix, control, below)
    if outlined is not None:
        return outlined
    known, records, complete = index.get(place)
    if known != control:
        return None
    return _look_in(prefix, records, complete is True, below)


def outline_of(
    control: Any, records: Mapping[str, Record], listed: Sequence[int] | None
) -> list[Any] | None:
    """Return an outline of all records; None where one of them is not as it was sent.

    It has the names of all files in the directory, the paths of those elsewhere, and
    the digest of their signatures, in this order.  ``listed`` is the `list_of` the
    directory if nothing else is in it.
    """
    if not all(record.received for record in records.values()):
        return None
    names: dict[str, Signature | None] = {}
    others: dict[str, Signature | None] = {}
    directories = []
    for name, (look, parts, _, _) in records.items():
        if look is None:
            directories.append(name)
        else:
            names[name] = look
        for path, seen in parts:
            (others if os.sep in path else names)[path] = seen
    numbers = [
        number
        for look in (*names.values(), *others.values())
        for number in look or NO_SIGNATURE
    ]
    digest = _digest(numbers)
    if digest is None:
        return None
    return [control, digest, len(records), directories, [*names], [*others], listed]


def list_of(status: os.stat_result) -> list[int]:
    """Return what changes in a directory when a name in it does, whoever hides it."""
    return [status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def _by_outline(
    outline: Any, prefix: str, control: Any, below: str
) -> ScanResult | None:
    """Return the scan of a directory that is as an outline says; None for others."""
    if outline is None or outline[0] != control:
        return None
    _, digest, number, directories, names, others, listed = outline
    alone = listed is not None and listed == list_of(os.lstat(prefix))
    if any(os.sep in name or name in NO_NAMES for name in directories):
        return None
    numbers = signatures_in(prefix, names)
    for path in others:
        numbers.extend(signature_at(prefix + path) or NO_SIGNATURE)
    if _digest(numbers) != digest or not all(
        is_as_before(prefix, name, None, (), below) for name in directories
    ):
        return None
    return ScanResult(number, directories, [], True, alone)


def _digest(numbers: list[int]) -> str | None:
    """Return a digest of numbers; None if there are such as no signature has."""
    try:
        data = array("q", numbers)
    except OverflowError:
        return None
    digest = blake2b(digest_size=16)
    digest.update(data)
    return digest.hexdigest()


def _look_in(
    prefix: str, records: dict[str, Any], complete: bool, below: str
) -> ScanResult:
    directories = []
    unlike = []
    all_received = True
    for name, (look, parts, received, _) in records.items():
        if os.sep in name or name in NO_NAMES:
            raise ValueError(name)
        if look is None:
            directories.append(name)
        if not is_as_before(prefix, name, look, parts, below):
            unlike.append(name)
        if received is not True:
            all_received = False
    settled = complete and all_received and not unlike
    return ScanResult(len(records), directories, unlike, settled)


def below_control(control: str, prefix: str) -> str:
    """Return what is before the names of directories where their control data is.

    ``prefix`` is the directory that ``control`` is about, with a slash.
    """
    if control == prefix + paths.CONTROL:
        return prefix
    if os.path.basename(control) == paths.CONTROL:
        return join(os.path.dirname(control), "")
    return join(control, TREE, "")


def is_as_before(prefix: str, name: str, look: object, parts: Any, below: str) -> bool:
    """Return True if the signatures of an object and of its parts are unchanged.

    ``below`` is where control data of directories is, see `below_control`.
    """
    try:
        status = os.lstat(prefix + name)
        if look is None:
            if not stat.S_ISDIR(status.st_mode):
                return False
            # Gone where the directory was deleted and made anew.
            os.lstat(join(below + name, paths.CONTROL, paths.ENTRIES))
        elif signature(status) != look:
            return False
        for part, seen in parts:
            if signature_at(prefix + part) != seen:
                return False
    except (OSError, ValueError, TypeError):
        return False
    return True
