"""Notice changes of files below a directory, by the system or by scans.

The package watchdog uses the notifications of the operating system.  Without it the
files are scanned repeatedly, which is slower the more files there are.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join
from stat import S_ISDIR
from time import monotonic
from typing import Any

from zope.fssync import paths
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import is_temporary
from zope.fssync.files import signature
from zope.fssync.files import signature_at
from zope.fssync.limits import WATCH_PROBE
from zope.fssync.limits import WATCH_SCAN
from zope.fssync.limits import WATCH_SCAN_SHARE

__all__ = ["Scan", "is_of_an_editor", "is_probe", "noticing"]

#: Prefixes and suffixes of files that editors keep while a file is open, or write
#: before they rename it.
_BEGINNINGS = (".#", "#", ".~lock.", ".goutputstream-", "~$")
_ENDS = (
    *("~", "#", ".swp", ".swo", ".swx", ".tmp", ".part", ".crdownload"),
    *("___jb_tmp___", "___jb_old___", ".kate-swp"),
)

#: The names of vim's probes.
_NUMBER = re.compile(r"[1-9]\d{3,4}", re.ASCII)
_PROBES = range(4913, 100_000, 123)


def is_of_an_editor(name: str) -> bool:
    """Return True for the name of a temporary file of an editor."""
    if name.startswith(_BEGINNINGS) or name.endswith(_ENDS):
        return True
    return is_temporary(name)


def is_probe(path: str) -> bool:
    """Return True for a probe, which vim creates briefly to test the directory.

    It is empty, and has the first free name of 4913, 5036, 5159 and so on.
    """
    name = os.path.basename(path)
    if not _NUMBER.fullmatch(name) or int(name) not in _PROBES:
        return False
    look = signature_at(path)
    if look is None:
        return True
    _, size, modified, _ = look
    return not size and abs(time.time() - modified / 1e9) < WATCH_PROBE


@contextmanager
def noticing(root: str, notice: Callable[[], object]) -> Iterator[bool]:
    """Call ``notice`` from another thread whenever content below ``root`` changes.

    Yield False if the system has no notifications; ``notice`` is never called then.
    """
    try:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer
    except ImportError:
        yield False
        return

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: Any) -> None:
            if event.event_type in ("opened", "closed_no_write"):
                return
            for path in (event.src_path, getattr(event, "dest_path", "")):
                if path and _is_content(root, os.fsdecode(path)):
                    notice()
                    return

    observer = Observer()
    try:
        observer.schedule(Handler(), root, recursive=True)
        observer.start()
    except OSError:
        # The limit of the system for notifications is reached.
        yield False
        return
    try:
        yield True
    finally:
        observer.stop()
        observer.join()


def _is_content(root: str, path: str) -> bool:
    """Return True unless a path is control data, which every command changes."""
    parts = os.path.relpath(path, root).split(os.sep)
    return not any(map(paths.is_control, parts)) and not is_of_an_editor(parts[-1])


class Scan:
    """Find changes by scanning all files below a directory."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._tree = Tree()
        self.pause = WATCH_SCAN
        self._known = self._look()

    def has_changed(self) -> bool:
        """Return True if anything has changed since the last call."""
        began = monotonic()
        before, self._known = self._known, self._look()
        self.pause = max(WATCH_SCAN, WATCH_SCAN_SHARE * (monotonic() - began))
        return before != self._known

    def _look(self) -> dict[str, Signature]:
        found: dict[str, Signature] = {}
        stack = [self._root]
        while stack:
            directory = stack.pop()
            try:
                names = self._tree.listdir(directory)
            except OSError:
                # The file was removed meanwhile.
                continue
            for name in names:
                if paths.is_control(name) or is_of_an_editor(name):
                    continue
                path = join(directory, name)
                try:
                    status = os.lstat(path)
                except OSError:
                    continue
                if S_ISDIR(status.st_mode):
                    stack.append(path)
                    found[path] = []
                else:
                    found[path] = signature(status)
        return found
